import type { Index } from './index.js'

/**
 * The number of the memory, of so many, that holds the item of a key: the high bits of its hash choose. The low ones are left to
 * the index.
 */
export const memoryOfHash = (hash: number, memoryCount: number): number =>
  Math.floor(((hash >>> 0) * memoryCount) / HASH_COUNT)

const HASH_COUNT = 0x1_0000_0000

/**
 * The numbers of the buckets of all memories of a store, for visits:
 *
 *     number            0    1    2    3    4    5   …      with three memories
 *     memory            0    1    2    0    1    2
 *     bucket in it      0    0    0    1    1    1
 *
 * The indexes of the memories grow one by one. A number whose memory has no such bucket yet has no items.
 */
export class Buckets {
  private readonly indexes: readonly Index[]

  constructor(indexes: readonly Index[]) {
    this.indexes = indexes
  }

  /** All numbers are below. */
  get count(): number {
    const { indexes } = this
    let most = 0
    for (const index of indexes) if (index.bucketCount > most) most = index.bucketCount
    return most * indexes.length
  }

  /** The counts of buckets in the memories. */
  get counts(): readonly number[] {
    return this.indexes.map((index) => index.bucketCount)
  }

  memoryOf(bucket: number): number {
    return bucket % this.indexes.length
  }

  /** The bucket in its memory. */
  placeOf(bucket: number): number {
    return Math.floor(bucket / this.indexes.length)
  }

  /** The number of the bucket that a hash had when the memories had so many buckets. */
  numberOf(hash: number, counts: readonly number[]): number {
    const memory = memoryOfHash(hash, this.indexes.length)
    return this.indexes[memory]!.bucketNumber(hash, counts[memory]!) * this.indexes.length + memory
  }

  /** Reads a word of most items in some buckets: see `Chains.warm`. */
  warm(bucket: number, count: number): void {
    const share = Math.ceil(count / this.indexes.length)
    for (const index of this.indexes) index.chains.warm(this.placeOf(bucket), share)
  }
}
