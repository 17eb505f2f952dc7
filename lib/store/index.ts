import type { Arena } from '../arena/arena.js'
import { keyLengthOf, keyStartOf, MISSING } from './item.js'
import { NONE, Queue, queueOf, type Segments, State } from './segments.js'

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
 * Kinds of slots: empty, an item, a link to the bucket where the chain goes on, or the ghost of an item that was evicted
 * when it was new: then the first word says when. Ghosts lie in slots that nobody else needs.
 *
 * A bucket's number is the hash's low bits, at least eight of them, so the upper 24 that the slot keeps make the hash
 * whole again: a bucket is split without a look at its items. When there are more than LOAD items to a bucket, the next
 * one in turn is split in two, one at a time, so no request waits for the table to double.
 */
export class Index {
  /** The slot of the item that `find` or `findItem` answered last. */
  slot = 0
  private readonly arena: Arena
  private readonly words: Int32Array
  private readonly segments: Segments
  private readonly state: number
  private readonly directory: number
  private readonly bucketsShift: number
  private readonly gathered: number[] = []

  constructor(arena: Arena, segments: Segments) {
    this.arena = arena
    this.words = arena.words
    this.segments = segments
    this.state = arena.reserve(STATE_WORDS * 4) >>> 2
    this.directory = arena.reserve(segments.count * 4) >>> 2
    this.bucketsShift = 31 - Math.clz32(segments.segmentLength / BUCKET_LENGTH)
    this.words[this.directory] = this.takeSegment()
    this.words[this.state + MASK] = (1 << this.bucketsShift) - 1
  }

  /** Bytes of the arena for an index over so many segments, beside the segments themselves. */
  static regionLength(segmentCount: number): number {
    return (STATE_WORDS + segmentCount) * 4 + 128
  }

  get itemCount(): number {
    return this.words[this.state + ITEM_COUNT]!
  }

