import { expect } from 'chai'
import { MISSING, nextPieceOf } from '../../lib/store/item/item.js'
import type { MakeRoom } from '../../lib/store/items.js'
import { laneInQueue, Queue } from '../../lib/store/segments/lanes.js'
import { liveLengthOf } from '../../lib/store/segments/totals.js'
import { EngineDriver } from '../support/engine-driver.js'
import { pattern } from '../support/pattern.js'
import { checkInvariants } from '../support/store-invariants.js'

const MEGABYTE = 1024 * 1024

/** The only item of a store. */
function itemOf({ store: { index } }: EngineDriver): number {
  const items: number[] = []
  for (let bucket = 0; bucket < index.bucketCount; bucket++)
    index.chains.forEach(bucket, (item) => items.push(item))
  expect(items).to.have.length(1)
  return items[0]!
}

/** The item, and the pieces of its value. */
function partsOf(driver: EngineDriver): number[] {
  const parts = [itemOf(driver)]
  if (driver.placesOf('key').length === 1) return parts
  for (let last = parts[0]!; nextPieceOf(driver.arena.words, last) !== MISSING; ) {
    last = nextPieceOf(driver.arena.words, last)
    parts.push(last)
  }
  return parts
}

describe('An item that is moved', () => {
  /** Moves the item, with room this many times. Returns false if that was too few. */
  function move({ store }: EngineDriver, part: number, item: number, roomCount: number): boolean {
    let askedCount = 0
    const makeRoom: MakeRoom = (lane, size) =>
      askedCount++ < roomCount && store['cleaning'].roomForNew(lane, size)
    const lane = laneInQueue(store.segments.lane(store.segments.of(part)), Queue.MAIN)
    const hash = store.items.hashOf(item)
    const moved = store.items.relocate(part, lane, makeRoom)
    if (moved === MISSING) return false
    expect(store.index.findItem(hash, item)).equal(true)
    store.index.replaceAt(store.index.slot, moved)
    return true
  }

  for (const length of [1000, 150_000])
    it(`does not change if there is no room for all of it: ${length} bytes`, () => {
      const driver = new EngineDriver(8 * MEGABYTE)
      const value = pattern(length)
      // The segment of moved items has less room than the first part of a long item has.
      driver.set('other', pattern(20_000))
      for (let times = 0; times < 2; times++) move(driver, itemOf(driver), itemOf(driver), 1)
      driver.remove('other')
      driver.set('key', value)
      let refusedCount = 0
      const { length: partCount } = partsOf(driver)
      const liveLength = liveLengthOf(driver.store.segments)
      for (let index = 0; index < partCount; index++) {
        for (let roomCount = 0; ; roomCount++) {
          // Another segment is filled from its middle, so that a part that filled one is split into two.
          const isMoved = move(driver, partsOf(driver)[index]!, itemOf(driver), roomCount)
          expect(driver.get('key')?.value.equals(value), `part ${index}, room ${roomCount} times`).equal(true)
          checkInvariants(driver.arena.words, driver.store)
          if (isMoved) break
          expect(liveLengthOf(driver.store.segments), 'with the parts of copies').equal(liveLength)
          refusedCount++
        }
      }
      expect(refusedCount).at.least(partCount)
    })
})

describe('A value that replaces a longer one', () => {
  it('has its place if the rest is none, or enough to be marked as dead', () => {
    for (let shorterBy = 0; shorterBy <= 40; shorterBy++) {
      const driver = new EngineDriver(MEGABYTE)
      driver.set('key', pattern(101))
      driver.set('behind', pattern(50))
      const before = driver.placesOf('key')
      const value = pattern(101 - shorterBy)
      driver.set('key', value)
      const isInPlace = driver.placesOf('key')[0] === before[0]
      expect(isInPlace, `shorter by ${shorterBy}`).equal(shorterBy < 4 || shorterBy >= 16)
      expect(driver.get('key')?.value.equals(value)).equal(true)
      expect(driver.get('behind')?.value.equals(pattern(50))).equal(true)
      checkInvariants(driver.arena.words, driver.store)
    }
  })
})

describe('A long item', () => {
  it('reports its segment when it ends, and has its time of storage as that of the last read', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { store, clock } = driver
    driver.set('first', Buffer.alloc(100), 0, 1000)
    driver.remove('first')
    driver.advance(20)
    driver.set('key', pattern(20_000), 0, 100)
    const item = itemOf(driver)
    expect(store.segments.earliest(store.segments.of(item))).equal(clock.now + 100)
    expect(store.items.accessTime(item)).equal(clock.now)
  })
})
