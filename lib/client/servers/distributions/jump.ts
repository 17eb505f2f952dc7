/**
 * Jump consistent hashing (Lamping and Veach, 2014): no memory, and the most even of all. When servers are added at the end of the
 * list, only the keys that they get move. It depends on the order of the list: a server removed before others moves keys of
 * those behind it.
 *
 * A server has as many buckets as its weight. The hash of a key is the first 64 bits of its MD5.
 */

import type { ServerAddress } from '../server-address.js'
import { md5 } from './md5.js'
import { type IsUsable, type Selector, spreadOver } from './selector.js'

export class Jump implements Selector {
  /** One past the last bucket of each server. */
  private readonly bucketEnds: Float64Array
  private readonly bucketCount: number

  constructor(servers: readonly ServerAddress[]) {
    let end = 0
    this.bucketEnds = Float64Array.from(servers, ({ weight }) => (end += weight))
    this.bucketCount = end
  }

  pick(key: string | Uint8Array): number {
    const words = md5(key)
    return this.serverOf(jump(words[0]!, words[1]!, this.bucketCount))
  }

  pickAmong(key: string | Uint8Array, isUsable: IsUsable): number {
    const picked = this.pick(key)
    if (isUsable(picked)) return picked
    const words = md5(key)
    const low = words[2]!
    const high = words[3]!
    // Other words of the hash, as those that led to the dead server have much in common.
    return spreadOver(this.bucketEnds.length, isUsable, (usableCount) => jump(low, high, usableCount))
  }

  private serverOf(bucket: number): number {
    const { bucketEnds } = this
    let start = 0
    let end = bucketEnds.length
    while (start < end) {
      const middle = (start + end) >>> 1
      if (bucketEnds[middle]! <= bucket) start = middle + 1
      else end = middle
    }
    return start
  }
}

/** The halves of the factor of the generator, 2862933555777941757. */
const FACTOR_LOW = 0x87b0b0fd
const FACTOR_HIGH = 0x27bb2ee6

/**
 * The bucket of a hash of 64 bits, given in two halves. The state of the generator is multiplied in pieces: numbers hold no product
 * of 64 bits, and a BigInt would be allocated for each step.
 */
export function jump(low: number, high: number, bucketCount: number): number {
  let bucket = 0
  let next = 0
  while (next < bucketCount) {
    bucket = next
    // Products of 16 and 32 bits, which numbers hold.
    const product = (low & 0xffff) * FACTOR_LOW + 1
    const shiftedProduct = (low >>> 16) * FACTOR_LOW
    const sum = product + (shiftedProduct % 0x1_0000) * 0x1_0000
    const carry = Math.floor(sum / 0x1_0000_0000) + Math.floor(shiftedProduct / 0x1_0000)
    high = (Math.imul(high, FACTOR_LOW) + Math.imul(low, FACTOR_HIGH) + carry) | 0
    low = sum | 0
    next = Math.floor((bucket + 1) * (0x8000_0000 / ((high >>> 1) + 1)))
  }
  return bucket
}
