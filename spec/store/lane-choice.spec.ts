import { expect } from 'chai'
import { laneFor, Queue } from '../../lib/store/segments/lanes.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEMORY_LENGTH = 64 * 1024 * 1024

describe('The segment of a new item', () => {
  it('holds items with about the same time to live', () => {
    const driver = new EngineDriver(MEMORY_LENGTH)
    const { segments } = driver.store
    expect(segments.groupCount).to.be.above(3)
    for (const secondsToLive of [0, 1, 63, 64, 255, 256]) {
      const key = `for ${secondsToLive} seconds`
      driver.set(key, Buffer.from('value'), 0, secondsToLive)
      const [place] = driver.placesOf(key)
      const lane = segments.lane(segments.of(place! >>> 2))
      expect(lane, key).to.equal(laneFor(secondsToLive, Queue.SMALL, segments.groupCount))
    }
  })
})
