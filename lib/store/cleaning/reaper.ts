import type { WorkerSlot } from '../../arena/arena.js'
import { Counter } from '../../metrics/counters.js'
import { Life } from '../expiry/expiry.js'
import { expiryOf, Flag, flagsOf, isDead, isPiece, sizeOf } from '../item/item.js'
import { stripeOf } from '../lock/rw-lock.js'
import type { StoreParts } from '../parts.js'
import { NONE, type Segments, State } from '../segments/segments.js'

/**
 * Frees dead items without a request for them. A segment is visited once the earliest expiry in it has passed: its dead
 * items are removed, and the earliest expiry among the others is the time of the next visit. Items of similar times to live
 * share segments, so most visits find a whole segment dead. Each worker visits its share of the segments,
 * and the ones that it is still writing to.
 *
 * A segment may be swept and reused while it is visited. So an item is trusted only after it was found in the index, with
 * its stripe locked.
 */
export class Reaper {
  private readonly parts: StoreParts
  private readonly words: Int32Array
  private readonly segments: Segments
  private readonly workerSlot: WorkerSlot
  private isForAll = false
  private segment = NONE
  private sequence = 0
  /** The earliest expiry that was recorded for the segment before. */
  private earliest = 0
  private cursor = 0
  /** Where the search for the next segment continues. */
  private nextSegment = 0

  constructor(parts: StoreParts, workerSlot: WorkerSlot) {
    this.workerSlot = workerSlot
    this.parts = parts
    this.words = parts.words
    this.segments = parts.segments
  }

  /** Visits at most `itemCount` items. True if there is more to do at once. */
  reap(itemCount: number): boolean {
    for (let left = itemCount; left > 0; left--) {
      if (this.segment === NONE && !this.nextVisit()) return false
      this.visitItem()
    }
    return true
  }

  /** Visits all items that may have expired, as if all segments were of this worker. */
  reapAll(): void {
    this.isForAll = true
    this.reap(Number.POSITIVE_INFINITY)
    this.isForAll = false
  }

  private nextVisit(): boolean {
    const { segments } = this
    for (let tried = 0; tried < segments.count; tried++) {
      const segment = this.nextSegment
      this.nextSegment = (segment + 1) % segments.count
      if (!this.isOurs(segment) || segments.earliest(segment) > this.parts.clock.now) continue
      this.segment = segment
      this.sequence = segments.sequence(segment)
      this.cursor = segments.firstWordOf(segment)
      this.earliest = segments.earliest(segment)
      // Recorded again during the visit, together with items that are written meanwhile.
      segments.resetEarliest(segment)
      return true
    }
    return false
  }

  private isOurs(segment: number): boolean {
    const state = this.segments.state(segment)
    if (state === State.OPEN) return this.segments.isOwn(segment)
    const isOfOurShare = segment % this.workerSlot.workerCount === this.workerSlot.worker
    return state === State.SEALED && (isOfOurShare || this.isForAll)
  }

  private visitItem(): void {
    const { segments, segment, words } = this
    const isSame = segments.sequence(segment) === this.sequence
    const isGone = !isSame || !this.isOurs(segment)
    // Another worker may own it by now, or its sweep may have been abandoned: the rest still has to be visited.
    if (isSame && isGone) segments.noteExpiry(segment, this.earliest)
    if (isGone || this.cursor < segments.firstWordOf(segment) || this.cursor >= segments.endWordOf(segment)) {
      this.segment = NONE
      return
    }
    const item = this.cursor
    this.cursor += Math.max(4, sizeOf(words, item)) >>> 2
    if (isPiece(words, item) || isDead(words, item)) return
    const expiry = expiryOf(words, item)
    if (expiry > this.parts.clock.now) segments.noteExpiry(segment, expiry)
    else if (expiry !== 0) this.remove(item)
  }

  private remove(item: number): void {
    const { index, items, expiry, lock, counters } = this.parts
    const hash = items.hashOf(item)
    const stripe = stripeOf(hash)
    lock.write(stripe)
    // An item that is reserved but not published cannot be found, and is left to the worker that reserved it.
    if (index.findItem(hash, item) && expiry.lifeOf(this.words, item) === Life.EXPIRED) {
      counters.count(Counter.crawler_reclaimed)
      removeDead(this.parts, index.slot, item, Life.EXPIRED)
    }
    lock.endWrite(stripe)
  }
}

/** Removes an expired item. Its stripe is locked for writing. */
export function removeDead(parts: StoreParts, slot: number, item: number, life: Life): void {
  const isFetched = (flagsOf(parts.words, item) & Flag.FETCHED) !== 0
  if (life === Life.EXPIRED && !isFetched) parts.counters.count(Counter.expired_unfetched)
  // A flush is reported as a whole.
  if (life === Life.EXPIRED) parts.changes?.expired(item)
  parts.index.removeAt(slot)
  parts.items.bury(item)
}
