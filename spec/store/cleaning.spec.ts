import { expect } from 'chai'
import { Queue } from '../../lib/store/segments/lanes.js'
import { State } from '../../lib/store/segments/segments.js'
import { EngineDriver } from '../support/engine-driver.js'
import { checkInvariants } from '../support/store-invariants.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.alloc(1000, 'v')

const sweptCount = ({ store: { segments } }: EngineDriver): number =>
  Array.from({ length: segments.count }, (_, segment) => segments.state(segment)).filter(
    (state) => state === State.SWEEPING,
  ).length

describe('A worker that hands its slot over', () => {
  it('leaves the segment that it was clearing to the next worker that chooses it', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    for (let index = 0; sweptCount(driver) === 0; index++) driver.set(`key:${index}`, VALUE)
    driver.store.restoring.handOver()
    expect(sweptCount(driver)).equal(0)
    checkInvariants(driver.arena.words, driver.store)
    for (let index = 0; index < 20_000; index++) driver.set(`more:${index}`, VALUE)
    checkInvariants(driver.arena.words, driver.store)
  })

  it('changes nothing if it was clearing none', () => {
    const driver = new EngineDriver(MEGABYTE)
    driver.set('key', VALUE)
    const before = Buffer.from(driver.arena.bytes)
    driver.store.restoring.handOver()
    expect(before.equals(driver.arena.bytes)).equal(true)
  })
})

describe('The last free segments', () => {
  it('are for moved items only, to the very last one', () => {
    const { store } = new EngineDriver(MEGABYTE)
    const { segments } = store
    const cleaning = store['cleaning']
    while (segments.freeCount > cleaning.reserve) segments.take(State.INDEX, 0, 0)
    expect(cleaning.roomForNew(Queue.SMALL, 100)).equal(false)
    for (let left = cleaning.reserve - 1; left >= 0; left--) {
      expect(cleaning['roomForMoved'](Queue.MAIN, segments.segmentLength)).equal(true)
      expect(segments.freeCount).equal(left)
      segments.allocate(Queue.MAIN, segments.segmentLength)
    }
    expect(cleaning['roomForMoved'](Queue.MAIN, 100)).equal(false)
  })

  for (const mayEvict of [true, false])
    it(`are regained ${mayEvict ? 'by evicting' : 'by nothing without evicting'} once moved items have used all of them`, () => {
      const driver = new EngineDriver(MEGABYTE, mayEvict)
      const { store } = driver
      const { segments } = store
      for (let index = 0; index < 500; index++) driver.set(`key:${index}`, VALUE)
      // A segment with so many dead bytes is worth cleaning, if there is room for the rest of it.
      for (let index = 0; index < 500; index += 4) driver.set(`key:${index}`, Buffer.alloc(0))
      while (segments.freeCount > 0) segments.take(State.INDEX, 0, 0)
      for (const lane of [Queue.SMALL, Queue.MAIN]) segments.allocate(lane, segments.roomIn(lane))
      const itemCount = store.itemCount
      expect(store['cleaning'].freeOne()).equal(mayEvict)
      expect(store.itemCount < itemCount).equal(mayEvict)
      expect(driver.count('evictions')).equal(itemCount - store.itemCount)
    })
})
