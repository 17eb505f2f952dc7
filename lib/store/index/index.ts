import type { Arena } from '../../arena/arena.js'
import { keyLengthOf, keyStartOf, MISSING } from '../item/item.js'
import { type RwLock, stripeOf } from '../lock/rw-lock.js'
import { SharedCount } from '../lock/shared-count.js'
import { Queue, queueOf } from '../segments/lanes.js'
import { NONE, type Segments, State } from '../segments/segments.js'
import { Chains } from './chains.js'
import { OverflowBuckets } from './overflow.js'
import {
  BUCKET_LENGTH,
  BUCKET_WORDS,
  FREQUENCY,
  FREQUENCY_STEP,
  KIND,
  OVERFLOW_WORDS,
  SLOT_WORDS,
  SlotKind,
  TAG,
} from './slots.js'

/**
 * Finds items by key: linear hashing over buckets (slots.ts) in segments of the same pool as the items.
 *
 * A bucket's number is the hash's low bits, at least eight of them, so they and the upper 24 of the slot give the whole
 * hash: a bucket is split without reading its items. When there are more than LOAD items to a bucket, the next
 * one in turn is split in two, one at a time, so no request waits for the table to double.
 *
 * The lock of a stripe, the bucket's lowest eight bits, guards a bucket and its chain. The number of buckets is one
 * word, so a split changes the bucket of its keys for all workers at once. Each worker has its own free overflow
 * buckets.
 */
export class Index {
  /** The slot of the item that `find` or `findItem` returned last. */
  slot = 0
  /** For visits of all items. */
  readonly chains: Chains
  readonly words: Int32Array
  private readonly arena: Arena
  private readonly segments: Segments
  private readonly state: number
  private readonly directory: number
  private readonly bucketsShift: number
  private readonly overflow: OverflowBuckets
  private readonly items: SharedCount
  /** The count of ghosts so far: the age of a ghost is measured in ghosts. */
  private readonly ghosts: SharedCount
  private readonly segmentsLeftAlone: number
  private readonly gathered: number[] = []

  constructor(arena: Arena, segments: Segments) {
    const { worker, workerCount } = arena.workerSlot
    this.arena = arena
    this.words = arena.words
    this.segments = segments
    this.state = arena.reserve((1 + workerCount) * STATE_WORDS * 4) >>> 2
    this.overflow = new OverflowBuckets(
      this.words,
      this.state + (1 + worker) * STATE_WORDS,
      OVERFLOW_WORDS,
      segments.segmentLength >>> 2,
      () => this.takeSegment(),
    )
    this.directory = arena.reserve(segments.count * 4) >>> 2
    this.chains = new Chains(this, arena.words)
    this.items = new SharedCount(arena, COUNT_STEP)
    this.ghosts = new SharedCount(arena, COUNT_STEP)
    this.segmentsLeftAlone = SEGMENTS_LEFT_ALONE * workerCount
    this.bucketsShift = 31 - Math.clz32(segments.segmentLength / BUCKET_LENGTH)
    if (!arena.isNew) return
    this.words[this.directory] = this.takeSegment()
    this.words[this.state + BUCKET_COUNT] = 1 << this.bucketsShift
  }

  /** Bytes of the arena for an index over `segmentCount` segments, in addition to the segments themselves. */
  static regionLength(segmentCount: number, workerCount: number): number {
    const counts = 2 * SharedCount.regionLength(workerCount)
    return ((1 + workerCount) * STATE_WORDS + segmentCount) * 4 + counts + 256
  }

  get itemCount(): number {
    return this.items.exact
  }

  get bucketCount(): number {
    return this.words[this.state + BUCKET_COUNT]!
  }

  get segmentCount(): number {
    return this.words[this.state + SEGMENT_COUNT]!
  }

  get byteLength(): number {
    return this.segmentCount * this.segments.segmentLength
  }

  /** The size in memcached's terms: a table of 2 to this power, at least 16. */
  get power(): number {
    return Math.max(POWER_MIN, Math.floor(Math.log2(this.bucketCount * LOAD)))
  }

