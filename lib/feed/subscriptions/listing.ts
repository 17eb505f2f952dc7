import type { Change } from '../change.js'
import { type ChangeReader, LOST } from '../history/change-reader.js'
import { ChangeKind } from '../history/change-record.js'
import type { Slice } from '../slice.js'
import { BUSY, type BucketCounts, type ItemSource } from './item-source.js'
import { ReadingState } from './reading-state.js'
import { isBelow, type Lister, type Subscription } from './subscription.js'

/**
 * Lists all items to a subscriber, bucket after bucket, while they change.
 *
 *     buckets   ┌──────────────────────┬─────────┬───────────────────┐
 *               │ listed               │ visited │ to be visited     │      a change of a key here is told; of one there
 *               └──────────────────────┴─────────┴───────────────────┘      not: its item will be listed as it is then
 *                                      ▲ bucket
 *
 * A bucket is visited while its keys are locked, and the latest number is noted. Before its items are told, all changes up to
 * that number are read. So an item is listed as it was at one place in the order of changes: nothing is told in the wrong order,
 * or before the journal has it. The first visit waits until the journals have all changes before the listing.
 *
 * When the index grows, keys only move to higher buckets: no item is left out. A key may move from a bucket that is listed to
 * one that is not. Its changes are told all the same, by the bucket that it had when the listing began, since the subscriber
 * may have the item: without them it would keep an item that is deleted before its new bucket is visited.
 */
export class Listing implements Lister {
  private readonly items: ItemSource
  private readonly reader: ChangeReader
  private readonly slice: Slice
  private readonly firstBucketCounts: BucketCounts
  private bucket = 0
  /** What the journals have to reach before the first visit; undefined while that is not known. */
  private firstCounts: Float64Array | undefined = undefined
  private isBegun = false
  private visited: Change[] | undefined = undefined
  private visitedNumber = 0

  constructor(items: ItemSource, reader: ChangeReader, slice: Slice) {
    this.items = items
    this.reader = reader
    this.slice = slice
    this.firstBucketCounts = items.bucketCounts
  }

  /** Lists some buckets more: at least one, so that all lists go on. */
  step(subscription: Subscription): ReadingState {
    this.isBegun ||= this.mayBegin()
    if (!this.isBegun) return ReadingState.WAITING
    do {
      if (subscription.isFull) return ReadingState.WAITING
      if (this.visited === undefined && this.bucket === this.items.bucketCount) return ReadingState.DONE
      if (this.visited === undefined && !this.visit(subscription)) return ReadingState.MORE
      const state = this.readUpToVisit(subscription)
      if (state !== ReadingState.DONE) return state
      for (const item of this.visited!) subscription.add(item)
      this.visited = undefined
      this.bucket++
    } while (!this.slice.isOver)
    return ReadingState.MORE
  }

  /** The cursor begins behind changes that may not be safe yet: their items must not be told before they are. */
  private mayBegin(): boolean {
    this.firstCounts ??= this.reader.countsNow()
    return this.firstCounts !== undefined && this.reader.areSafe(this.firstCounts)
  }

  private visit(subscription: Subscription): boolean {
    const visited = this.items.itemsIn(this.bucket, subscription, () => {
      this.visitedNumber = this.reader.history.latestNumber
    })
    if (visited === BUSY) return false
    this.visited = visited
    return true
  }

  /**
   * Reads the changes up to the number of the visit. WAITING if some of them cannot be read yet, or the queue is full: there may be
   * many, if the subscriber has taken nothing for a while.
   */
  private readUpToVisit(subscription: Subscription): ReadingState {
    const { reader, items, slice } = this
    const { cursor } = subscription
    if (cursor.number < this.visitedNumber) reader.refresh()
    while (cursor.number < this.visitedNumber) {
      const change = reader.next(cursor)
      if (change === LOST) return ReadingState.LOST
      if (change < 0) return reader.isSkipping ? ReadingState.MORE : ReadingState.WAITING
      const told = this.isTold(subscription, change) ? items.copyOf(change, undefined) : undefined
      const value = told !== undefined && subscription.values ? items.valueOf(change) : undefined
      if (value === BUSY) return ReadingState.MORE
      if (!reader.pass(cursor)) return ReadingState.LOST
      if (told !== undefined) subscription.add({ ...told, ...value })
      if (subscription.isFull) return ReadingState.WAITING
      if (slice.isOver) return ReadingState.MORE
    }
    return ReadingState.DONE
  }

  private isTold(subscription: Subscription, change: number): boolean {
    const { items, reader } = this
    const kind = items.kindOf(change)
    if (kind === ChangeKind.FLUSH) return subscription.wants(kind)
    if (kind === ChangeKind.SET && reader.isFlushed(subscription.cursor, change)) return false
    if (!subscription.wants(kind)) return false
    const isOfPrefix = kind === ChangeKind.FLUSH_PREFIX
    if (!isOfPrefix && items.bucketOf(change, this.firstBucketCounts) >= this.bucket) return false
    return isBelow(items.latinKeyOf(change), subscription.prefix, kind)
  }
}
