import assert from 'node:assert'
import { expect } from 'chai'
import { NEED_MORE } from '../../../lib/net/codecs/codec.js'
import { Input } from '../../../lib/net/codecs/input.js'
import { binaryCodec } from '../../../lib/protocol/binary/client/binary-codec.js'
import { type ClientCodec, ReplyError } from '../../../lib/protocol/client/client-codec.js'
import type { ReplyMessage } from '../../../lib/protocol/client/reply-message.js'
import { metaCodec } from '../../../lib/protocol/meta/client/meta-codec.js'
import { textCodec } from '../../../lib/protocol/text/client/text-codec.js'
import { REPLY_VALUE_LENGTH_MAX } from '../../../lib/request/limits.js'
import { Op, reply, uint32, uint64 } from '../../support/frames.js'
import { Random } from '../../support/random.js'

const RUN_COUNT = Number(process.env['RUNS'] ?? 3000)
const FRAGMENTS_MAX = 6

const TEXT = [
  'VALUE k 0 3\r\nabc\r\n',
  'VALUE key 4294967295 0 18446744073709551615\r\n\r\n',
  'END\r\n',
  'STORED\r\n',
  '12345678901234567890\r\n',
  'STAT name some value\r\n',
  'CLIENT_ERROR bad data chunk\r\n',
  'SERVER_ERROR out of memory\r\n',
  'VERSION 1.6.40\r\n',
  'HD f0 c12 O5 kk\r\n',
  'VA 3 f7 c18446744073709551615 O4294967295 W\r\nabc\r\n',
  'ME key exp=-1\r\n',
  'EN O7\r\n',
  'MN\r\n',
  'key=a exp=-1\n',
].map((line) => Buffer.from(line))

const BINARY = [
  reply(Op.GET, { extras: uint32(7), value: 'abc', cas: 5n, opaque: 9 }),
  reply(Op.GETKQ, { extras: uint32(7), key: 'k', value: '', cas: 1n << 63n }),
  reply(Op.GETK, { key: 'k', status: 1 }),
  reply(Op.SET, { status: 2, value: 'Data exists for key.' }),
  reply(Op.INCREMENT, { value: uint64(5n) }),
  reply(Op.STAT, { key: 'name', value: 'value' }),
  reply(Op.STAT),
  reply(Op.NOOP, { opaque: 0xffff_ffff }),
  reply(0xff, { status: 0x81, value: 'Unknown command' }),
]

const CODECS: readonly [string, () => ClientCodec, readonly Buffer[]][] = [
  ['text', textCodec, TEXT],
  ['meta', metaCodec, TEXT],
  ['binary', binaryCodec, BINARY],
]

/** Replies one behind the other, of which some bytes were changed, taken out or put in. */
function damaged(random: Random, fragments: readonly Buffer[]): Buffer {
  const parts = Array.from({ length: 1 + random.below(FRAGMENTS_MAX) }, () => random.pick(fragments))
  let bytes = Buffer.concat(parts)
  for (let count = random.below(4); count > 0 && bytes.length > 0; count--) {
    const at = random.below(bytes.length)
    const rest = bytes.subarray(at)
    const byte = Buffer.from([random.chance(0.5) ? random.below(256) : random.pick(Array.from(bytes))])
    if (random.chance(0.4)) bytes = Buffer.concat([bytes.subarray(0, at), byte, rest.subarray(1)])
    else if (random.chance(0.5)) bytes = Buffer.concat([bytes.subarray(0, at), rest.subarray(1)])
    else bytes = Buffer.concat([bytes.subarray(0, at), byte, rest])
  }
  return bytes
}

interface Outcome {
  readonly messages: readonly string[]
  readonly end: 'empty' | 'incomplete' | 'error'
}

/** What the codec makes of bytes that arrive in pieces. Any error but a ReplyError is thrown. */
function outcomeOf(codec: ClientCodec, bytes: Buffer, pieceLength: () => number): Outcome {
  const messages: string[] = []
  const input = new Input(bytes)
  try {
    while (input.end < bytes.length) {
      input.end = Math.min(bytes.length, input.end + pieceLength())
      while (input.end - input.start >= Math.max(1, input.neededLength)) {
        const { start } = input
        const message = codec.decode(input)
        if (message === NEED_MORE) {
          assert(isWaiting(input, start), 'it waits for what cannot come')
          break
        }
        assert(input.start > start && input.start <= input.end, 'the start has not moved')
        assert(hasRanges(message, input.start), 'ranges that are not in the message')
        messages.push(contentOf(message))
      }
    }
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error
    assert(error.bytes.length >= 1 && error.bytes.length <= 64, 'the error has no bytes')
    return { messages, end: 'error' }
  }
  return { messages, end: input.start === input.end ? 'empty' : 'incomplete' }
}

function isWaiting(input: Input, start: number): boolean {
  const { neededLength } = input
  const isBounded = neededLength > input.end - start && neededLength <= REPLY_VALUE_LENGTH_MAX + 0x2_0000
  return input.start === start && (neededLength === 0 || isBounded)
}

function hasRanges(message: ReplyMessage, end: number): boolean {
  const { keyStart, keyEnd, valueStart, valueEnd, textStart, textEnd } = message
  const isRange = (from: number, to: number): boolean => from >= 0 && from <= to && to <= end
  return isRange(keyStart, keyEnd) && isRange(valueStart, valueEnd) && isRange(textStart, textEnd)
}

const contentOf = (message: ReplyMessage): string =>
  JSON.stringify([
    message.kind,
    message.status,
    message.code,
    message.opcode,
    message.opaque,
    message.clientFlags,
    `${message.cas}`,
    message.key.toString('latin1'),
    message.value.toString('latin1'),
    message.text,
  ])

describe('Damaged replies', () => {
  for (const [name, createCodec, fragments] of CODECS)
    it(`are messages or a ReplyError, the same however they are cut (${name})`, () => {
      const random = new Random()
      const counts = { empty: 0, incomplete: 0, error: 0, messages: 0 }
      for (let run = 0; run < RUN_COUNT; run++) {
        const bytes = damaged(random, fragments)
        const what = `seed ${random.seed}, run ${run}: ${JSON.stringify(bytes.toString('latin1'))}`
        try {
          const whole = outcomeOf(createCodec(), bytes, () => bytes.length)
          const cut = outcomeOf(createCodec(), bytes, () => 1 + random.below(8))
          if (JSON.stringify(cut) !== JSON.stringify(whole)) expect(cut).deep.equal(whole)
          counts[whole.end]++
          counts.messages += whole.messages.length
        } catch (error) {
          throw new Error(what, { cause: error })
        }
      }
      // Each outcome is met often: else nothing of this says much.
      for (const count of Object.values(counts)) expect(count).greaterThan(RUN_COUNT / 200)
    })

  for (const [name, createCodec] of CODECS)
    it(`of random bytes are no exception of another kind (${name})`, () => {
      const random = new Random()
      let errorCount = 0
      for (let run = 0; run < RUN_COUNT; run++) {
        const bytes = Buffer.from(Array.from({ length: 1 + random.below(60) }, () => random.below(256)))
        if (random.chance(0.5)) bytes[0] = name === 'binary' ? 0x81 : 0x41 + random.below(26)
        if (outcomeOf(createCodec(), bytes, () => 1 + random.below(60)).end === 'error') errorCount++
      }
      expect(errorCount).greaterThan(RUN_COUNT / 200)
    })
})
