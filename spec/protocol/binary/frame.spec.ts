import { readFileSync } from 'node:fs'
import { format } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import * as protocol from '../../../lib/protocol/index.js'
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  FrameError,
  type FrameErrorCode,
  FrameReader,
  opcodeCode,
  opcodeName,
  readExtras,
  reply,
  request,
  statusCode,
  statusName,
  statusText,
} from '../../../lib/protocol/index.js'

describe('frames of the binary protocol', () => {
  it('are what the example at the door says', () => {
    const door = readFileSync(new URL('../../../lib/protocol/index.js', import.meta.url), 'utf8')
    const example = /```js\n(.*?)```/s.exec(door)![1]!.replaceAll(/^ \* ?/gm, '')
    const said: string[] = []
    const console = { log: (...words: unknown[]) => said.push(format(...words)) }
    new Function('console', ...Object.keys(protocol), example)(console, ...Object.values(protocol))
    expect(said).to.deep.equal(example.match(/(?<=^\/\/ ).*/gm))
    expect(said).to.have.length(2)
  })

  describe('as bytes', () => {
    // Written out by hand from the protocol's description, a line for each row of its picture of the header.
    const TRANSCRIPTS: readonly { name: string; frame: Frame; hex: readonly string[] }[] = [
      {
        name: 'a get',
        frame: request('get', { key: 'Hello' }),
        hex: ['80 00 0005 00 00 0000', '00000005 00000000', '0000000000000000', '48656c6c6f'],
      },
      {
        name: 'an add with extras',
        frame: request('add', {
          key: 'Hello',
          value: 'World',
          extras: { clientFlags: 0xdeadbeef, expiry: 3600 },
        }),
        hex: [
          '80 02 0005 08 00 0000',
          '00000012 00000000',
          '0000000000000000',
          'deadbeef 00000e10',
          '48656c6c6f',
          '576f726c64',
        ],
      },
      {
        name: 'an increment with every number as large as it can be',
        frame: request('increment', {
          key: 'n',
          extras: { delta: 0xffff_ffff_ffff_ffffn, initial: 0x0102_0304_0506_0708n, expiry: 0xffff_ffff },
          vbucket: 0xffff,
          dataType: 0xff,
          opaque: 0xffff_ffff,
          cas: 0xffff_ffff_ffff_fffen,
        }),
        hex: [
          '80 05 0001 14 ff ffff',
          '00000015 ffffffff',
          'fffffffffffffffe',
          'ffffffffffffffff 0102030405060708 ffffffff',
          '6e',
        ],
      },
      {
        name: 'a noop',
        frame: request('noop', { opaque: 0x01020304 }),
        hex: ['80 0a 0000 00 00 0000', '00000000 01020304', '0000000000000000'],
      },
      {
        name: 'a hit of getk',
        frame: reply('getk', {
          key: 'Hello',
          value: 'World',
          extras: { clientFlags: 0xdeadbeef },
          opaque: 9,
          cas: 1n,
        }),
        hex: [
          '81 0c 0005 04 00 0000',
          '0000000e 00000009',
          '0000000000000001',
          'deadbeef',
          '48656c6c6f',
          '576f726c64',
        ],
      },
      {
        name: 'a miss',
        frame: reply('get', { status: 'NOT_FOUND', value: 'Not found' }),
        hex: ['81 00 0000 00 00 0001', '00000009 00000000', '0000000000000000', '4e6f7420666f756e64'],
      },
    ]

    for (const { name, frame, hex } of TRANSCRIPTS) {
      const bytes = Buffer.from(hex.join('').replaceAll(' ', ''), 'hex')

      it(`are right for ${name}, written and read`, () => {
        expect(encodeFrame(frame).toString('hex')).to.equal(bytes.toString('hex'))
        expect(decodeFrame(bytes)).to.deep.equal({ frame, end: bytes.length })
      })

      it(`are incomplete wherever ${name} is cut`, () => {
        for (let length = 0; length < bytes.length; length++)
          expect(decodeFrame(bytes.subarray(0, length)), `after ${length} bytes`).to.equal(undefined)
      })
    }

    it('come back as the frame they were written from', () => {
      fc.assert(
        fc.property(anyFrame, (frame) => {
          expect(decodeFrame(encodeFrame(frame))!.frame).to.deep.equal(frame)
        }),
      )
    })

    it('are read from any place in any kind of memory', () => {
      fc.assert(
        fc.property(anyFrame, fc.nat(40), fc.nat(40), fc.boolean(), (frame, before, after, isShared) => {
          const encoded = encodeFrame(frame)
          const length = before + encoded.length + after
          const memory = isShared ? new SharedArrayBuffer(length) : new ArrayBuffer(length)
          const bytes = new Uint8Array(memory).fill(0xee)
          bytes.set(encoded, before)
          expect(decodeFrame(bytes, before)).to.deep.equal({ frame, end: before + encoded.length })
        }),
      )
    })

    it('are incomplete behind their end, and nowhere else than at a place', () => {
      expect(decodeFrame(encodeFrame(request('noop')), 24)).to.equal(undefined)
      expect(decodeFrame(encodeFrame(request('noop')), 1000)).to.equal(undefined)
      for (const offset of [-1, 0.5, Number.NaN])
        expect(() => decodeFrame(encodeFrame(request('noop')), offset))
          .to.throw(FrameError)
          .with.property('code', 'OUT_OF_RANGE')
    })

    it('are never anything but a frame, incomplete, or a FrameError', () => {
      const change = fc.record({ place: fc.nat(30), byte: uint8 })
      const mangled = fc
        .tuple(anyFrame, fc.array(change, { maxLength: 3 }), fc.nat(1000))
        .map(([frame, changes, length]) => {
          const bytes = encodeFrame(frame)
          for (const { place, byte } of changes) bytes[place] = byte
          return bytes.subarray(0, length)
        })
      const garbage = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes))
      fc.assert(
        fc.property(fc.oneof(mangled, mangled, garbage), (bytes) => {
          const answer = attempt(() => decodeFrame(bytes, 0, 1000))
          if (answer instanceof FrameError || answer === undefined) return
          expect(encodeFrame(answer.frame)).to.deep.equal(bytes.subarray(0, answer.end))
        }),
        { numRuns: 2000 },
      )
    })

    it('with a wrong magic are refused at their first byte', () => {
      for (const magic of [0x00, 0x67, 0x7f, 0x82, 0xff])
        expect(codeThrownBy(() => decodeFrame(Buffer.of(magic)))).to.equal('WRONG_MAGIC')
    })

    it('whose lengths disagree are refused as soon as the header is whole', () => {
      const header = encodeFrame(request('set', { key: 'key', extras: {} })).subarray(0, 24)
      header.writeUInt32BE(10, 8)
      expect(decodeFrame(header.subarray(0, 23))).to.equal(undefined)
      expect(codeThrownBy(() => decodeFrame(header))).to.equal('LENGTHS_DISAGREE')
      header.writeUInt32BE(11, 8)
      expect(decodeFrame(header)).to.equal(undefined)
    })

    it('with a longer body than allowed are refused as soon as the header is whole', () => {
      const bytes = encodeFrame(request('set', { key: 'key', value: 'value', extras: {} }))
      expect(decodeFrame(bytes, 0, 16)!.end).to.equal(bytes.length)
      expect(codeThrownBy(() => decodeFrame(bytes.subarray(0, 24), 0, 15))).to.equal('BODY_TOO_LONG')
    })

    it('are not written when a number or a length does not fit', () => {
      const wrong: readonly (() => Frame)[] = [
        () => request(256),
        () => request(-1),
        () => request(1.5),
        () => request('get', { opaque: 2 ** 32 }),
        () => request('get', { vbucket: 2 ** 16 }),
        () => request('get', { dataType: 256 }),
        () => request('get', { cas: 2n ** 64n }),
        () => request('get', { cas: -1n }),
        () => request('get', { cas: 1 as unknown as bigint }),
        () => request('get', { opaque: Number.NaN }),
        () => request('get', { key: 'k'.repeat(2 ** 16) }),
        () => request('get', { extras: Buffer.alloc(256) }),
        () => request('set', { extras: { expiry: -1 } }),
        () => request('increment', { extras: { delta: 2n ** 64n } }),
        () => reply('get', { status: 2 ** 16 }),
      ]
      for (const [index, build] of wrong.entries())
        expect(
          codeThrownBy(() => encodeFrame(build())),
          `frame ${index}`,
        ).to.equal('OUT_OF_RANGE')
    })
  })

  describe('built by name', () => {
    it('are empty and 0 where nothing is said', () => {
      const nothing = Buffer.alloc(0)
      const parts = { dataType: 0, opaque: 0, cas: 0n, extras: nothing, key: nothing, value: nothing }
      expect(request('noop')).to.deep.equal({ magic: 0x80, opcode: 0x0a, vbucket: 0, ...parts })
      expect(reply('noop')).to.deep.equal({ magic: 0x81, opcode: 0x0a, status: 0, ...parts })
    })

    it('take strings as UTF-8, and bytes as they are', () => {
      expect(request('get', { key: 'ключ' }).key).to.deep.equal(Buffer.from('d0bad0bbd18ed187', 'hex'))
      expect(request('get', { key: Uint8Array.of(0, 255) }).key).to.deep.equal(Buffer.from('00ff', 'hex'))
    })

    it('take opcodes and statuses that have no name by their number', () => {
      expect(request(0xfe).opcode).to.equal(0xfe)
      expect(reply(0xfe, { status: 0x86 })).to.include({ opcode: 0xfe, status: 0x86 })
    })

    it('have the extras of their opcode, 0 where nothing is said', () => {
      expect(request('set').extras).to.deep.equal(Buffer.alloc(8))
      expect(request('incrementq', { extras: { initial: 5n } }).extras.toString('hex')).to.equal(
        '0000000000000000' + '0000000000000005' + '00000000',
      )
      expect(request('get').extras).to.have.length(0)
      expect(request('flush').extras).to.have.length(0)
      expect(request('flush', { extras: { expiry: 0 } }).extras).to.have.length(4)
      expect(reply('touch', { extras: { clientFlags: 1 } }).extras).to.deep.equal(Buffer.of(0, 0, 0, 1))
    })

    it('may have extras that their opcode does not want, as bytes', () => {
      expect(request('get', { extras: Buffer.of(1, 2, 3) }).extras).to.deep.equal(Buffer.of(1, 2, 3))
    })

    it('have no names but those of the tables', () => {
      expect(codeThrownBy(() => request('fetch'))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => request('get', { extras: { expiry: 1 } }))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => request(0xfe, { extras: { expiry: 1 } }))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => reply('get', { extras: { expiry: 1 } }))).to.equal('UNKNOWN_NAME')
      expect(codeThrownBy(() => reply('get', { status: 'LOST' as 'OK' }))).to.equal('UNKNOWN_NAME')
    })
  })

  describe('and their extras', () => {
    it('are read by the row of the opcode', () => {
      const counter = { delta: 2n ** 64n - 1n, initial: 7n, expiry: 0xffff_ffff }
      expect(readExtras(request('decrement', { extras: counter }))).to.deep.equal(counter)
      expect(readExtras(request('setq', { extras: { clientFlags: 1 } }))).to.deep.equal({
        clientFlags: 1,
        expiry: 0,
      })
      expect(readExtras(request('gatkq', { extras: { expiry: 9 } }))).to.deep.equal({ expiry: 9 })
      expect(readExtras(reply('gat', { extras: { clientFlags: 3 } }))).to.deep.equal({ clientFlags: 3 })
    })

    it('are an empty object where none are needed', () => {
      for (const frame of [request('get'), request('flush'), request(0xfe), reply('get')])
        expect(readExtras(frame)).to.deep.equal({})
    })

    it('are undefined where their length is not that of the row', () => {
      for (const frame of [
        request('set', { extras: Buffer.alloc(0) }),
        request('set', { extras: Buffer.alloc(7) }),
        request('get', { extras: Buffer.alloc(4) }),
        request(0xfe, { extras: Buffer.alloc(4) }),
        reply('get', { extras: Buffer.alloc(8) }),
      ])
        expect(readExtras(frame)).to.equal(undefined)
    })
  })

  describe('and their names', () => {
    it('lead from opcodes to names and back', () => {
      expect(opcodeName(0x0d)).to.equal('getkq')
      expect(opcodeCode('getkq')).to.equal(0x0d)
      expect(opcodeName(0xfe)).to.equal(undefined)
      expect(opcodeCode('fetch')).to.equal(undefined)
    })

    it('lead from statuses to names and texts and back', () => {
      expect(statusName(0x81)).to.equal('UNKNOWN_COMMAND')
      expect(statusText(0x81)).to.equal('Unknown command')
      expect(statusCode('UNKNOWN_COMMAND')).to.equal(0x81)
      expect(statusName(0x85)).to.equal(undefined)
      expect(statusText(0x85)).to.equal('')
      expect(statusCode('LOST')).to.equal(undefined)
    })
  })

  describe('cut out of a stream', () => {
    it('are the same wherever the stream was cut', () => {
      fc.assert(
        fc.property(
          fc.array(anyFrame, { maxLength: 5 }),
          fc.array(fc.integer({ min: 1, max: 60 })),
          (frames, lengths) => {
            const reader = new FrameReader()
            const read: Frame[] = []
            for (const chunk of cut(Buffer.concat(frames.map(encodeFrame)), lengths))
              read.push(...reader.push(chunk))
            expect(read).to.deep.equal(frames)
            expect(reader.heldLength).to.equal(0)
          },
        ),
      )
    })

    it('are there with their last byte and not before', () => {
      const frames = [request('set', { key: 'a', value: 'b', extras: {} }), request('noop')]
      const reader = new FrameReader()
      const seen: number[] = []
      let place = 0
      for (const byte of Buffer.concat(frames.map(encodeFrame))) {
        place++
        if (reader.push(Buffer.of(byte)).read() !== undefined) seen.push(place)
      }
      expect(seen).to.deep.equal([34, 58])
    })

    it('stay as they are when more is pushed or the chunk is used again', () => {
      const reader = new FrameReader()
      const chunk = encodeFrame(request('get', { key: 'first' }))
      const first = reader.push(chunk).read()!
      chunk.fill(0xee)
      for (let count = 0; count < 1000; count++)
        reader.push(encodeFrame(request('get', { key: 'other' }))).read()
      expect(first).to.deep.equal(request('get', { key: 'first' }))
    })

    it('wait for the next reading when a loop over them ends early', () => {
      const reader = new FrameReader().push(Buffer.concat([encodeFrame(request(1)), encodeFrame(request(2))]))
      for (const frame of reader) {
        expect(frame.opcode).to.equal(1)
        break
      }
      expect(reader.read()!.opcode).to.equal(2)
      expect(reader.read()).to.equal(undefined)
    })

    it('leave what is not whole, so that a cut stream can be told', () => {
      const reader = new FrameReader()
      expect([...reader.push(encodeFrame(request('noop')).subarray(0, 10))]).to.deep.equal([])
      expect(reader.heldLength).to.equal(10)
    })

    it('come before the error of a broken stream, which stays broken', () => {
      const reader = new FrameReader().push(
        Buffer.concat([encodeFrame(request('noop')), Buffer.from('garbage')]),
      )
      expect(reader.read()!.opcode).to.equal(0x0a)
      for (let count = 0; count < 2; count++)
        expect(codeThrownBy(() => reader.read())).to.equal('WRONG_MAGIC')
    })

    it('have bodies no longer than the option says', () => {
      const bytes = encodeFrame(request('set', { key: 'key', value: 'value', extras: {} }))
      expect(new FrameReader({ bodyLengthMax: 16 }).push(bytes).read()).to.not.equal(undefined)
      const reader = new FrameReader({ bodyLengthMax: 15 }).push(bytes.subarray(0, 24))
      expect(codeThrownBy(() => reader.read())).to.equal('BODY_TOO_LONG')
    })
  })
})

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const uint16 = fc.integer({ min: 0, max: 2 ** 16 - 1 })
const uint8 = fc.integer({ min: 0, max: 2 ** 8 - 1 })
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const buffer = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes))

const parts = {
  opcode: uint8,
  dataType: uint8,
  opaque: uint32,
  cas: uint64,
  extras: buffer(255),
  key: buffer(300),
  value: buffer(300),
}
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ magic: fc.constant(0x80 as const), vbucket: uint16, ...parts }),
  fc.record({ magic: fc.constant(0x81 as const), status: uint16, ...parts }),
)

/** Cuts the bytes into chunks of these lengths, over and over. */
function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  let start = 0
  for (let index = 0; start < bytes.length; index++) {
    const length = lengths.length === 0 ? bytes.length : lengths[index % lengths.length]!
    yield bytes.subarray(start, start + length)
    start += length
  }
}

/** What the function answers, or the FrameError that it throws; any other error goes on. */
function attempt<Answer>(act: () => Answer): Answer | FrameError {
  try {
    return act()
  } catch (error) {
    if (error instanceof FrameError) return error
    throw error
  }
}

function codeThrownBy(act: () => unknown): FrameErrorCode | undefined {
  const answer = attempt(act)
  return answer instanceof FrameError ? answer.code : undefined
}
