import { expect } from 'chai'
import { EngineDriver } from '../support/engine-driver.js'
import { pattern } from '../support/pattern.js'

const MEGABYTE = 1024 * 1024

describe('Bytes that are read', () => {
  it('keep the segments of a deleted value until the last reader has finished', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { segments, pins } = driver.store
    driver.set('long', pattern(300_000))
    driver.set('next', pattern(100_000))
    const places = driver.placesOf('long')
    expect(places).length.above(3)
    for (const place of [...places, ...places]) pins.pin(place)
    driver.remove('long')
    const { freeCount } = segments
    for (const place of places) pins.unpin(place)
    expect([segments.freeCount, segments.pool.pinnedCount]).deep.equal([freeCount, places.length])
    for (const place of places) pins.unpin(place)
    expect([segments.freeCount, segments.pool.pinnedCount]).deep.equal([freeCount + places.length - 1, 0])
  })

  it('are not overwritten by a value of the same length, which would have their place else', () => {
    const driver = new EngineDriver(MEGABYTE)
    driver.set('key', Buffer.from('first'))
    const [place] = driver.placesOf('key') as [number]
    driver.set('key', Buffer.from('other'))
    expect(driver.placesOf('key')).deep.equal([place])
    driver.store.pins.pin(place)
    driver.set('key', Buffer.from('third'))
    expect(driver.arena.bytes.toString('latin1', place, place + 5)).equal('other')
    expect(driver.get('key')?.value.toString()).equal('third')
    driver.store.pins.unpin(place)
  })
})

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
