import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { MISSING } from '../item/item.js'
import { GROUP_COUNT_MAX, QUEUE_COUNT } from './lanes.js'
import { SegmentPool } from './segment-pool.js'

/**
 * The memory for items, divided into segments of one length, and a table with a row for each.
 *
 *     segment   ┌──────┬──────┬────────┬─────┬─ ─ ─ ─ ─ ─ ─ ─ ─┐      free ──▶ open ──▶ sealed ──▶ free
 *               │ item │ item │ item   │item │ room            │        └────▶ index (stays there)
 *               └──────┴──────┴────────┴─────┴─ ─ ─ ─ ─ ─ ─ ─ ─┘
 *                                            ▲ used
 *
 * Items are written one behind the other into an open segment; later changes to them are counted per segment. A worker
 * has an open segment for every lane (lanes.ts).
 *
 * Several workers share the table. Only its worker writes into an open segment, and any worker may mark items in it dead. A
 * segment is taken, swept and returned under the mutex of the pool.
 *
 * The limit of memory may change. There are addresses for as many segments as the highest limit allows; those above the
 * current limit are withheld from the pool.
 */
export class Segments {
  readonly segmentLength: number
  readonly count: number
  readonly firstWord: number
  readonly pool: SegmentPool
  /** How many lanes of a worker may have an open segment: together at most a sixteenth of all segments. */
  readonly laneCount: number
  /** How many groups of times to live that allows. */
  readonly groupCount: number
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly shift: number
  private readonly table: number
  private readonly open: number
  private readonly isAlone: boolean

  constructor(arena: Arena, memoryLength: number, memoryLengthMax: number) {
    const { worker, workerCount } = arena.workerSlot
    this.segmentLength = segmentLengthFor(memoryLength)
    this.count = Math.floor(memoryLengthMax / this.segmentLength)
    const openCountMax = Math.floor(memoryLength / this.segmentLength) >>> 4
    const lanesPerGroup = QUEUE_COUNT * workerCount
    this.groupCount = Math.min(GROUP_COUNT_MAX, Math.max(1, Math.floor(openCountMax / lanesPerGroup)))
    this.laneCount = this.groupCount * QUEUE_COUNT
    this.words = arena.words
    this.doubles = arena.doubles
    this.isAlone = workerCount === 1
    this.shift = 31 - Math.clz32(this.segmentLength >>> 2)
    this.table = arena.reserve(this.count * ROW_WORDS * 4) >>> 2
    this.pool = new SegmentPool(arena, this.count)
    const firstOpen = arena.reserve(workerCount * OPEN_LENGTH) >>> 2
    this.open = firstOpen + (worker * OPEN_LENGTH) / 4
    this.firstWord = arena.reserve(this.count * this.segmentLength, PAGE_LENGTH) / 4
    if (arena.isNew) {
      for (let segment = this.count - 1; segment >= 0; segment--) this.withhold(segment)
      this.setLimit(memoryLength)
      this.words.fill(NONE, firstOpen, firstOpen + (workerCount * OPEN_LENGTH) / 4)
    }
  }

  /** Bytes of the arena for `memoryLengthMax` bytes of segments and their table. */
  static regionLength(memoryLength: number, workerCount: number, memoryLengthMax: number): number {
    const count = Segments.countFor(memoryLength, memoryLengthMax)
    const tableLength = count * ROW_WORDS * 4 + SegmentPool.regionLength(count) + workerCount * OPEN_LENGTH
    return memoryLengthMax + tableLength + 2 * PAGE_LENGTH
  }

  /** The count of segments that have addresses. */
  static countFor(memoryLength: number, memoryLengthMax: number): number {
    return Math.floor(memoryLengthMax / segmentLengthFor(memoryLength))
  }

  /** How many workers this memory is enough for: each keeps segments open, and others free for moved items. */
  static workerCountMax(memoryLength: number): number {
    return Math.max(1, Math.floor(memoryLength / segmentLengthFor(memoryLength) / SEGMENTS_OF_WORKER))
  }

  // ─── the limit ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The limit in bytes. */
  get limit(): number {
    return this.pool.limit
  }

  /** The count of segments that the limit allows. */
  get countAllowed(): number {
    return Math.floor(this.limit / this.segmentLength)
  }

  /** The count of segments that are free or in use. Above the allowed count until a lowered limit is reached. */
  get poolCount(): number {
    return this.pool.memberCount
  }

  /** Sets the limit. Segments below it join the pool; those above leave it when they are free. */
  setLimit(memoryLength: number): void {
    const { pool } = this
    pool.mutex.lock()
    pool.setLimit(memoryLength)
    while (this.poolCount < this.countAllowed) this.push(pool.popWithheld())
    pool.mutex.unlock()
  }

  /** Withholds a free segment if there are too many, and if more are free than have to stay. */
  withholdOne(leaveFree: number): boolean {
    const { pool } = this
    pool.mutex.lock()
    const isDue = this.poolCount > this.countAllowed && pool.freeCount > leaveFree
    if (isDue) this.withhold(pool.popFree())
    pool.mutex.unlock()
    return isDue
  }

