import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { Counter } from '../../metrics/counters.js'
import { type Expiry, Life } from '../expiry/expiry.js'
import { Buckets } from '../index/buckets.js'
import { Mutex } from '../lock/mutex.js'
import { stripeOf } from '../lock/rw-lock.js'
import type { StoreParts } from '../parts.js'
import { removeDead } from './reaper.js'

/**
 * Buries the items that flushes of prefixes have made dead, and forgets the prefixes. One pass over all buckets serves every
 * prefix that was flushed before the pass began.
 *
 *     buckets   ┌───────────────────────┬───────────────────┐
 *               │ nothing dead is left  │ to be visited     │     when the index grows, items only move to later buckets;
 *               └───────────────────────┴───────────────────┘     what is written meanwhile has a later version
 *                                       ▲ bucket
 *
 * A pass is done in small steps between requests. Its state is in the arena: all workers take part, one at a time.
 */
export class PrefixSweep {
  private readonly memories: readonly StoreParts[]
  private readonly expiry: Expiry
  private readonly buckets: Buckets
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly state: number
  private readonly mutex: Mutex
  private readonly dead: number[] = []
  /** The memory that is visited. */
  private visited: StoreParts
  private visitedCount = 0
  private readonly note = (item: number): void => {
    this.visitedCount++
    const { expiry, words } = this.visited
    if (expiry.lifeOf(words, item) !== Life.LIVE) this.dead.push(item)
  }

  constructor(arena: Arena, memories: readonly [StoreParts, ...StoreParts[]]) {
    this.memories = memories
    this.visited = memories[0]
    this.expiry = memories[0].expiry
    this.buckets = new Buckets(memories.map(({ index }) => index))
    this.words = arena.words
    this.doubles = arena.doubles
    this.state = arena.reserve(CACHE_LINE_LENGTH) >>> 2
    this.mutex = new Mutex(arena.words, this.state + MUTEX, arena.workerSlot.workerCount === 1)
  }

  static readonly regionLength = (): number => 2 * CACHE_LINE_LENGTH

  /** Visits about `itemCount` items. True if there is more to do. */
  step(itemCount: number): boolean {
    const { prefixes } = this.expiry
    if (!prefixes.areOpen) return false
    // Another worker is at it.
    if (!this.mutex.tryLock()) return true
    this.visit(itemCount)
    this.mutex.unlock()
    return prefixes.areOpen
  }

  /** Sweeps until no prefix is left. No worker may be running. */
  finish(): void {
    this.endPass()
    while (this.step(Number.POSITIVE_INFINITY));
  }

  private visit(itemCount: number): void {
    const { words, state, buckets } = this
    if (this.passVersion === 0) this.beginPass()
    for (this.visitedCount = 0; this.visitedCount < itemCount; this.visitedCount++) {
      if (words[state + BUCKET]! >= buckets.count) {
        this.expiry.forgetPrefixes(this.passVersion)
        this.endPass()
        return
      }
      const bucket = words[state + BUCKET]!++
      if (bucket % WARMED_AT_ONCE === 0) buckets.warm(bucket, WARMED_AT_ONCE)
      this.visitBucket(bucket)
    }
  }

  private visitBucket(bucket: number): void {
    this.visited = this.memories[this.buckets.memoryOf(bucket)]!
    const place = this.buckets.placeOf(bucket)
    const { index, items, lock, expiry, counters, words } = this.visited
    if (place >= index.bucketCount) return
    const stripe = stripeOf(place)
    lock.write(stripe)
    index.chains.forEach(place, this.note)
    for (const item of this.dead) {
      if (!index.findItem(items.hashOf(item), item)) continue
      counters.count(Counter.crawler_reclaimed)
      removeDead(this.visited, index.slot, item, expiry.lifeOf(words, item))
    }
    lock.endWrite(stripe)
    this.dead.length = 0
  }

  private get passVersion(): number {
    return this.doubles[(this.state + PASS_VERSION) >>> 1]!
  }

  private beginPass(): void {
    this.words[this.state + BUCKET] = 0
    this.doubles[(this.state + PASS_VERSION) >>> 1] = this.expiry.prefixes.latestVersion
  }

  private endPass(): void {
    this.doubles[(this.state + PASS_VERSION) >>> 1] = 0
  }
}

/** In buckets. */
const WARMED_AT_ONCE = 16
const MUTEX = 0
const BUCKET = 1
/** A double: the latest version of the prefixes that the pass serves; 0 between two passes. */
const PASS_VERSION = 2
