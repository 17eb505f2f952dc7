import { expect } from 'chai'
import { randomSource } from '../../lib/arena/random-source.js'

const KEY_LENGTH = 16
/** By chance two keys are alike, or a byte of all keys is the same, less than once in 2^120 runs. */
const KEY_COUNT = 32

describe('The source of random bytes', () => {
  it('fills every byte, each time with others', () => {
    const keys = Array.from({ length: KEY_COUNT }, () => {
      const key = new Uint8Array(KEY_LENGTH)
      randomSource.fill(key)
      return key
    })
    expect(new Set(keys.map((key) => key.join())).size).to.equal(KEY_COUNT)
    for (let at = 0; at < KEY_LENGTH; at++)
      expect(new Set(keys.map((key) => key[at])).size, `values of byte ${at}`).to.be.above(1)
  })
})
