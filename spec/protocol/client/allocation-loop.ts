/**
 * How many bytes of the heap 200,000 requests or replies of each kind take, printed as JSON. A program of its own: whoever
 * counts bytes has to be alone on the heap.
 */
import { NEED_MORE } from '../../../lib/net/codecs/codec.js'
import { Input } from '../../../lib/net/codecs/input.js'
import { Output } from '../../../lib/net/codecs/output.js'
import { binaryCodec } from '../../../lib/protocol/binary/client/binary-codec.js'
import type { ClientCodec } from '../../../lib/protocol/client/client-codec.js'
import { RequestMessage } from '../../../lib/protocol/client/request-message.js'
import { metaCodec } from '../../../lib/protocol/meta/client/meta-codec.js'
import { textCodec } from '../../../lib/protocol/text/client/text-codec.js'
import { Command } from '../../../lib/request/command.js'
import { Op, reply, uint32, uint64 } from '../../support/frames.js'
import { leastGrowth } from '../../support/heap-growth.js'

const BATCH_LENGTH = 50
const ROUND_COUNT = 4000

const VALUE = Buffer.alloc(100, 'x')
const GET = Object.assign(new RequestMessage(), { command: Command.GET, key: 'some-key', opaque: 7 })
const SET = Object.assign(new RequestMessage(), {
  command: Command.SET,
  key: 'some-key',
  value: VALUE,
  clientFlags: 3,
  expiry: 2000000000,
  opaque: 7,
})

const CODECS = { text: textCodec(), meta: metaCodec(), binary: binaryCodec() } as const

/** Numbers of more than 31 bits, which are objects where they are not kept apart. */
const REPLIES: Readonly<Record<keyof typeof CODECS, Readonly<Record<string, Buffer>>>> = {
  text: {
    'an item': Buffer.from(`VALUE some-key 4294967295 100 123456789012345\r\n${VALUE}\r\n`),
    'the end': Buffer.from('END\r\n'),
    stored: Buffer.from('STORED\r\n'),
    'a number': Buffer.from('1234567890\r\n'),
    'an error': Buffer.from('CLIENT_ERROR cannot increment or decrement non-numeric value\r\n'),
  },
  meta: {
    'an item': Buffer.from(`VA 100 f4294967295 c123456789012345 O4294967295\r\n${VALUE}\r\n`),
    'a miss': Buffer.from('EN O7\r\n'),
    stored: Buffer.from('HD O4294967295\r\n'),
    'the end': Buffer.from('MN\r\n'),
  },
  binary: {
    'an item': reply(Op.GET, {
      extras: uint32(4294967295),
      value: VALUE,
      cas: 1n << 63n,
      opaque: 4294967295,
    }),
    'a miss': reply(Op.GET, { status: 1, value: 'Not found' }),
    stored: reply(Op.SET, { cas: 0xffff_ffffn, opaque: 4294967295 }),
    'a number': reply(Op.INCREMENT, { value: uint64(1n) }),
    'the end': reply(Op.NOOP, { opaque: 1 }),
  },
}

const waste: { last: unknown } = { last: undefined }

function decoding(codec: ClientCodec, message: Buffer, isWasteful = false): () => void {
  const bytes = Buffer.concat(new Array(BATCH_LENGTH).fill(message))
  const input = new Input(bytes)
  return () => {
    for (let round = 0; round < ROUND_COUNT; round++) {
      input.start = 0
      input.end = bytes.length
      while (input.start < input.end) {
        if (codec.decode(input) === NEED_MORE) throw new Error('a message is incomplete')
        if (isWasteful) waste.last = { round }
      }
    }
  }
}

function encoding(codec: ClientCodec, request: RequestMessage): () => void {
  const output = new Output()
  return () => {
    for (let round = 0; round < ROUND_COUNT; round++) {
      for (let count = 0; count < BATCH_LENGTH; count++) codec.encode(request, output)
      output.clear()
    }
  }
}

const growths: Record<string, number> = {}
for (const [name, codec] of Object.entries(CODECS)) {
  for (const [kind, message] of Object.entries(REPLIES[name as keyof typeof CODECS]))
    growths[`${name}: ${kind}`] = leastGrowth(decoding(codec, message))
  growths[`${name}: a get`] = leastGrowth(encoding(codec, GET))
  growths[`${name}: a set`] = leastGrowth(encoding(codec, SET))
}
growths['a record for every reply'] = leastGrowth(decoding(CODECS.text, Buffer.from('END\r\n'), true))
console.log(JSON.stringify(growths))
