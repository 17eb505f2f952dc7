import { expect } from 'chai'
import fc from 'fast-check'
import { encodeFrame, type Frame, FrameReader, request } from '../../../lib/protocol/index.js'
import { anyFrame, codeThrownBy } from '../../support/any-frame.js'

describe('frames of the binary protocol', () => {
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

    it('are returned with their last byte and not before', () => {
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

    it('do not change when more is pushed or the chunk is used again', () => {
      const reader = new FrameReader()
      const chunk = encodeFrame(request('get', { key: 'first' }))
      const first = reader.push(chunk).read()!
      chunk.fill(0xee)
      for (let count = 0; count < 1000; count++)
        reader.push(encodeFrame(request('get', { key: 'other' }))).read()
      expect(first).to.deep.equal(request('get', { key: 'first' }))
    })

    it('wait for the next read when a loop over them ends early', () => {
      const reader = new FrameReader().push(Buffer.concat([encodeFrame(request(1)), encodeFrame(request(2))]))
      for (const frame of reader) {
        expect(frame.opcode).to.equal(1)
        break
      }
      expect(reader.read()!.opcode).to.equal(2)
      expect(reader.read()).to.equal(undefined)
    })

    it('leave an incomplete rest, so that a cut stream can be detected', () => {
      const reader = new FrameReader()
      expect([...reader.push(encodeFrame(request('noop')).subarray(0, 10))]).to.deep.equal([])
      expect(reader.heldLength).to.equal(10)
    })

    it('are returned before the error of a broken stream, which stays broken', () => {
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

/** Cuts the bytes into chunks of these lengths, over and over. */
function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  let start = 0
  for (let index = 0; start < bytes.length; index++) {
    const length = lengths.length === 0 ? bytes.length : lengths[index % lengths.length]!
    yield bytes.subarray(start, start + length)
    start += length
  }
}
