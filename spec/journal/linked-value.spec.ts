import { expect } from 'chai'
import { PART_LENGTH_MAX } from '../../lib/journal/format/format.js'
import { takePart } from '../../lib/journal/writing/linked-value.js'
import { pattern } from '../support/pattern.js'

const MEGABYTE = 1024 * 1024

describe('A value that is written to disk without a copy', () => {
  for (const lengths of [
    [1],
    [MEGABYTE],
    [MEGABYTE + 1],
    [10, MEGABYTE - 10, 1],
    [MEGABYTE - 1, 1, MEGABYTE],
    [5, 5, 5],
    [2 * MEGABYTE + 7, 100],
  ])
    it(`is written in parts of a megabyte, whatever its pieces are: ${lengths.join(', ')}`, () => {
      const total = lengths.reduce((sum, length) => sum + length, 0)
      const value = pattern(total)
      const pieces: Buffer[] = []
      for (let [start, index] = [0, 0]; start < total; start += lengths[index++]!)
        pieces.push(value.subarray(start, start + lengths[index]!))
      const parts: Buffer[] = []
      while (pieces.length > 0 && parts.length < 10) parts.push(Buffer.concat(takePart(pieces)))
      const full = Array<number>(Math.floor(total / PART_LENGTH_MAX)).fill(MEGABYTE)
      const rest = total % MEGABYTE
      expect(parts.map(({ length }) => length)).to.deep.equal(rest > 0 ? [...full, rest] : full)
      expect(Buffer.concat(parts).equals(value)).to.equal(true)
      expect(takePart(pieces)).to.deep.equal([])
    })
})
