import { type RwLock, stripeOf } from '../lock/rw-lock.js'
import type { Index } from './index.js'

export type Visit = (item: number, frequency: number) => void

/**
 * Visits the items of one of `index.bucketCount` buckets, live or dead, while no worker changes them. A visit of all buckets,
 * from 0 to the last one that exists then, has seen every item that was there all the time, even if items were moved.
 */
export class Visits {
  private readonly index: Index
  private readonly lock: RwLock
  private readonly onlooking: RwLock

  constructor(index: Index, lock: RwLock) {
    this.index = index
    this.lock = lock
    this.onlooking = lock.onlooking
  }

  visitBucket(bucket: number, visit: Visit): void {
    const stripe = stripeOf(bucket)
    this.lock.read(stripe)
    this.index.forEachInBucket(bucket, visit)
    this.lock.endRead()
  }

  /**
   * As `visitBucket`, for the one thread that reads the store while workers serve, and must not wait for them. False if a
   * worker writes there: then the caller has to try again.
   */
  visitBucketIfFree(bucket: number, visit: Visit): boolean {
    if (!this.onlooking.tryRead(stripeOf(bucket))) return false
    this.index.forEachInBucket(bucket, visit)
    this.onlooking.endRead()
    return true
  }
}