  private withhold(segment: number): void {
    this.words[this.row(segment) + STATE] = State.WITHHELD
    this.pool.pushWithheld(segment)
  }

  // ─── taking, sweeping and returning segments ───────────────────────────────────────────────────────────────────────

  get freeCount(): number {
    return this.pool.freeCount
  }

  /** Takes a free segment for a lane, or for the index. NONE if no more are free than have to stay. */
  take(state: number, lane: number, now: number, leaveFree = 0): number {
    const { pool } = this
    pool.mutex.lock()
    const segment = pool.freeCount > leaveFree ? this.pop(state, lane, now) : NONE
    pool.mutex.unlock()
    return segment
  }

  private pop(state: number, lane: number, now: number): number {
    const segment = this.pool.popFree()
    const row = this.row(segment)
    this.words[row + USED] = 0
    this.words[row + DEAD] = 0
    this.words[row + EARLIEST] = NEVER_SECONDS
    this.words[row + LATEST] = 0
    this.words[row + BORN] = now
    this.words[row + PINS] = 0
    this.words[row + LANE] = lane
    this.doubles[row / 2 + SEQUENCE] = this.pool.nextSequence()
    Atomics.store(this.words, row + STATE, state)
    return segment
  }

  /** Returns a sealed segment without live bytes and pins to the pool. */
  freeIfEmpty(segment: number): void {
    if (!this.isEmpty(segment)) return
    this.pool.mutex.lock()
    if (this.isEmpty(segment)) this.push(segment)
    this.pool.mutex.unlock()
  }

  private isEmpty(segment: number): boolean {
    return this.state(segment) === State.SEALED && this.live(segment) === 0 && this.pins(segment) === 0
  }

  /** Lets one worker sweep a sealed segment. False if another was faster, or if bytes of it are pinned. */
  beginSweep(segment: number): boolean {
    this.pool.mutex.lock()
    const isOurs = this.state(segment) === State.SEALED && this.pins(segment) === 0
    if (isOurs) Atomics.store(this.words, this.row(segment) + STATE, State.SWEEPING)
    this.pool.mutex.unlock()
    return isOurs
  }

  /** A sweep has ended: the segment is an ordinary one again, and is free if nothing in it is live. */
  endSweep(segment: number): void {
    Atomics.store(this.words, this.row(segment) + STATE, State.SEALED)
    this.freeIfEmpty(segment)
  }

  private push(segment: number): void {
    Atomics.store(this.words, this.row(segment) + STATE, State.FREE)
    this.pool.pushFree(segment)
  }

  // ─── open segments ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** The segment that a lane writes to, or NONE. */
  openOf(lane: number): number {
    return this.words[this.open + lane]!
  }

  /** Bytes left in the lane's open segment. */
  roomIn(lane: number): number {
    const segment = this.openOf(lane)
    return segment === NONE ? 0 : this.segmentLength - this.words[this.row(segment) + USED]!
  }

  /** Gives the lane another segment to write to; the one it had is sealed. */
  openNext(lane: number, segment: number): void {
    const before = this.openOf(lane)
    if (before !== NONE) Atomics.store(this.words, this.row(before) + STATE, State.SEALED)
    this.words[this.open + lane] = segment
  }

  /** True when this worker writes to the segment. */
  isOwn(segment: number): boolean {
    return this.openOf(this.lane(segment)) === segment
  }

  /** Room for `size` bytes (a multiple of 4) behind the last item of the lane, or MISSING. The bytes count as live. */
  allocate(lane: number, size: number): number {
    const segment = this.openOf(lane)
    if (segment === NONE) return MISSING
    const row = this.row(segment)
    const used = this.words[row + USED]!
    if (used + size > this.segmentLength) return MISSING
    this.words[row + USED] = used + size
    return this.firstWordOf(segment) + (used >>> 2)
  }

  // ─── counts per segment ────────────────────────────────────────────────────────────────────────────────────────────

  /** The segment that contains a word. */
  of(word: number): number {
    return (word - this.firstWord) >>> this.shift
  }

  firstWordOf(segment: number): number {
    return this.firstWord + (segment << this.shift)
  }

  /** One past the last word in use. */
  endWordOf(segment: number): number {
    return this.firstWordOf(segment) + (this.used(segment) >>> 2)
  }

  state(segment: number): number {
    return this.words[this.row(segment) + STATE]!
  }

  /** True if it has items, or may get some. */
  holdsItems(segment: number): boolean {
    const state = this.state(segment)
    return state === State.OPEN || state === State.SEALED || state === State.SWEEPING
  }

  used(segment: number): number {
    return this.words[this.row(segment) + USED]!
  }

  live(segment: number): number {
    const row = this.row(segment)
    return this.words[row + USED]! - this.words[row + DEAD]!
  }

