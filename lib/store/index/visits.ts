import type { Arena } from '../../arena/arena.js'
import { MISSING } from '../item/item.js'
import { type RwLock, stripeOf } from '../lock/rw-lock.js'
import { Buckets, memoryOfHash } from './buckets.js'
import type { Index } from './index.js'

export type Visit = (item: number, frequency: number) => void

export const BUSY = -1

/** A memory whose items are visited. */
export interface VisitedMemory {
  readonly arena: Arena
  readonly index: Index
  readonly lock: RwLock
}

/** Makes a memory the one that the store reads items from. Returns the number of the one that it was before. */
export type FocusOn = (memory: number) => number

const nothing = (): void => undefined
const first = (): number => 0

/**
 * Visits the items of one of `buckets.count` buckets, live or dead, while no worker changes them. A visit of all buckets,
 * from 0 to the last one that exists then, has seen every item that was there all the time, even if items were moved.
 */
export class Visits {
  readonly buckets: Buckets
  private readonly memories: readonly VisitedMemory[]
  private readonly onlooking: readonly RwLock[]
  private readonly focusOn: FocusOn
  /** Of the list that has begun last: its memory, and that of the store before. */
  private listed = 0
  private before = 0

  constructor(memories: readonly VisitedMemory[], focusOn: FocusOn = first) {
    this.memories = memories
    this.buckets = new Buckets(memories.map(({ index }) => index))
    this.onlooking = memories.map(({ lock }) => lock.onlooking)
    this.focusOn = focusOn
  }

  get bucketCount(): number {
    return this.buckets.count
  }

  /** `whileLocked` is called first, when no key of the bucket can be changed any more. */
  visitBucket(bucket: number, visit: Visit, whileLocked = nothing): void {
    const memory = this.buckets.memoryOf(bucket)
    const place = this.buckets.placeOf(bucket)
    const { lock } = this.memories[memory]!
    lock.read(stripeOf(place))
    whileLocked()
    this.visitItems(memory, place, visit)
    lock.endRead()
  }

  /**
   * As `visitBucket`, for the one thread that reads the store while workers serve, and must not wait for them. False if a
   * worker writes there: then the caller has to try again.
   */
  visitBucketIfFree(bucket: number, visit: Visit, whileLocked = nothing): boolean {
    const memory = this.buckets.memoryOf(bucket)
    const place = this.buckets.placeOf(bucket)
    const lock = this.onlooking[memory]!
    if (!lock.tryRead(stripeOf(place))) return false
    whileLocked()
    this.visitItems(memory, place, visit)
    lock.endRead()
    return true
  }

  private visitItems(memory: number, place: number, visit: Visit): void {
    const { index } = this.memories[memory]!
    if (place >= index.bucketCount) return
    const before = this.focusOn(memory)
    index.chains.forEach(place, visit)
    this.focusOn(before)
  }

  /**
   * As `visitBucketIfFree`, for a visitor that wants few of all the items: puts them into an array. Returns how many they are, or
   * BUSY if a worker writes there. They do not change until `endList`.
   */
  listBucketIfFree(bucket: number, items: number[]): number {
    const memory = this.buckets.memoryOf(bucket)
    const place = this.buckets.placeOf(bucket)
    const { index } = this.memories[memory]!
    if (!this.onlooking[memory]!.tryRead(stripeOf(place))) return BUSY
    this.listed = memory
    this.before = this.focusOn(memory)
    return place < index.bucketCount ? index.chains.list(place, items) : 0
  }

  endList(): void {
    this.focusOn(this.before)
    this.onlooking[this.listed]!.endRead()
  }

  /** Visits the item with this key, if there is one, for the same thread. False if a worker writes there. */
  visitKeyIfFree(keyStart: number, keyLength: number, visit: (item: number) => void): boolean {
    const hash = this.memories[0]!.arena.hashKey(keyStart, keyLength)
    const memory = memoryOfHash(hash, this.memories.length)
    const lock = this.onlooking[memory]!
    if (!lock.tryRead(stripeOf(hash))) return false
    const before = this.focusOn(memory)
    const item = this.memories[memory]!.index.find(hash, keyStart, keyLength)
    if (item !== MISSING) visit(item)
    this.focusOn(before)
    lock.endRead()
    return true
  }
}