  get bucketCount(): number {
    return this.words[this.state + MASK]! + 1 + this.words[this.state + SPLIT]!
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
    const wanted = (hash & TAG) | Kind.ITEM
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
      if ((words[end - 1]! & KIND) !== Kind.LINK) return MISSING
      slot = words[end - 2]!
    }
  }

  /** True when this very item can be found; its key's hash is given. */
  findItem(hash: number, item: number): boolean {
    const words = this.words
    let slot = this.bucketOf(hash)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        if (words[slot] === item && (words[slot + 1]! & KIND) === Kind.ITEM) {
          this.slot = slot
          return true
        }
      }
      if ((words[end - 1]! & KIND) !== Kind.LINK) return false
      slot = words[end - 2]!
    }
  }

  /** Every item in the chain of one bucket; for those who walk through all. */
  forEachInBucket(bucket: number, visit: (item: number, frequency: number) => void): void {
    const words = this.words
    let slot = this.wordOf(bucket)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & KIND) === Kind.ITEM) visit(words[slot]!, this.frequencyAt(slot))
      }
      if ((words[end - 1]! & KIND) !== Kind.LINK) return
      slot = words[end - 2]!
    }
  }

  /** Something has been evicted; before, there is no telling who has proved his worth. */
  get hasGhosts(): boolean {
    return this.words[this.state + GHOST_TIME] !== 0
  }

  /**
   * Which queue a new item with this hash belongs to: the main one when its ghost is met, or when an item like it, most
   * likely itself, is there already. Keys are not compared; a tag will do for a guess.
   */
  queueFor(hash: number): Queue {
    const { words, state } = this
    const ghostTime = words[state + GHOST_TIME]!
    let slot = this.bucketOf(hash)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        const mark = words[slot + 1]!
        if (((mark ^ hash) & TAG) !== 0) continue
        if ((mark & KIND) === Kind.ITEM) return queueOf(this.segments.lane(this.segments.of(words[slot]!)))
        if ((mark & KIND) !== Kind.GHOST) continue
        words[slot + 1] = Kind.EMPTY
        return ghostTime - words[slot]! <= this.itemCount ? Queue.MAIN : Queue.SMALL
      }
      if ((words[end - 1]! & KIND) !== Kind.LINK) return Queue.SMALL
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
    this.words[slot + 1] = Kind.EMPTY
    this.words[this.state + ITEM_COUNT]!--
  }

  /** The slot's item is evicted: its ghost stays for a while. */
  leaveGhostAt(slot: number): void {
    const { words, state } = this
    words[slot] = ++words[state + GHOST_TIME]!
    words[slot + 1] = (words[slot + 1]! & TAG) | Kind.GHOST
    words[state + ITEM_COUNT]!--
  }

  /** Sees to it that the next `insert` succeeds. False when no segment can be had for it. */
  prepareInsert(): boolean {
    const { words, state } = this
    if (words[state + SPARE] !== MISSING || words[state + OVERFLOW_CURSOR]! < words[state + OVERFLOW_END]!)
      return true
    const first = this.takeSegment()
    if (first === MISSING) return false
    words[state + OVERFLOW_CURSOR] = first
    words[state + OVERFLOW_END] = first + (this.segments.segmentLength >>> 2)
    return true
  }

  /** Adds an item whose key is not there yet. */
  insert(hash: number, item: number): void {
    this.put(this.bucketOf(hash), item, (hash & TAG) | Kind.ITEM)
    this.words[this.state + ITEM_COUNT]!++
  }

  /** Splits buckets while there are too many items to a bucket, at most `SPLITS_AT_ONCE`. */
  grow(): void {
    for (let done = 0; done < SPLITS_AT_ONCE && this.itemCount > this.bucketCount * LOAD; done++) {
      if (!this.splitNext()) return
    }
  }

  // ─── buckets ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private bucketOf(hash: number): number {
    const mask = this.words[this.state + MASK]!
    let bucket = hash & mask
    if (bucket < this.words[this.state + SPLIT]!) bucket = hash & (mask * 2 + 1)
    return this.wordOf(bucket)
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
        if (kind === Kind.GHOST && (ghost === MISSING || words[slot]! < words[ghost]!)) ghost = slot
        if (kind !== Kind.EMPTY) continue
        words[slot] = item
        words[slot + 1] = mark
        return
      }
      const last = end - SLOT_WORDS
      if ((words[last + 1]! & KIND) === Kind.LINK) {
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
      words[last + 1] = Kind.LINK
      return
    }
  }

  /** `prepareInsert` has seen to it that there is one. */
  private takeOverflow(): number {
    const { words, state } = this
    let bucket = words[state + SPARE]!
    if (bucket === MISSING) {
      bucket = words[state + OVERFLOW_CURSOR]!
      words[state + OVERFLOW_CURSOR] = bucket + OVERFLOW_WORDS
    } else {
      words[state + SPARE] = words[bucket]!
    }
    words.fill(0, bucket, bucket + OVERFLOW_WORDS)
    return bucket
  }

  private splitNext(): boolean {
    const { words, state } = this
    const mask = words[state + MASK]!
    const split = words[state + SPLIT]!
    const added = mask + 1 + split
    const directoryIndex = added >>> this.bucketsShift
    if ((added & ((1 << this.bucketsShift) - 1)) === 0) {
      const first = this.takeSegment()
      if (first === MISSING) return false
      words[this.directory + directoryIndex] = first
    }
    const low = this.wordOf(split)
    const high = this.wordOf(added)
    this.gather(low)
    words.fill(0, low, low + BUCKET_WORDS)
    words.fill(0, high, high + BUCKET_WORDS)
    const { gathered } = this
    for (let index = 0; index < gathered.length; index += SLOT_WORDS) {
      const mark = gathered[index + 1]!
      // The new bit of the bucket's number is among the upper 24, because a mask has eight bits at least.
      this.put((mark & TAG & (mask + 1)) !== 0 ? high : low, gathered[index]!, mark)
    }
    if (split === mask) {
      words[state + MASK] = mask * 2 + 1
      words[state + SPLIT] = 0
    } else {
      words[state + SPLIT] = split + 1
    }
    return true
  }

  /** Takes down what a chain holds and gives its overflow buckets back. */
  private gather(bucket: number): void {
    const { words, state, gathered } = this
    gathered.length = 0
    let slot = bucket
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      const start = slot
      for (; slot < end; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & KIND) === Kind.ITEM) gathered.push(words[slot]!, words[slot + 1]!)
      }
      const next = (words[end - 1]! & KIND) === Kind.LINK ? words[end - 2]! : MISSING
      if (start !== bucket) {
        words[start] = words[state + SPARE]!
        words[state + SPARE] = start
      }
      if (next === MISSING) return
      slot = next
    }
  }

  /** The first word of a segment for buckets, or MISSING. The bytes of its buckets are cleared as they come into use. */
  private takeSegment(): number {
    const isFirst = this.segmentCount === 0
    if (!isFirst && this.segments.freeCount <= SEGMENTS_LEFT_ALONE) return MISSING
    const segment = this.segments.take(State.INDEX, 0, 0)
    if (segment === NONE) return MISSING
    this.words[this.state + SEGMENT_COUNT]!++
    const first = this.segments.firstWordOf(segment)
    if (isFirst) this.words.fill(0, first, first + (this.segments.segmentLength >>> 2))
    return first
  }
}

/** Items to a bucket beyond which the index grows. Chains have room for more (README.md). */
const LOAD = 7.5
const SPLITS_AT_ONCE = 2
/** The index takes no segment that cleaning might need. */
const SEGMENTS_LEFT_ALONE = 2

const POWER_MIN = 16

const SLOT_WORDS = 2
const BUCKET_WORDS = 16
const BUCKET_LENGTH = BUCKET_WORDS * 4
/** Half a bucket: most chains have only one or two items too many. */
const OVERFLOW_WORDS = 8

const TAG = ~0xff
const KIND = 0xc0
const Kind = { EMPTY: 0, ITEM: 0x40, LINK: 0x80, GHOST: 0xc0 } as const
const FREQUENCY = 0x30
const FREQUENCY_STEP = 0x10

/** What changes, as words of the arena. */
const MASK = 0
const SPLIT = 1
const ITEM_COUNT = 2
const SEGMENT_COUNT = 3
/** List of overflow buckets that were given back, and the stretch that has not been used yet. */
const SPARE = 4
const OVERFLOW_CURSOR = 5
const OVERFLOW_END = 6
/** How many ghosts there have been: their age is counted in this. */
const GHOST_TIME = 7
const STATE_WORDS = 16
