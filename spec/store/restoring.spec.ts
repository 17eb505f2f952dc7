import { expect } from 'chai'
import { OPEN_PREFIX_COUNT_MAX } from '../../lib/store/expiry/prefix-flushes.js'
import { MISSING } from '../../lib/store/item/item.js'
import { restoreUse } from '../../lib/store/restoring.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.from('value')
const KEY = 'key'
const VALUE_OF_A_KILOBYTE = Buffer.alloc(1000)

/** A store with one key. */
function storeOne(): { driver: EngineDriver; item: number; hash: number; frequency: () => number } {
  const driver = new EngineDriver(MEGABYTE)
  const { arena, store } = driver
  driver.set(KEY, VALUE)
  const keyStart = arena.byteLength - 64
  const item = store.find(keyStart, arena.bytes.write(KEY, keyStart, 'latin1'))
  store.release()
  expect(item).not.equal(MISSING)
  const hash = arena.hash(keyStart, KEY.length)
  const frequency = () => {
    expect(store.index.findItem(hash, item)).equal(true)
    return store.index.frequencyAt(store.index.slot)
  }
  return { driver, item, hash, frequency }
}

describe('An item that comes back after a restart', () => {
  for (const frequency of [0, 1, 2, 3])
    it(`counts as read ${frequency} times, and at the same time as before`, () => {
      const one = storeOne()
      const { store } = one.driver
      const { segments } = store
      const accessTime = segments.born(segments.of(one.item)) + 77
      restoreUse(store, one.hash, one.item, { version: 5, accessTime, frequency })
      expect(one.frequency()).equal(frequency)
      expect(one.driver.store.items.accessTime(one.item)).equal(accessTime)
    })

  it('and is not found does not change the counts of others', () => {
    const one = storeOne()
    const { store, clock } = one.driver
    expect(one.frequency()).equal(0)
    restoreUse(store, one.hash, one.item + 4, { version: 5, accessTime: clock.now, frequency: 3 })
    expect(one.frequency()).equal(0)
  })
})

describe('A restart', () => {
  const fillUntilEvicted = (driver: EngineDriver): number => {
    let count = 0
    while (driver.count('evictions') === 0) driver.set(`fill:${count++}`, VALUE_OF_A_KILOBYTE)
    return count
  }

  it('fills memory to its last segment before it evicts, and makes room ahead of clients when it ends', () => {
    const count = fillUntilEvicted(new EngineDriver(8 * MEGABYTE))
    const driver = new EngineDriver(8 * MEGABYTE)
    const { restoring, segments } = driver.store
    restoring.begin()
    expect(fillUntilEvicted(driver)).within(
      count + 30,
      count + segments.segmentLength / VALUE_OF_A_KILOBYTE.length,
    )
    restoring.end()
    for (let index = 0; index < 200; index++) {
      const before = driver.count('evictions')
      driver.set(`next:${index}`, VALUE_OF_A_KILOBYTE)
      expect(driver.count('evictions'), `after ${index}`).above(before)
    }
  })

  it('restores accesses from before its time, if it is told how old they are', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { store, clock, arena } = driver
    const itemAt = (key: string): number => {
      const start = arena.byteLength - 64
      const item = store.find(start, arena.bytes.write(key, start, 'latin1'))
      store.release()
      return item
    }
    store.restoring.writeAsOf(clock.now - 1000)
    driver.set('old', VALUE, 0, 500)
    const old = itemAt('old')
    store.items.setAccessTime(old, clock.now - 900)
    expect(store.items.accessTime(old)).equal(clock.now - 900)
    store.restoring.writeAsOf(Number.POSITIVE_INFINITY)
    driver.set('new', VALUE)
    expect(store.segments.born(store.segments.of(itemAt('new')))).equal(clock.now)
  })

  it('buries what flushes of prefixes have made dead when there are more of them than places', () => {
    const driver = new EngineDriver(MEGABYTE)
    const { store, arena } = driver
    const keys = Array.from({ length: OPEN_PREFIX_COUNT_MAX + 1 }, (_, number) => `prefix ${number}:key`)
    for (const key of [...keys, 'other']) driver.set(key, VALUE)
    const version = store.latestVersion
    const openCounts = keys.map((key) => {
      const start = arena.byteLength - 64
      const length = arena.bytes.write(key.slice(0, -'key'.length), start, 'latin1')
      store.restoring.restorePrefixFlush(start, length, version)
      return store.restoring.prefixFlushes.length
    })
    expect(openCounts).deep.equal([...Array(OPEN_PREFIX_COUNT_MAX).keys(), 0].map((count) => count + 1))
    expect(store.itemCount).equal(2)
    expect(keys.filter((key) => driver.get(key) !== undefined)).deep.equal([])
    expect(driver.get('other')?.value).deep.equal(VALUE)
  })
})

describe('An item that was read while it was new', () => {
  it('is recorded as one of the main queue once its room was needed, and not before', () => {
    const driver = new EngineDriver(MEGABYTE)
    const { items, index } = driver.store
    const mainCount = (): number => {
      let count = 0
      for (let bucket = 0; bucket < index.bucketCount; bucket++)
        index.chains.forEach(bucket, (item) => {
          if (items.isInMainQueue(item)) count++
        })
      return count
    }
    driver.set(KEY, VALUE)
    driver.get(KEY)
    expect([index.itemCount, mainCount()]).deep.equal([1, 0])
    for (let number = 0; driver.count('evictions') < 100; number++)
      driver.set(`more ${number}`, Buffer.alloc(1000))
    expect([driver.placesOf(KEY).length, mainCount()]).deep.equal([1, 1])
  })
})
