import { expect } from 'chai'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.from('value')
/** In 2038 the seconds since 1970 need a 32nd bit. */
const IN_2039 = 2 ** 31 + 365 * 24 * 60 * 60

describe('A time beyond 31 bits', () => {
  const driverIn2037 = (): EngineDriver => new EngineDriver(MEGABYTE)

  it('is one to come for a flush, and is over when it has come', () => {
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

  it('is one to come for an item', () => {
    const driver = driverIn2037()
    driver.set('key', VALUE, 0, IN_2039)
    driver.advance(IN_2039 - 1 - driver.clock.now)
    expect(driver.get('key')?.value.equals(VALUE)).equal(true)
    driver.advance(1)
    expect(driver.get('key')).equal(undefined)
  })
})
