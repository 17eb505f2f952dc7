import type { Arena } from '../arena/arena.js'
import { keyLengthOf, keyStartOf, MISSING } from './item.js'
import { Queue, queueOf } from './lanes.js'
import { type RwLock, stripeOf } from './rw-lock.js'
import { NONE, type Segments, State } from './segments.js'
import { SharedCount } from './shared-count.js'

/**
 * From key to item: linear hashing over buckets of a cache line, which lie in segments of the same pool as the items.
 *
 *     bucket   ┌────────┬────────┬────────┬────────┬────────┬────────┬────────┬────────┐
 *              │ slot 0 │ slot 1 │   2    │   3    │   4    │   5    │   6    │   7    │   8 slots of 8 bytes
 *              └────────┴────────┴────────┴────────┴────────┴────────┴────────┴────┬───┘
 *                                                                                  ▼ when full: an overflow bucket of 4
 *     slot     31                                8 7    6 5         4 3    0
 *              ┌─────────────────────────────────────────────────────────┐
 *              │ item: the index of its first word                       │
 *              ├──────────────────────────────────┬──────┬───────────┬───┤
 *              │ hash, upper 24 bits              │ kind │ frequency │   │
 *              └──────────────────────────────────┴──────┴───────────┴───┘
 *
 * Kinds of slots: empty, an item, a link to the bucket where the chain goes on, or the ghost of an item that was
 * evicted when it was new: then the first word says when. Ghosts lie in slots that nobody else needs.
 *
 * A bucket's number is the hash's low bits, at least eight of them, so the upper 24 that the slot keeps make the hash
 * whole again: a bucket is split without a look at its items. When there are more than LOAD items to a bucket, the next
 * one in turn is split in two, one at a time, so no request waits for the table to double.
 *
 * All that lies in a bucket and its chain is guarded by the lock of its stripe, the bucket's lowest eight bits. How
 * many buckets there are is one word, so that a split changes for all at once where its keys belong. Each worker has
 * overflow buckets of its own to take from.
 */
export class Index {
  /** The slot of the item that `find` or `findItem` answered last. */
  slot = 0
  private readonly arena: Arena
  private readonly words: Int32Array
  private readonly segments: Segments
  private readonly state: number
  /** What only this worker changes. */
  private readonly own: number
  private readonly directory: number
  private readonly bucketsShift: number
  private readonly items: SharedCount
  /** How many ghosts there have been: their age is counted in this. */
  private readonly ghosts: SharedCount
  private readonly segmentsLeftAlone: number
  private readonly gathered: number[] = []

  constructor(arena: Arena, segments: Segments) {
    const { worker, workerCount } = arena.workerSlot
    this.arena = arena
    this.words = arena.words
    this.segments = segments
    this.state = arena.reserve((1 + workerCount) * STATE_WORDS * 4) >>> 2
    this.own = this.state + (1 + worker) * STATE_WORDS
    this.directory = arena.reserve(segments.count * 4) >>> 2
    this.items = new SharedCount(arena, COUNT_STEP)
    this.ghosts = new SharedCount(arena, COUNT_STEP)
    this.segmentsLeftAlone = SEGMENTS_LEFT_ALONE * workerCount
    this.bucketsShift = 31 - Math.clz32(segments.segmentLength / BUCKET_LENGTH)
    if (!arena.isNew) return
    this.words[this.directory] = this.takeSegment()
    this.words[this.state + BUCKET_COUNT] = 1 << this.bucketsShift
  }

  /** Bytes of the arena for an index over so many segments, beside the segments themselves. */
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

