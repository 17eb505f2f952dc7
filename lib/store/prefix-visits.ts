import { Life } from './expiry/expiry.js'
import { BUSY } from './index/visits.js'
import {
  casHigh,
  casLow,
  clientFlagsOf,
  expiryOf,
  Flag,
  flagsOf,
  isLong,
  keyLengthOf,
  keyStartOf,
  partLengthOf,
  sizeOf,
  valueLengthOf,
} from './item/item.js'
import type { Store } from './store.js'

/** What a list of items shows of one. */
export interface ListedItem {
  readonly key: Buffer
  /** Bytes of its value. */
  readonly size: number
  /** Bytes of memory that it uses. */
  readonly bytes: number
  /** Seconds that it has left; -1: it never expires. */
  readonly ttl: number
  /** When it was read last, or stored if it never was, in absolute seconds. */
  readonly accessTime: number
  readonly isFetched: boolean
  readonly flags: number
  readonly cas: bigint
}

/**
 * Visits the live items whose keys begin with a prefix, bucket after bucket. A thread that serves no clients can do so, too: it
 * never waits for a worker. Whoever visits all buckets, from 0 to the last one that exists then, has seen every item that was there
 * all the time, even if the index has grown meanwhile.
 */
export class PrefixVisits {
  private readonly store: Store
  private readonly prefix: Uint8Array
  private readonly items: number[] = []

  constructor(store: Store, prefix: Uint8Array) {
    this.store = store
    this.prefix = prefix
  }

  get bucketCount(): number {
    return this.store.visits.bucketCount
  }

  /** Calls `visit` for each item in a bucket. False if a worker writes there: then the caller has to try again. */
  visitBucket(bucket: number, visit: (item: number) => void): boolean {
    const { store, items } = this
    if (bucket % WARMED_AT_ONCE === 0) store.visits.buckets.warm(bucket, WARMED_AT_ONCE)
    const count = store.visits.listBucketIfFree(bucket, items)
    if (count === BUSY) return false
    const chosenCount = this.choose(count)
    for (let index = 0; index < chosenCount; index++) {
      const item = items[index]!
      if (store.lifeOf(item) === Life.LIVE) visit(item)
    }
    store.visits.endList()
    return true
  }

  /**
   * Puts those with the prefix first. Returns how many they are. Nearly all the time is spent on waiting for the memory of items,
   * since they lie anywhere. A plain loop, which rarely does more than look at one byte, lets the processor wait for several of them at
   * once.
   */
  private choose(count: number): number {
    const { items, prefix } = this
    const { words, bytes } = this.store
    const { length } = prefix
    let chosenCount = 0
    for (let index = 0; index < count; index++) {
      const item = items[index]!
      if (keyLengthOf(words, item) < length) continue
      const keyStart = keyStartOf(words, item)
      let at = 0
      while (at < length && bytes[keyStart + at] === prefix[at]) at++
      if (at === length) items[chosenCount++] = item
    }
    return chosenCount
  }

  /** Bytes of memory that an item uses, without the heads of its further pieces. */
  bytesOf(item: number): number {
    const { words } = this.store
    const rest = isLong(words, item) ? valueLengthOf(words, item) - partLengthOf(words, item) : 0
    return sizeOf(words, item) + rest
  }

  /** Where the part of its key behind the prefix lies in the bytes of the store. Only while it is visited. */
  restOf(item: number): readonly [start: number, end: number] {
    const { words } = this.store
    const keyStart = keyStartOf(words, item)
    return [keyStart + this.prefix.length, keyStart + keyLengthOf(words, item)]
  }

  /** Only while it is visited. */
  describe(item: number): ListedItem {
    const { store } = this
    const { words, bytes } = store
    const keyStart = keyStartOf(words, item)
    const expiry = expiryOf(words, item)
    return {
      key: Buffer.from(bytes.subarray(keyStart, keyStart + keyLengthOf(words, item))),
      size: valueLengthOf(words, item),
      bytes: this.bytesOf(item),
      ttl: expiry === 0 ? NEVER : expiry - store.clock.now,
      accessTime: store.items.accessTime(item),
      isFetched: (flagsOf(words, item) & Flag.FETCHED) !== 0,
      flags: clientFlagsOf(words, item) >>> 0,
      cas: (BigInt(casHigh(words, item) >>> 0) << 32n) | BigInt(casLow(words, item) >>> 0),
    }
  }
}

const NEVER = -1
/** In buckets. 8 or 32 take about as long: a list of a million items takes two thirds of the time without (scripts/bench/prefix.ts). */
const WARMED_AT_ONCE = 16
