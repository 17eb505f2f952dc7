import { expect } from 'chai'
import { VERSION_MAX } from '../../lib/store/item/item.js'
import type { Mutex } from '../../lib/store/lock/mutex.js'
import { EngineDriver } from '../support/engine-driver.js'
import { sleepsAndWakes } from '../support/sleeps.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.from('value')
/** In 2038 the seconds since 1970 need a 32nd bit. */
const IN_2039 = 2 ** 31 + 365 * 24 * 60 * 60

describe('A time beyond 31 bits', () => {
  const driverIn2037 = (): EngineDriver => new EngineDriver(MEGABYTE)

  it('is in the future for a flush, and past when it has come', () => {
    const driver = driverIn2037()
    driver.set('key', VALUE)
    driver.store.flushAt(IN_2039)
    driver.store.refreshClock()
    expect(driver.get('key')?.value.equals(VALUE)).equal(true)
    driver.advance(IN_2039 - 1 - driver.clock.now)
    expect(driver.get('key')?.value.equals(VALUE)).equal(true)
    driver.advance(1)
    expect(driver.get('key')).equal(undefined)
    driver.set('key', VALUE)
    expect(driver.get('key')?.value.equals(VALUE)).equal(true)
  })

  it('is in the future for an item', () => {
    const driver = driverIn2037()
    driver.set('key', VALUE, 0, IN_2039)
    driver.advance(IN_2039 - 1 - driver.clock.now)
    expect(driver.get('key')?.value.equals(VALUE)).equal(true)
    driver.advance(1)
    expect(driver.get('key')).equal(undefined)
  })
})

describe('A flush', () => {
  it('lets the next flush in, of whichever worker', () => {
    const [one, other] = EngineDriver.pair(MEGABYTE)
    const flushes = () => {
      for (const { store, clock } of [one, other, one]) {
        store.flushAt(clock.now)
        store.flushAt(clock.now + 10)
      }
      for (const driver of [one, other]) driver.advance(10)
      other.store.flushAt(other.clock.now)
    }
    expect(sleepsAndWakes(flushes)).deep.equal([])
  })

  it('waits for one of another worker, of whichever kind both are', () => {
    const flushes: ((driver: EngineDriver) => unknown)[] = [
      ({ store, clock }) => store.flushAt(clock.now),
      ({ store, clock }) => store.flushAt(clock.now + 5),
      (driver) => driver.flushPrefix('key'),
      ({ store }) => store.parts.expiry.forgetPrefixes(0),
      (driver) => driver.advance(10),
    ]
    for (const [number, flush] of flushes.entries()) {
      const [one, other] = EngineDriver.pair(MEGABYTE)
      const { mutex } = one.store.parts.expiry as unknown as { mutex: Mutex }
      one.store.flushAt(one.clock.now + 10)
      mutex.lock()
      const seen = sleepsAndWakes(
        () => flush(other),
        () => mutex.unlock(),
      )
      const sleepCount = seen.filter((event) => event.startsWith('sleep')).length
      expect(sleepCount, `of flush ${number}`).equal(1)
    }
  })

  it('that waits has an exact version, however high, with several workers', () => {
    const [one, other] = EngineDriver.pair(MEGABYTE)
    one.store.restoring.raiseVersion(VERSION_MAX - 1_000_000_001)
    for (const { store, clock } of [one, other]) {
      store.flushAt(clock.now + 10)
      expect(store.restoring.flushDueVersion).equal(store.latestVersion)
    }
  })

  it('that waits takes a version above all others, and returns it', () => {
    const driver = new EngineDriver(MEGABYTE)
    const { store, clock } = driver
    const told: number[][] = []
    const ignored = () => undefined
    store.onChange({
      ...{ stored: ignored, removed: ignored, forgotten: ignored, touched: ignored, flushed: ignored },
      ...{ expired: ignored, evicted: ignored, flushBegins: ignored, prefixFlushed: ignored },
      flushDue: (...due) => void told.push(due),
    })
    driver.set('key', VALUE)
    const before = store.latestVersion
    store.flushAt(clock.now + 10)
    expect(store.latestVersion).above(before)
    expect(told).deep.equal([[clock.now + 10, store.latestVersion]])
    const { restoring } = store
    expect([restoring.flushDueTime, restoring.flushDueVersion]).deep.equal(told[0])
  })
})