  /** This many of its bytes are no longer reachable. */
  bury(segment: number, size: number): void {
    const dead = this.row(segment) + DEAD
    if (this.isAlone) this.words[dead] = this.words[dead]! + size
    else Atomics.add(this.words, dead, size)
  }

  /** An item here expires at this time, in absolute seconds, or never: 0. */
  noteExpiry(segment: number, expiry: number): void {
    const row = this.row(segment)
    if (expiry !== 0 && (!this.isAlone || expiry < this.words[row + EARLIEST]! >>> 0))
      this.lower(row + EARLIEST, expiry)
    const end = expiry === 0 ? NEVER_SECONDS : expiry
    if (end > this.words[row + LATEST]! >>> 0) this.raise(row + LATEST, end)
  }

  /**
   * Begins with an atomic write, although it only reads at first: the thread that looks for the earliest expiry resets the word
   * and then reads the items. It sees the item for which this is called, or this call sees the reset.
   */
  private lower(word: number, value: number): void {
    let known = Atomics.or(this.words, word, 0)
    while (value < known >>> 0) {
      const seen = Atomics.compareExchange(this.words, word, known, value)
      if (seen === known) return
      known = seen
    }
  }

  private raise(word: number, value: number): void {
    let known = Atomics.load(this.words, word)
    while (value > known >>> 0) {
      const seen = Atomics.compareExchange(this.words, word, known, value)
      if (seen === known) return
      known = seen
    }
  }

  /** The earliest known expiry of its items; NEVER_SECONDS if there is none. */
  earliest(segment: number): number {
    return this.words[this.row(segment) + EARLIEST]! >>> 0
  }

  /** Resets it: the thread that reads all items afterwards records it again. */
  resetEarliest(segment: number): void {
    Atomics.exchange(this.words, this.row(segment) + EARLIEST, NEVER_SECONDS | 0)
  }

  latest(segment: number): number {
    return this.words[this.row(segment) + LATEST]! >>> 0
  }

  born(segment: number): number {
    return this.words[this.row(segment) + BORN]! >>> 0
  }

  pins(segment: number): number {
    return this.words[this.row(segment) + PINS]!
  }

  pin(segment: number): void {
    const row = this.row(segment)
    if (Atomics.add(this.words, row + PINS, 1) === 0) this.pool.countPinned(1)
  }

  unpin(segment: number): void {
    const row = this.row(segment)
    if (Atomics.sub(this.words, row + PINS, 1) === 1) this.pool.countPinned(-1)
  }

  /** As `pin`, for a value that is arriving: such segments are also counted separately. */
  pinArriving(segment: number): void {
    this.pin(segment)
    if (Atomics.add(this.words, this.row(segment) + ARRIVING, 1) === 0) this.pool.countArriving(1)
  }

  unpinArriving(segment: number): void {
    if (Atomics.sub(this.words, this.row(segment) + ARRIVING, 1) === 1) this.pool.countArriving(-1)
    this.unpin(segment)
  }

  lane(segment: number): number {
    return this.words[this.row(segment) + LANE]!
  }

  /** Rises with each segment that is opened: the lower, the older. */
  sequence(segment: number): number {
    return this.doubles[this.row(segment) / 2 + SEQUENCE]!
  }

  /** True when the segment was opened before the last flush. */
  isFlushed(segment: number): boolean {
    return this.pool.isFlushed(this.sequence(segment))
  }

  private row(segment: number): number {
    return this.table + segment * ROW_WORDS
  }
}

export const NONE = -1

export const State = { WITHHELD: 0, FREE: 1, OPEN: 2, SEALED: 3, SWEEPING: 4, INDEX: 5 } as const

/** Later than every expiry. */
export const NEVER_SECONDS = 0xffff_ffff

/**
 * A worker with one group of times to live has an open segment for each queue, and two are kept free for it: a quarter of
 * these 16. The rest is for items, so an item of half of the memory always fits.
 */
const SEGMENTS_OF_WORKER = 16

/** A 256th of the memory, as a power of two within bounds that keep waste and steps of work small. */
function segmentLengthFor(memoryLength: number): number {
  const wanted = 2 ** Math.floor(Math.log2(memoryLength / 256))
  return Math.min(SEGMENT_LENGTH_MAX, Math.max(SEGMENT_LENGTH_MIN, wanted))
}

const SEGMENT_LENGTH_MIN = 64 * 1024
const SEGMENT_LENGTH_MAX = 1024 * 1024
const PAGE_LENGTH = 4096

/** A row of the table, a cache line. */
const ROW_WORDS = 16
const STATE = 0
const USED = 1
const DEAD = 2
const EARLIEST = 3
const LATEST = 4
const BORN = 5
const PINS = 6
const LANE = 7
/** How many of the pins belong to values that are arriving. */
const ARRIVING = 8
/** Behind them, a double. */
const SEQUENCE = 5

/** The open segments of one worker, by lane. */
const OPEN_LENGTH = Math.ceil((GROUP_COUNT_MAX * QUEUE_COUNT * 4) / CACHE_LINE_LENGTH) * CACHE_LINE_LENGTH
