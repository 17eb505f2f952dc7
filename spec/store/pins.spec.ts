import { expect } from 'chai'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024

describe('Segments that replies pin', () => {
  it('are a quarter of all at the most', () => {
    const { store } = new EngineDriver(8 * MEGABYTE)
    const { segments } = store
    const { memberCount } = segments.pool
    expect(memberCount).to.be.above(64)
    for (let segment = 0; segment < Math.floor(memberCount / 4); segment++) {
      expect(store.pins.mayPin, `with ${segment} of ${memberCount}`).to.equal(true)
      segments.pin(segment)
      // A segment counts once, however many replies pin it.
      segments.pin(segment)
    }
    expect(store.pins.mayPin).to.equal(false)
    segments.unpin(0)
    expect(store.pins.mayPin).to.equal(false)
    segments.unpin(0)
    expect(store.pins.mayPin).to.equal(true)
  })
})
