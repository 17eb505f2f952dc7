import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Segments, State } from '../../lib/store/segments/segments.js'
import { liveLengthOf, oldestTimeOf } from '../../lib/store/segments/totals.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const WEEK = 7 * 24 * 60 * 60
/** 12 bytes of header, a key and a value, rounded to four. */
const SMALL_LENGTH = 12 + 4 + 100

describe('The length of all live items', () => {
  it('is that of their bytes in every segment, without those that were deleted', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { segments } = driver.store
    expect(liveLengthOf(segments)).equal(0)
    for (let index = 1000; index < 4000; index++) driver.set(`${index}`, Buffer.alloc(100))
    expect(segments.poolCount - segments.freeCount).above(4)
    expect(liveLengthOf(segments)).equal(3000 * SMALL_LENGTH)
    for (let index = 1000; index < 2500; index++) driver.remove(`${index}`)
    expect(liveLengthOf(segments)).equal(1500 * SMALL_LENGTH)
    for (let index = 2500; index < 4000; index++) driver.remove(`${index}`)
    expect(liveLengthOf(segments)).equal(0)
  })
})

describe('The totals of a full store', () => {
  it('count its items alone, even if little else is free', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { store, clock } = driver
    for (let index = 100_000; driver.count('evictions') < 1000; index++)
      driver.set(`${index}`, Buffer.alloc(98))
    expect(store.segments.freeCount).within(1, 4)
    expect(liveLengthOf(store.segments)).equal(store.itemCount * SMALL_LENGTH)
    expect(oldestTimeOf(store.segments, clock.now)).equal(clock.now)
  })
})

describe('The totals of all segments', () => {
  it('include all of them, also the first and the last', () => {
    const arena = Arena.create(Segments.regionLength(MEGABYTE, 1, MEGABYTE))
    const segments = new Segments(arena, MEGABYTE, MEGABYTE)
    const { count } = segments
    // Each is older than the one before, and what is taken last is what was put into the pool first.
    for (let index = 0; index < count; index++) {
      segments.openNext(0, segments.take(State.OPEN, 0, 1000 - index))
      segments.allocate(0, 100)
    }
    expect(count).equal(16)
    expect(liveLengthOf(segments)).equal(100 * count)
    expect(oldestTimeOf(segments, 2000)).equal(1000 - (count - 1))
  })
})

describe('The age of the oldest segment', () => {
  /** One item that never expires, and one for a week: they are in two segments. */
  function storeBoth(order: readonly ('ever' | 'week')[]): { driver: EngineDriver; first: number } {
    const driver = new EngineDriver(8 * MEGABYTE)
    const first = driver.clock.now
    for (const key of order) {
      driver.set(key, Buffer.alloc(100), 0, key === 'week' ? WEEK : 0)
      driver.advance(100)
    }
    return { driver, first }
  }

  const oldestOf = ({ store, clock }: EngineDriver): number => oldestTimeOf(store.segments, clock.now)

  it('is 0 while nothing is stored', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    driver.advance(50)
    expect(oldestOf(driver)).equal(driver.clock.now)
  })

  it('is right after the year 2038', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    driver.advance(2 ** 31 - driver.clock.now)
    const first = driver.clock.now
    driver.set('ever', Buffer.alloc(100))
    driver.advance(100)
    expect(oldestOf(driver)).equal(first)
  })

  for (const order of [
    ['ever', 'week'],
    ['week', 'ever'],
  ] as const)
    it(`is that of the first with a live item: ${order.join(', then ')}`, () => {
      const { driver, first } = storeBoth(order)
      expect(oldestOf(driver)).equal(first)
      driver.remove(order[0])
      expect(oldestOf(driver)).equal(first + 100)
      driver.remove(order[1])
      expect(oldestOf(driver)).equal(driver.clock.now)
    })
})
