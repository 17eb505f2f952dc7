import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { SegmentPool } from '../../lib/store/segments/segment-pool.js'
import { NONE, Segments, State } from '../../lib/store/segments/segments.js'
import { sleepsAndWakes } from '../support/sleeps.js'

const COUNT = 6
const MEMORY_LENGTH = 1024 * 1024

/** A pool of this many segments, and whether the memory before and behind it is unchanged. */
function poolOf(workerCount = 1): { pool: SegmentPool; isAlone: () => boolean } {
  const arena = Arena.create(65536, workerCount)
  const before = arena.reserve(4096, 4)
  const pool = new SegmentPool(arena, COUNT)
  const starts = [before, arena.reserve(4096, 4)]
  for (const start of starts) arena.bytes.fill(0xff, start, start + 4096)
  const isAlone = () =>
    starts.every((start) => arena.bytes.subarray(start, start + 4096).every((byte) => byte === 0xff))
  return { pool, isAlone }
}

describe('The pool of segments', () => {
  it('returns the segment freed last, and keeps withheld ones separate', () => {
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

  it('distinguishes segments that were opened before a flush from later ones', () => {
    const { pool } = poolOf()
    expect([pool.nextSequence(), pool.nextSequence()]).deep.equal([0, 1])
    expect([0, 1].map((sequence) => pool.isFlushed(sequence))).deep.equal([false, false])
    pool.noteFlush()
    const next = pool.nextSequence()
    expect([0, 1, next].map((sequence) => pool.isFlushed(sequence))).deep.equal([true, true, false])
  })

  it('keeps its limit, up to 4 GiB, and its counts separate', () => {
    const { pool } = poolOf()
    pool.setLimit(0xffff_f000)
    pool.countArriving(5)
    pool.countArriving(-2)
    pool.countPinned(9)
    pool.countPinned(-1)
    expect([pool.limit, pool.arrivingCount, pool.pinnedCount]).deep.equal([0xffff_f000, 3, 8])
    expect([pool.freeCount, pool.memberCount, pool.nextSequence()]).deep.equal([0, COUNT, 0])
  })

  it('has a mutex that is free at first, and overlaps nothing else', () => {
    const { pool, isAlone } = poolOf(2)
    pool.setLimit(MEMORY_LENGTH)
    pool.pushFree(10)
    pool.pushWithheld(20)
    pool.countArriving(4)
    pool.countPinned(5)
    const numbers = () => [pool.limit, pool.freeCount, pool.memberCount, pool.arrivingCount, pool.pinnedCount]
    const held = () => {
      pool.mutex.lock()
      expect(numbers()).deep.equal([MEMORY_LENGTH, 1, COUNT - 1, 4, 5])
      expect(isAlone()).equal(true)
      pool.mutex.unlock()
    }
    expect(sleepsAndWakes(held)).deep.equal([])
    expect([...numbers(), pool.nextSequence()]).deep.equal([MEMORY_LENGTH, 1, COUNT - 1, 4, 5, 0])
  })

  it('distinguishes them although more were opened than a word can count', () => {
    const arena = Arena.create(65536)
    const pool = new SegmentPool(arena, COUNT)
    for (let opened = 0; opened < 1000; opened++) pool.nextSequence()
    arena.doubles[arena.doubles.indexOf(1000)] = 2 ** 31
    const before = pool.nextSequence()
    pool.noteFlush()
    expect([before, pool.nextSequence()].map((each) => pool.isFlushed(each))).deep.equal([true, false])
    expect(pool.isFlushed(2 ** 31 - 1)).equal(true)
  })

  it('lets one of two workers at a time change it', () => {
    const arena = Arena.create(65536, 2)
    const one = new SegmentPool(arena, COUNT)
    const other = new SegmentPool(Arena.attach(arena.memory, { worker: 1, workerCount: 2 }), COUNT)
    one.mutex.lock()
    const waits = sleepsAndWakes(
      () => other.mutex.lock(),
      () => one.mutex.unlock(),
    )
    expect(waits).length(2)
  })
})

describe('A segment', () => {
  it('changes its state for one worker at a time', () => {
    const arena = Arena.create(Segments.regionLength(MEMORY_LENGTH, 2, MEMORY_LENGTH), 2)
    const one = new Segments(arena, MEMORY_LENGTH, MEMORY_LENGTH)
    const second = Arena.attach(arena.memory, { worker: 1, workerCount: 2 })
    const other = new Segments(second, MEMORY_LENGTH, MEMORY_LENGTH)
    const [empty, full] = [0, 0].map(() => {
      const segment = other.take(State.OPEN, 0, 0)
      other.openNext(0, segment)
      return segment
    })
    other.allocate(0, 100)
    other.openNext(0, NONE)
    const changes: (() => unknown)[] = [
      () => other.take(State.OPEN, 0, 0),
      () => other.freeIfEmpty(empty!),
      () => other.beginSweep(full!),
      () => other.setLimit(MEMORY_LENGTH / 2),
      () => other.withholdOne(0),
    ]
    const { freeCount } = one
    for (const [number, change] of changes.entries()) {
      one.pool.mutex.lock()
      const events = sleepsAndWakes(change, () => one.pool.mutex.unlock())
      expect(events.filter((event) => event.startsWith('sleep')).length, `change ${number}`).equal(1)
    }
    expect([one.freeCount, one.state(empty!), one.state(full!)]).deep.equal([
      freeCount - 1 + 1 - 1,
      State.WITHHELD,
      State.SWEEPING,
    ])
  })
})
