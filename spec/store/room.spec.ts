import { expect } from 'chai'
import type { Index } from '../../lib/store/index/index.js'
import { EngineDriver } from '../support/engine-driver.js'
import { Random } from '../support/random.js'

const MEMORY_LENGTH = 4 * 1024 * 1024

/** The index asks for room, in vain at first, before every tenth insert: in a real store that is rare. */
function starve(index: Index): () => number {
  Object.defineProperty(index, 'isReady', { value: false })
  const prepareInsert = index.prepareInsert.bind(index)
  let calls = 0
  index.prepareInsert = () => ++calls % 10 !== 0 && prepareInsert()
  return () => Math.floor(calls / 10)
}

describe('Room for an item', () => {
  it('is still free after room was made for the index in a full memory', () => {
    for (let seed = 1; seed <= 2; seed++) {
      const random = new Random(seed)
      const driver = new EngineDriver(MEMORY_LENGTH)
      const starvedCount = starve(driver.store.index)
      for (let step = 0; step < 20_000; step++) {
        // Items that are read again move when room is made, and may fill the lane that the next one is written to.
        driver.set(`key ${random.below(2000)}`, Buffer.alloc(random.below(4000)))
        driver.get(`key ${random.below(2000)}`)
      }
      expect(driver.count('evictions')).to.be.above(0)
      expect(starvedCount()).to.be.above(100)
    }
  })
})