  // ─── finding ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The item with this key, or MISSING. */
  find(hash: number, keyStart: number, keyLength: number): number {
    const words = this.words
    const wanted = (hash & TAG) | SlotKind.ITEM
    let slot = this.bucketOf(hash)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & (TAG | KIND)) !== wanted) continue
        const item = words[slot]!
        if (
          keyLengthOf(words, item) === keyLength &&
          this.arena.equalKey(keyStartOf(words, item), keyStart, keyLength) !== 0
        ) {
          this.slot = slot
          return item
        }
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return MISSING
      slot = words[end - 2]!
    }
  }

  /** True if the index has this very item; its key's hash is given. */
  findItem(hash: number, item: number): boolean {
    const words = this.words
    let slot = this.bucketOf(hash)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        if (words[slot] === item && (words[slot + 1]! & KIND) === SlotKind.ITEM) {
          this.slot = slot
          return true
        }
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return false
      slot = words[end - 2]!
    }
  }

  /** Reads a word of the item with this hash, if it is in this bucket. */
  readItem(hash: number, bucket: number): number {
    const words = this.words
    const wanted = (hash & TAG) | SlotKind.ITEM
    for (let slot = bucket; slot < bucket + BUCKET_WORDS; slot += SLOT_WORDS)
      if ((words[slot + 1]! & (TAG | KIND)) === wanted) return words[words[slot]!]!
    return 0
  }

  /** An item was evicted. No ghosts exist before the first eviction. */
  get hasGhosts(): boolean {
    return this.ghosts.rough !== 0
  }

  /**
   * The queue for a new item with this hash: the main one if its ghost is found, or if an item with the same tag, most likely
   * the same key, is in the index. Keys are not compared: a tag is enough for a guess.
   */
  queueFor(hash: number): Queue {
    const { words } = this
    let slot = this.bucketOf(hash)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        const mark = words[slot + 1]!
        if (((mark ^ hash) & TAG) !== 0) continue
        if ((mark & KIND) === SlotKind.ITEM)
          return queueOf(this.segments.lane(this.segments.of(words[slot]!)))
        if ((mark & KIND) !== SlotKind.GHOST) continue
        words[slot + 1] = SlotKind.EMPTY
        return ageOf(this.ghosts.rough, words[slot]!) <= this.items.rough ? Queue.MAIN : Queue.SMALL
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return Queue.SMALL
      slot = words[end - 2]!
    }
  }

  // ─── frequency ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Counts a hit, until the counter is at its maximum: then the slot of a hot item is only read. */
  hitAt(slot: number): void {
    const mark = this.words[slot + 1]!
    if ((mark & FREQUENCY) !== FREQUENCY) this.words[slot + 1] = mark + FREQUENCY_STEP
  }

  frequencyAt(slot: number): number {
    return (this.words[slot + 1]! & FREQUENCY) / FREQUENCY_STEP
  }

  resetFrequencyAt(slot: number): void {
    this.words[slot + 1] = this.words[slot + 1]! & ~FREQUENCY
  }

  /** Decrements the counter. */
  coolAt(slot: number): void {
    const mark = this.words[slot + 1]!
    if ((mark & FREQUENCY) !== 0) this.words[slot + 1] = mark - FREQUENCY_STEP
  }

  // ─── changing ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The slot's item was moved or replaced. */
  replaceAt(slot: number, item: number): void {
    this.words[slot] = item
  }

  removeAt(slot: number): void {
    this.words[slot] = MISSING
    this.words[slot + 1] = SlotKind.EMPTY
    this.items.add(-1)
  }

  /** The slot's item was evicted: its ghost stays for a while. */
  leaveGhostAt(slot: number): void {
    const { words } = this
    this.ghosts.add(1)
    words[slot] = this.ghosts.rough
    words[slot + 1] = (words[slot + 1]! & TAG) | SlotKind.GHOST
    this.items.add(-1)
  }

  /** The next `insert` succeeds, and the index need not grow. */
  get isReady(): boolean {
    return this.overflow.isReady && !this.isCrowded
  }

  private get isCrowded(): boolean {
    return this.items.rough > this.bucketCount * LOAD
  }

  /** Ensures that the next `insert` succeeds. False if no segment is free for it. */
  prepareInsert(): boolean {
    return this.overflow.prepare()
  }

  /** Adds an item whose key is not in the index. */
  insert(hash: number, item: number): void {
    this.put(this.bucketOf(hash), item, (hash & TAG) | SlotKind.ITEM)
    this.items.add(1)
  }

  /** Splits buckets while there are too many items to a bucket, at most `SPLITS_AT_ONCE`. Nothing is locked yet. */
  grow(lock: RwLock): void {
    if (!this.isCrowded) return
    // One worker at a time splits; the others do not wait for it.
    if (Atomics.compareExchange(this.words, this.state + SPLITTING, 0, 1) !== 0) return
    for (let done = 0; done < SPLITS_AT_ONCE && this.isCrowded; done++) {
      if (!this.splitNext(lock)) break
    }
    Atomics.store(this.words, this.state + SPLITTING, 0)
  }

  // ─── buckets ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The number of the bucket that a hash had when there were so many buckets: what was in a bucket is later in the same one, or
   * in a higher one.
   */
  bucketNumber(hash: number, bucketCount: number): number {
    const mask = 0xffff_ffff >>> Math.clz32(bucketCount - 1)
    const bucket = hash & mask
    return bucket < bucketCount ? bucket : bucket & (mask >>> 1)
  }

  /** The first slot of a hash's bucket. Computes the number by itself: one call less on the path of every request. */
  bucketOf(hash: number): number {
    const { bucketCount } = this
    const mask = 0xffff_ffff >>> Math.clz32(bucketCount - 1)
    const bucket = hash & mask
    return this.wordOf(bucket < bucketCount ? bucket : bucket & (mask >>> 1))
  }

  /** The first slot of a bucket. */
  wordOf(bucket: number): number {
    const inSegment = bucket & ((1 << this.bucketsShift) - 1)
    return this.words[this.directory + (bucket >>> this.bucketsShift)]! + inSegment * BUCKET_WORDS
  }

  private put(bucket: number, item: number, mark: number): void {
    const words = this.words
    let slot = bucket
    let ghost = MISSING
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        const kind = words[slot + 1]! & KIND
        if (kind === SlotKind.GHOST && (ghost === MISSING || ageOf(words[ghost]!, words[slot]!) > 0))
          ghost = slot
        if (kind !== SlotKind.EMPTY) continue
        words[slot] = item
        words[slot + 1] = mark
        return
      }
      const last = end - SLOT_WORDS
      if ((words[last + 1]! & KIND) === SlotKind.LINK) {
        slot = words[last]!
        continue
      }
      if (ghost !== MISSING) {
        words[ghost] = item
        words[ghost + 1] = mark
        return
      }
      const overflow = this.overflow.take()
      words[overflow] = words[last]!
      words[overflow + 1] = words[last + 1]!
      words[overflow + 2] = item
      words[overflow + 3] = mark
      words[last] = overflow
      words[last + 1] = SlotKind.LINK
      return
    }
  }

  private splitNext(lock: RwLock): boolean {
    const { words } = this
    const added = this.bucketCount
    if ((added & ((1 << this.bucketsShift) - 1)) === 0) {
      const first = this.takeSegment()
      if (first === MISSING) return false
      words[this.directory + (added >>> this.bucketsShift)] = first
    }
    const bit = 1 << (31 - Math.clz32(added))
    const split = added - bit
    lock.write(stripeOf(split))
    this.split(split, added, bit)
    Atomics.store(words, this.state + BUCKET_COUNT, added + 1)
    lock.endWrite(stripeOf(split))
    return true
  }

  /** Divides the slots of a bucket: slots whose hash has the bit move to the new one. */
  private split(split: number, added: number, bit: number): void {
    const { words } = this
    const low = this.wordOf(split)
    const high = this.wordOf(added)
    this.gather(low)
    words.fill(0, low, low + BUCKET_WORDS)
    words.fill(0, high, high + BUCKET_WORDS)
    const { gathered } = this
    for (let index = 0; index < gathered.length; index += SLOT_WORDS) {
      const mark = gathered[index + 1]!
      // The bit is among the upper 24, because there are at least 256 buckets.
      this.put((mark & TAG & bit) !== 0 ? high : low, gathered[index]!, mark)
    }
  }

  /** Copies the slots of a chain and frees its overflow buckets. */
  private gather(bucket: number): void {
    const { words, gathered } = this
    gathered.length = 0
    let slot = bucket
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      const start = slot
      for (; slot < end; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & KIND) === SlotKind.ITEM) gathered.push(words[slot]!, words[slot + 1]!)
      }
      const next = (words[end - 1]! & KIND) === SlotKind.LINK ? words[end - 2]! : MISSING
      if (start !== bucket) this.overflow.giveBack(start)
      if (next === MISSING) return
      slot = next
    }
  }

  /**
   * The first word of a segment for buckets, or MISSING. The bytes of its buckets are cleared before their first use.
   */
  private takeSegment(): number {
    const isFirst = this.segmentCount === 0
    const segment = this.segments.take(State.INDEX, 0, 0, isFirst ? 0 : this.segmentsLeftAlone)
    if (segment === NONE) return MISSING
    Atomics.add(this.words, this.state + SEGMENT_COUNT, 1)
    const first = this.segments.firstWordOf(segment)
    if (isFirst) this.words.fill(0, first, first + (this.segments.segmentLength >>> 2))
    return first
  }
}

/** How many ghosts came between two. They are counted modulo 2^32. */
const ageOf = (later: number, earlier: number): number => (later - earlier) | 0

/** The index grows above this number of items to a bucket. Chains have room for more (README.md). */
const LOAD = 7.5
const SPLITS_AT_ONCE = 2
/** Exact enough for the growth of the index, and for the age of ghosts. */
const COUNT_STEP = 16
/** The index takes no segment that the cleaning of a worker might need. */
const SEGMENTS_LEFT_ALONE = 2

const POWER_MIN = 16

/** What all workers change, a cache line of the arena; behind it one for each worker's overflow buckets. */
const BUCKET_COUNT = 0
const SEGMENT_COUNT = 1
/** 1 while a worker splits buckets. */
const SPLITTING = 2

const STATE_WORDS = 16
