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
  reply,
  request,
} from '../../../lib/protocol/index.js'
import { anyFrame, attempt, codeThrownBy, uint8 } from '../../support/any-frame.js'

describe('frames of the binary protocol', () => {
  it("do what the package's example shows", () => {
    const door = readFileSync(new URL('../../../lib/protocol/index.js', import.meta.url), 'utf8')
    const [, , frames] = door.split('```js\n')
    const example = frames!.slice(0, frames!.indexOf('```')).replaceAll(/^ \* ?/gm, '')
    const said: string[] = []
    const console = { log: (...words: unknown[]) => said.push(format(...words)) }
    new Function('console', ...Object.keys(protocol), example)(console, ...Object.values(protocol))
    expect(said).to.deep.equal(example.match(/(?<=^\/\/ ).*/gm))
    expect(said).to.have.length(2)
  })

  describe('as bytes', () => {
    // Written by hand from the protocol's description, a line for each row of its picture of the header.
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
        name: 'an increment with the largest numbers',
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

    it('are read back as the frame they were written from', () => {
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

    it('are incomplete behind their end, and are read only at a valid offset', () => {
      expect(decodeFrame(encodeFrame(request('noop')), 24)).to.equal(undefined)
      expect(decodeFrame(encodeFrame(request('noop')), 1000)).to.equal(undefined)
      for (const offset of [-1, 0.5, Number.NaN])
        expect(() => decodeFrame(encodeFrame(request('noop')), offset))
          .to.throw(FrameError)
          .with.property('code', 'OUT_OF_RANGE')
    })

    it('are always a frame, incomplete, or a FrameError', () => {
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

    it('with a wrong magic are refused at the first byte', () => {
      for (const magic of [0x00, 0x67, 0x7f, 0x82, 0xff])
        expect(codeThrownBy(() => decodeFrame(Buffer.of(magic)))).to.equal('WRONG_MAGIC')
    })

    it('whose lengths disagree are refused as soon as the header is complete', () => {
      const header = encodeFrame(request('set', { key: 'key', extras: {} })).subarray(0, 24)
      header.writeUInt32BE(10, 8)
      expect(decodeFrame(header.subarray(0, 23))).to.equal(undefined)
      expect(codeThrownBy(() => decodeFrame(header))).to.equal('LENGTHS_DISAGREE')
      header.writeUInt32BE(11, 8)
      expect(decodeFrame(header)).to.equal(undefined)
    })

    it('with a longer body than allowed are refused as soon as the header is complete', () => {
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
})
