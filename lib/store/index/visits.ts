import type { Arena } from '../../arena/arena.js'
import { MISSING } from '../item/item.js'
import { type RwLock, stripeOf } from '../lock/rw-lock.js'
import type { Index } from './index.js'

export type Visit = (item: number, frequency: number) => void

export const BUSY = -1

const nothing = (): void => undefined

/**
 * Visits the items of one of `index.bucketCount` buckets, live or dead, while no worker changes them. A visit of all buckets,
 * from 0 to the last one that exists then, has seen every item that was there all the time, even if items were moved.
 */
export class Visits {
  private readonly arena: Arena
  private readonly index: Index
  private readonly lock: RwLock
  private readonly onlooking: RwLock

  constructor(arena: Arena, index: Index, lock: RwLock) {
    this.arena = arena
    this.index = index
    this.lock = lock
    this.onlooking = lock.onlooking
  }

  /** `whileLocked` is called first, when no key of the bucket can be changed any more. */
  visitBucket(bucket: number, visit: Visit, whileLocked = nothing): void {
    const stripe = stripeOf(bucket)
    this.lock.read(stripe)
    whileLocked()
    this.index.forEachInBucket(bucket, visit)
    this.lock.endRead()
  }

  /**
   * As `visitBucket`, for the one thread that reads the store while workers serve, and must not wait for them. False if a
   * worker writes there: then the caller has to try again.
   */
  visitBucketIfFree(bucket: number, visit: Visit, whileLocked = nothing): boolean {
    if (!this.onlooking.tryRead(stripeOf(bucket))) return false
    whileLocked()
    this.index.forEachInBucket(bucket, visit)
    this.onlooking.endRead()
    return true
  }

  /**
   * As `visitBucketIfFree`, for a visitor that wants few of all the items: puts them into an array. Returns how many they are, or
   * BUSY if a worker writes there. They do not change until `endList`.
   */
  listBucketIfFree(bucket: number, items: number[]): number {
    return this.onlooking.tryRead(stripeOf(bucket)) ? this.index.listBucket(bucket, items) : BUSY
  }

  endList(): void {
    this.onlooking.endRead()
  }

  /** Visits the item with this key, if there is one, for the same thread. False if a worker writes there. */
  visitKeyIfFree(keyStart: number, keyLength: number, visit: (item: number) => void): boolean {
    const hash = this.arena.hash(keyStart, keyLength)
    if (!this.onlooking.tryRead(stripeOf(hash))) return false
    const item = this.index.find(hash, keyStart, keyLength)
    if (item !== MISSING) visit(item)
    this.onlooking.endRead()
    return true
  }
}
