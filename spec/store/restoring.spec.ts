import { expect } from 'chai'
import { MISSING } from '../../lib/store/item/item.js'
import { restoreUse } from '../../lib/store/restoring.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.from('value')
const KEY = 'key'

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