  /** The size in memcached's terms: a table of 2 to this power, which begins with 16. */
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
          this.arena.equal(keyStartOf(words, item), keyStart, keyLength) !== 0
        ) {
          this.slot = slot
          return item
        }
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return MISSING
      slot = words[end - 2]!
    }
  }

  /** True when this very item can be found; its key's hash is given. */
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

  /** Every item in the chain of one bucket; for those who walk through all. */
  forEachInBucket(bucket: number, visit: (item: number, frequency: number) => void): void {
    const words = this.words
    let slot = this.wordOf(bucket)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & KIND) === SlotKind.ITEM) visit(words[slot]!, this.frequencyAt(slot))
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return
      slot = words[end - 2]!
    }
  }

  /** Something has been evicted. No ghosts exist before the first eviction. */
  get hasGhosts(): boolean {
    return this.ghosts.rough !== 0
  }

  /**
   * Which queue a new item with this hash belongs to: the main one when its ghost is met, or when an item like it, most
   * likely itself, is there already. Keys are not compared; a tag will do for a guess.
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
        return this.ghosts.rough - words[slot]! <= this.items.rough ? Queue.MAIN : Queue.SMALL
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return Queue.SMALL
      slot = words[end - 2]!
    }
  }

  // ─── how often an item was asked for ───────────────────────────────────────────────────────────────────────────────

  /** Counts a hit, until the counter is full: a hot item's slot is only read. */
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

  /** Takes one off the count. */
  coolAt(slot: number): void {
    const mark = this.words[slot + 1]!
    if ((mark & FREQUENCY) !== 0) this.words[slot + 1] = mark - FREQUENCY_STEP
  }

  // ─── changing ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The slot's item has moved, or another takes its place. */
  replaceAt(slot: number, item: number): void {
    this.words[slot] = item
  }

  removeAt(slot: number): void {
    this.words[slot] = MISSING
    this.words[slot + 1] = SlotKind.EMPTY
    this.items.add(-1)
  }

  /** The slot's item is evicted: its ghost stays for a while. */
  leaveGhostAt(slot: number): void {
    const { words } = this
    this.ghosts.add(1)
    words[slot] = this.ghosts.rough
    words[slot + 1] = (words[slot + 1]! & TAG) | SlotKind.GHOST
    this.items.add(-1)
  }

  /** Sees to it that the next `insert` succeeds. False when no segment can be had for it. */
  prepareInsert(): boolean {
    const { words, own } = this
    if (words[own + SPARE] !== MISSING || words[own + OVERFLOW_CURSOR]! < words[own + OVERFLOW_END]!)
      return true
    const first = this.takeSegment()
    if (first === MISSING) return false
    words[own + OVERFLOW_CURSOR] = first
    words[own + OVERFLOW_END] = first + (this.segments.segmentLength >>> 2)
    return true
  }

  /** Adds an item whose key is not there yet. */
  insert(hash: number, item: number): void {
    this.put(this.bucketOf(hash), item, (hash & TAG) | SlotKind.ITEM)
    this.items.add(1)
  }

  /** Splits buckets while there are too many items to a bucket, at most `SPLITS_AT_ONCE`. Nothing is locked yet. */
  grow(lock: RwLock): void {
    if (this.items.rough <= this.bucketCount * LOAD) return
    // One worker at a time splits; the others do not wait for it.
    if (Atomics.compareExchange(this.words, this.state + SPLITTING, 0, 1) !== 0) return
    for (let done = 0; done < SPLITS_AT_ONCE && this.items.rough > this.bucketCount * LOAD; done++) {
      if (!this.splitNext(lock)) break
    }
    Atomics.store(this.words, this.state + SPLITTING, 0)
  }

  // ─── buckets ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private bucketOf(hash: number): number {
    const { bucketCount } = this
    const mask = 0xffff_ffff >>> Math.clz32(bucketCount - 1)
    const bucket = hash & mask
    return this.wordOf(bucket < bucketCount ? bucket : bucket & (mask >>> 1))
  }

  private wordOf(bucket: number): number {
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
        if (kind === SlotKind.GHOST && (ghost === MISSING || words[slot]! < words[ghost]!)) ghost = slot
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
      const overflow = this.takeOverflow()
      words[overflow] = words[last]!
      words[overflow + 1] = words[last + 1]!
      words[overflow + 2] = item
      words[overflow + 3] = mark
      words[last] = overflow
      words[last + 1] = SlotKind.LINK
      return
    }
  }

  /** `prepareInsert` has seen to it that there is one. */
  private takeOverflow(): number {
    const { words, own } = this
    let bucket = words[own + SPARE]!
    if (bucket === MISSING) {
      bucket = words[own + OVERFLOW_CURSOR]!
      words[own + OVERFLOW_CURSOR] = bucket + OVERFLOW_WORDS
    } else {
      words[own + SPARE] = words[bucket]!
    }
    words.fill(0, bucket, bucket + OVERFLOW_WORDS)
    return bucket
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

  /** Shares a bucket's slots with the new one: those whose hash has the bit belong there. */
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
      // The bit is among the upper 24, because there are 256 buckets at least.
      this.put((mark & TAG & bit) !== 0 ? high : low, gathered[index]!, mark)
    }
  }

  /** Takes down what a chain holds and gives its overflow buckets back. */
  private gather(bucket: number): void {
    const { words, own, gathered } = this
    gathered.length = 0
    let slot = bucket
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      const start = slot
      for (; slot < end; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & KIND) === SlotKind.ITEM) gathered.push(words[slot]!, words[slot + 1]!)
      }
      const next = (words[end - 1]! & KIND) === SlotKind.LINK ? words[end - 2]! : MISSING
      if (start !== bucket) {
        words[start] = words[own + SPARE]!
        words[own + SPARE] = start
      }
      if (next === MISSING) return
      slot = next
    }
  }

  /**
   * The first word of a segment for buckets, or MISSING. The bytes of its buckets are cleared as they come into use.
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

/** Items to a bucket beyond which the index grows. Chains have room for more (README.md). */
const LOAD = 7.5
const SPLITS_AT_ONCE = 2
/** Exact enough for the growth of the index, and for the age of ghosts. */
const COUNT_STEP = 16
/** The index takes no segment that a worker's cleaning might need. */
const SEGMENTS_LEFT_ALONE = 2

const POWER_MIN = 16

const SLOT_WORDS = 2
const BUCKET_WORDS = 16
const BUCKET_LENGTH = BUCKET_WORDS * 4
/** Half a bucket: most chains have only one or two items too many. */
const OVERFLOW_WORDS = 8

const TAG = ~0xff
const KIND = 0xc0
const SlotKind = { EMPTY: 0, ITEM: 0x40, LINK: 0x80, GHOST: 0xc0 } as const
const FREQUENCY = 0x30
const FREQUENCY_STEP = 0x10

/** What all workers change, a cache line of the arena. */
const BUCKET_COUNT = 0
const SEGMENT_COUNT = 1
/** 1 while a worker splits buckets. */
const SPLITTING = 2

/** What each changes for itself: the list of overflow buckets that were given back, and a stretch not used yet. */
const SPARE = 0
const OVERFLOW_CURSOR = 1
const OVERFLOW_END = 2

const STATE_WORDS = 16
