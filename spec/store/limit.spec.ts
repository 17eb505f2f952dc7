/** The limit of memory is changed while the store is in use. */
import { expect } from 'chai'
import { Status } from '../../lib/request/status.js'
import { EngineDriver } from '../support/engine-driver.js'
import { checkInvariants } from '../support/store-invariants.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.alloc(1000, 'v')

/** Sets keys until one is evicted or refused. Returns how many there was room for. */
function fill(driver: EngineDriver, prefix: string): number {
  const before = driver.count('evictions')
  let count = 0
  while (driver.set(`${prefix}:${count}`, VALUE) === Status.OK && driver.count('evictions') === before)
    count++
  return count
}

/** Lets the store do all the work that is due. */
function settle({ arena, store }: EngineDriver): void {
  while (store.memory.reap(1000)) {}
  checkInvariants(arena.words, store)
}

const usedLength = ({ store: { segments } }: EngineDriver): number =>
  (segments.poolCount - segments.freeCount) * segments.segmentLength

describe('a limit of memory that is raised', () => {
  for (const mayEvict of [true, false]) {
    it(`gives room for as much more, ${mayEvict ? 'and nothing is evicted before' : 'if nothing may be evicted'}`, () => {
      const driver = new EngineDriver(8 * MEGABYTE, mayEvict)
      const before = fill(driver, 'before')
      expect(driver.store.memory.limit(16 * MEGABYTE)).equal(true)
      expect(driver.store.memory.length).equal(16 * MEGABYTE)
      const more = fill(driver, 'more')
      expect(more).within(before * 0.98, before * 1.05)
      checkInvariants(driver.arena.words, driver.store)
    })
  }

  it('cannot be raised beyond the addresses that are reserved', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    expect(driver.store.memory.limit(17 * MEGABYTE)).equal(false)
    expect(driver.store.memory.length).equal(8 * MEGABYTE)
  })
})

describe('a limit of memory that is lowered', () => {
  it('is reached without any writes, and the newest items stay', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver, 'key')
    expect(driver.store.memory.limit(4 * MEGABYTE)).equal(true)
    settle(driver)
    expect(usedLength(driver)).to.be.at.most(4 * MEGABYTE)
    expect(driver.store.itemCount).within(count * 0.4, count * 0.5)
    expect(driver.get(`key:${count - 1}`)?.value.equals(VALUE)).equal(true)
  })

  it('leaves every lane of every worker a segment, and the index room to grow', () => {
    const [driver] = EngineDriver.pair(64 * MEGABYTE)
    const { memory, segments, index } = driver.store
    let count = segments.poolCount
    while (memory.limit((count - 1) * segments.segmentLength)) count--
    expect(count).to.be.within(2 * segments.laneCount + 2 * index.segmentCount, segments.poolCount / 2)
  })

  it('is reached in steps', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver, 'key')
    const evicted = driver.count('evictions')
    driver.store.memory.limit(4 * MEGABYTE)
    expect(driver.store.memory.reap(100)).equal(true)
    expect(driver.count('evictions') - evicted).within(1, 100)
    expect(driver.store.itemCount).to.be.at.least(count - 100)
  })

  it('applies to what is written afterwards, and can be raised again', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver, 'key')
    driver.store.memory.limit(4 * MEGABYTE)
    settle(driver)
    for (let index = 0; index < count; index++) expect(driver.set(`again:${index}`, VALUE)).equal(Status.OK)
    expect(usedLength(driver)).to.be.at.most(4 * MEGABYTE)
    driver.store.memory.limit(8 * MEGABYTE)
    for (let index = 0; index < count; index++) driver.set(`third:${index}`, VALUE)
    expect(usedLength(driver)).within(7 * MEGABYTE, 8 * MEGABYTE)
    settle(driver)
  })

  it('waits for values that are being sent', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver, 'key')
    const places = driver.placesOf(`key:${count >> 2}`)
    for (const place of places) driver.store.pins.pin(place)
    const kept = places.map((place) => driver.arena.bytes[place])
    driver.store.memory.limit(4 * MEGABYTE)
    settle(driver)
    expect(places.map((place) => driver.arena.bytes[place])).to.deep.equal(kept)
    for (const place of places) driver.store.pins.unpin(place)
    settle(driver)
    expect(usedLength(driver)).to.be.at.most(4 * MEGABYTE)
  })

  it('removes nothing if nothing may be evicted, until room is free', () => {
    const driver = new EngineDriver(8 * MEGABYTE, false)
    const count = fill(driver, 'key')
    driver.store.memory.limit(4 * MEGABYTE)
    settle(driver)
    expect(driver.store.itemCount).equal(count)
    expect(driver.set('new', VALUE)).equal(Status.OUT_OF_MEMORY)
    for (let index = 0; index < count; index++) driver.remove(`key:${index}`)
    settle(driver)
    expect(fill(driver, 'key')).within(count * 0.4, count * 0.5)
  })

  it('cannot be lowered below the minimum', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    expect(driver.store.memory.limit(64 * 1024)).equal(false)
    expect(driver.store.memory.length).equal(8 * MEGABYTE)
  })
})
