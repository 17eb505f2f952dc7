import { expect } from 'chai'
import { decodeAge, encodeAge } from '../../lib/store/time/access.js'

describe("The age of an item's last access", () => {
  it('fits 14 bits', () => {
    for (let seconds = 1; seconds < 2 ** 31; seconds *= 1.7) expect(encodeAge(seconds | 0)).within(0, 0x3fff)
  })

  it('is exact up to 34 minutes', () => {
    for (let seconds = 0; seconds < 2048; seconds++) expect(decodeAge(encodeAge(seconds))).equal(seconds)
  })

  it('is never too high, and too low by a thousandth at most, up to a year', () => {
    for (let seconds = 2048; seconds < 366 * 86_400; seconds = Math.floor(seconds * 1.001) + 1) {
      const kept = decodeAge(encodeAge(seconds))
      if (seconds < 31 * 86_400 * 12) expect(kept).within(seconds * 0.999 - 1, seconds)
    }
  })

  it('never falls while time passes', () => {
    let before = 0
    for (let seconds = 0; seconds < 400 * 86_400; seconds += 997) {
      const kept = decodeAge(encodeAge(seconds))
      expect(kept).at.least(before)
      before = kept
    }
  })
})
