import { expect } from 'chai'
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
