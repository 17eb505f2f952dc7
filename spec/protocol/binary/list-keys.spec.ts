import { expect } from 'chai'
import { Arena } from '../../../lib/arena/arena.js'
import { listKeys } from '../../../lib/protocol/binary/list-keys.js'
import { itemExtras, Op, request } from '../../support/frames.js'

const START = 64

/** The keys that are listed of these bytes, of which `length` have arrived. */
function keysIn(bytes: Buffer, { length = bytes.length, countMax = 10 } = {}): string[] {
  const arena = Arena.create(bytes.length + 1024)
  arena.bytes.set(bytes, START)
  const keys = new Int32Array(2 * countMax)
  const filled = listKeys(arena, START, START + length, keys)
  const pairs = Array.from(
    { length: filled / 2 },
    (_, pair) => [keys[2 * pair]!, keys[2 * pair + 1]!] as const,
  )
  return pairs.map(([start, keyLength]) => arena.bytes.toString('latin1', start, start + keyLength))
}

describe('The keys of requests to come, in the binary protocol', () => {
  const set = request(Op.SET, { extras: itemExtras(), key: 'second', value: 'value' })
  const requests = Buffer.concat([
    request(Op.GET, { key: 'first' }),
    set,
    request(Op.NOOP),
    request(Op.GETQ, { key: 'third' }),
  ])

  it('are listed in order, without requests that have none', () => {
    expect(keysIn(requests)).to.deep.equal(['first', 'second', 'third'])
  })

  it('are listed as far as they have arrived', () => {
    for (let length = 0; length <= requests.length; length++) {
      const ends = [24 + 5, 29 + 24 + 8 + 6, requests.length]
      const expected = ['first', 'second', 'third'].filter((_, index) => ends[index]! <= length)
      expect(keysIn(requests, { length }), `${length}`).to.deep.equal(expected)
    }
  })

  it('are no more than there is room for', () => {
    expect(keysIn(requests, { countMax: 2 })).to.deep.equal(['first', 'second'])
  })

  it('end before a key that is too long: hashing it costs time, and it will be refused', () => {
    const tooLong = request(Op.GET, { key: 'k'.repeat(251) })
    expect(keysIn(Buffer.concat([requests, tooLong, requests]))).to.have.length(3)
    expect(keysIn(Buffer.concat([request(Op.GET, { key: 'k'.repeat(250) }), requests]))).to.have.length(4)
  })
})
