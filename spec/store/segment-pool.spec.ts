import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { SegmentPool } from '../../lib/store/segment-pool.js'

const COUNT = 6

/** A pool of so many segments, and whether what lies behind it is as it was. */
function poolOf(): { pool: SegmentPool; isAlone: () => boolean } {
  const arena = Arena.create(65536)
  const pool = new SegmentPool(arena, COUNT)
  const start = arena.reserve(4096, 4)
  arena.bytes.fill(0xff, start, start + 4096)
  const isAlone = () => arena.bytes.subarray(start, start + 4096).every((byte) => byte === 0xff)
  return { pool, isAlone }
}

describe('The pool of segments', () => {
  it('gives out what was given back last, and holds those apart that are withheld', () => {
    const { pool, isAlone } = poolOf()
    for (const segment of [10, 11, 12]) pool.pushFree(segment)
    for (const segment of [20, 21, 22]) pool.pushWithheld(segment)
    expect([pool.freeCount, pool.memberCount]).deep.equal([3, COUNT - 3])
    expect([pool.popFree(), pool.popWithheld()]).deep.equal([12, 22])
    expect([pool.freeCount, pool.memberCount]).deep.equal([2, COUNT - 2])
    expect([pool.popFree(), pool.popFree(), pool.popWithheld(), pool.popWithheld()]).deep.equal([
      11, 10, 21, 20,
    ])
    expect([pool.freeCount, pool.memberCount, isAlone()]).deep.equal([0, COUNT, true])
  })

  it('tells segments that were opened before a flush from later ones', () => {
    const { pool } = poolOf()
    expect([pool.nextSequence(), pool.nextSequence()]).deep.equal([0, 1])
    expect([0, 1].map((sequence) => pool.isFlushed(sequence))).deep.equal([false, false])
    pool.noteFlush()
    const next = pool.nextSequence()
    expect([0, 1, next].map((sequence) => pool.isFlushed(sequence))).deep.equal([true, true, false])
  })

  it('keeps its limit, up to 4 GiB, and its counts apart', () => {
    const { pool } = poolOf()
    pool.setLimit(0xffff_f000)
    pool.countArriving(5)
    pool.countArriving(-2)
    pool.countPinned(9)
    pool.countPinned(-1)
    expect([pool.limit, pool.arrivingCount, pool.pinnedCount]).deep.equal([0xffff_f000, 3, 8])
    expect([pool.freeCount, pool.memberCount, pool.nextSequence()]).deep.equal([0, COUNT, 0])
  })
})
