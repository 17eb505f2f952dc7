import { expect } from 'chai'
import { NEED_MORE } from '../../../lib/net/codecs/codec.js'
import { Input } from '../../../lib/net/codecs/input.js'
import { binaryCodec } from '../../../lib/protocol/binary/client/binary-codec.js'
import { type ClientCodec, ReplyError } from '../../../lib/protocol/client/client-codec.js'
import { metaCodec } from '../../../lib/protocol/meta/client/meta-codec.js'
import { textCodec } from '../../../lib/protocol/text/client/text-codec.js'
import { REPLY_LINE_LENGTH_MAX } from '../../../lib/request/limits.js'
import { Op, reply, request } from '../../support/frames.js'

const GIGABYTE = 1024 ** 3

function inputOf(bytes: Buffer): Input {
  const input = new Input(bytes)
  input.end = bytes.length
  return input
}

const LINES: Readonly<Record<string, string>> = {
  'an empty line': '\r\n',
  'a line feed alone': '\n',
  'a space first': ' OK\r\n',
  'a frame of the binary protocol': '\x81\0\0\0',
  'a control character': 'bad\x01line\r\n',
  'a carriage return inside': 'bad\rline\r\n',
  'an item without its numbers': 'VALUE k\r\n',
  'an item without its length': 'VALUE k 0\r\n',
  'an item without its key': 'VALUE \r\n',
  'an item with two spaces': 'VALUE  k 0 1\r\nv\r\n',
  'client flags that are no number': 'VALUE k x 1\r\nv\r\n',
  'a length that is no number': 'VALUE k 0 1x\r\nv\r\n',
  'a negative length': 'VALUE k 0 -1\r\nv\r\n',
  'a cas that is no number': 'VALUE k 0 1 x\r\nv\r\n',
  'a cas of 65 bits': 'VALUE k 0 1 18446744073709551616\r\nv\r\n',
  'a word too many': 'VALUE k 0 1 5 6\r\nv\r\n',
  'a value that is shorter than its length': 'VALUE k 0 2\r\nv\r\nEND\r\n',
  'a value that is longer than its length': 'VALUE k 0 2\r\nvvv\r\nEND\r\n',
  'a value whose line ends otherwise': 'VALUE k 0 1\r\nv\nEND\r\n',
  'a value of more than a gigabyte': `VALUE k 0 ${GIGABYTE + 1}\r\n`,
  'a value of 64 bits': 'VALUE k 0 18446744073709551615\r\n',
  'a statistic without its name': 'STAT \r\n',
  'a meta value without its length': 'VA\r\n',
  'a meta value with a wrong length': 'VA x\r\nv\r\n',
  'a meta value of 64 bits': 'VA 18446744073709551615 f0\r\n',
  'a meta value that is longer than its length': 'VA 1 f0\r\nvv\r\n',
  'meta client flags that are no number': 'HD fx\r\n',
  'a meta cas that is no number': 'HD c\r\n',
  'a space too many': 'HD  f0\r\n',
  'a description without its key': 'ME\r\n',
}

const FRAMES: Readonly<Record<string, Buffer>> = {
  'a request': request(Op.NOOP),
  'a line of text': Buffer.from('ERROR\r\n'),
  'a key that is longer than the body': reply(Op.GETK, { key: 'key', bodyLength: 2 }),
  'extras that are longer than the body': reply(Op.NOOP, { extrasLength: 1 }),
  'a body of four gigabytes': reply(Op.GET, { bodyLength: 0xffff_ffff }),
  'an item without its client flags': reply(Op.GET, { value: 'v' }),
  'a counter of seven bytes': reply(Op.INCREMENT, { value: '1234567' }),
}

const expectError = (codec: ClientCodec, bytes: Buffer): void => {
  const input = inputOf(bytes)
  try {
    expect(codec.decode(input)).equal('an error')
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error
    expect(error.code).equal('PROTOCOL')
    expect(error.bytes).deep.equal(bytes.subarray(0, 64))
  }
  expect(input.start).equal(0)
}

describe('What is no reply is an error with the bytes:', () => {
  for (const [name, createCodec] of Object.entries({ textCodec, metaCodec }))
    for (const [what, line] of Object.entries(LINES))
      it(`${what} (${name})`, () => {
        expectError(createCodec(), Buffer.from(line, 'latin1'))
      })

  for (const [what, frame] of Object.entries(FRAMES))
    it(`${what} (binaryCodec)`, () => {
      expectError(binaryCodec(), frame)
    })

  it('a first byte that no reply has, before the others arrive', () => {
    expectError(binaryCodec(), Buffer.from([0x80]))
    expectError(textCodec(), Buffer.from([0x81]))
  })
})

describe('A line of a server', () => {
  const line = Buffer.alloc(REPLY_LINE_LENGTH_MAX + 1, 'x')
  line[line.length - 1] = 0x0a

  it('may be as long as the limit, with its end', () => {
    const codec = textCodec()
    expect(codec.decode(inputOf(line.subarray(1)))).not.equal(NEED_MORE)
  })

  it('is an error if it is longer, wherever its end is', () => {
    expectError(textCodec(), line)
    expectError(textCodec(), line.subarray(0, REPLY_LINE_LENGTH_MAX))
  })

  it('is waited for up to the limit', () => {
    expect(textCodec().decode(inputOf(line.subarray(0, REPLY_LINE_LENGTH_MAX - 1)))).equal(NEED_MORE)
  })
})

describe('A decoder of replies says how many bytes it waits for:', () => {
  const waitsFor = (codec: ClientCodec, bytes: Buffer): number => {
    const input = inputOf(bytes)
    expect(codec.decode(input)).equal(NEED_MORE)
    return input.neededLength
  }

  it('a header, then the body (binary)', () => {
    const frame = reply(Op.GET, { extras: Buffer.alloc(4), value: Buffer.alloc(1000) })
    expect(waitsFor(binaryCodec(), frame.subarray(0, 1))).equal(24)
    expect(waitsFor(binaryCodec(), frame.subarray(0, 24))).equal(frame.length)
    expect(waitsFor(binaryCodec(), frame.subarray(0, frame.length - 1))).equal(frame.length)
  })

  it('a value of the longest length', () => {
    expect(waitsFor(metaCodec(), Buffer.from(`VA ${GIGABYTE}\r\n`))).equal(
      GIGABYTE + 'VA 1073741824\r\n\r\n'.length,
    )
  })

  it('none after a message', () => {
    const codec = textCodec()
    const input = inputOf(Buffer.from('VALUE k 0 5\r\nvalue\r\nEND\r\n'))
    input.end = 15
    expect(codec.decode(input)).equal(NEED_MORE)
    expect(input.neededLength).equal(20)
    input.end = input.bytes.length
    expect(codec.decode(input)).not.equal(NEED_MORE)
    expect(input.neededLength).equal(0)
  })
})
