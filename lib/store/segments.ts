import type { Arena } from '../arena/arena.js'
import { MISSING } from './item.js'

/**
 * The memory for items, cut into segments of one length, and a table with a row for each.
 *
 *     segment   ┌──────┬──────┬────────┬─────┬─ ─ ─ ─ ─ ─ ─ ─ ─┐      free ──▶ open ──▶ sealed ──▶ free
 *               │ item │ item │ item   │item │ room            │        └────▶ index (never comes back)
 *               └──────┴──────┴────────┴─────┴─ ─ ─ ─ ─ ─ ─ ─ ─┘
 *                                            ▲ used
 *
 * Items are written one behind the other into an open segment; what happens to them afterwards is booked per segment. A
 * worker has an open segment for every lane. A lane is a group of like times to live, so that what dies together lies
 * together, in one of two queues: what is new, and what has proved its worth (eviction.ts).
 */
export class Segments {
  readonly segmentLength: number
  readonly count: number
  readonly firstWord: number
  private readonly words: Int32Array
  private readonly shift: number
  private readonly table: number
  private readonly pool: number
  private readonly open: number
  /** How many lanes may have an open segment: a sixteenth of all segments. */
  readonly laneCount: number
  private readonly groupCount: number

  constructor(arena: Arena, memoryLength: number) {
    this.segmentLength = segmentLengthFor(memoryLength)
    this.count = Math.floor(memoryLength / this.segmentLength)
    this.groupCount = Math.min(GROUP_COUNT_MAX, Math.max(1, (this.count >>> 4) / QUEUE_COUNT) | 0)
    this.laneCount = this.groupCount * QUEUE_COUNT
    this.words = arena.words
    this.shift = 31 - Math.clz32(this.segmentLength >>> 2)
    this.table = arena.reserve(this.count * ROW_WORDS * 4) >>> 2
    this.pool = arena.reserve((POOL_WORDS + this.count) * 4) >>> 2
    this.open = arena.reserve(this.laneCount * 4) >>> 2
    this.firstWord = arena.reserve(this.count * this.segmentLength, PAGE_LENGTH) / 4
    for (let segment = this.count - 1; segment >= 0; segment--) this.free(segment)
    for (let lane = 0; lane < this.laneCount; lane++) this.words[this.open + lane] = NONE
  }

  /** How many bytes of the arena `memoryLength` bytes of segments take with their table. */
  static regionLength(memoryLength: number): number {
    const count = Math.floor(memoryLength / segmentLengthFor(memoryLength))
    return memoryLength + count * (ROW_WORDS + 1) * 4 + 2 * PAGE_LENGTH
  }

  // ─── the pool ──────────────────────────────────────────────────────────────────────────────────────────────────────

  get freeCount(): number {
    return this.words[this.pool + FREE_COUNT]!
  }

  /** Takes a free segment for a lane, or for the index. NONE when there is none. */
  take(state: number, lane: number, now: number): number {
    const freeCount = this.freeCount
    if (freeCount === 0) return NONE
    const segment = this.words[this.pool + POOL_WORDS + freeCount - 1]!
    this.words[this.pool + FREE_COUNT] = freeCount - 1
    const row = this.row(segment)
    this.words[row + STATE] = state
    this.words[row + USED] = 0
    this.words[row + LIVE] = 0
    this.words[row + EARLIEST] = NEVER_SECONDS
    this.words[row + LATEST] = 0
    this.words[row + BORN] = now
    this.words[row + PINS] = 0
    this.words[row + LANE] = lane
    this.words[row + SEQUENCE] = this.words[this.pool + NEXT_SEQUENCE]!++
    return segment
  }

  free(segment: number): void {
    const freeCount = this.freeCount
    this.words[this.row(segment) + STATE] = State.FREE
    this.words[this.pool + POOL_WORDS + freeCount] = segment
    this.words[this.pool + FREE_COUNT] = freeCount + 1
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

  /** Lets the lane write to another segment; the one it had is complete. */
  openNext(lane: number, segment: number): void {
    const before = this.openOf(lane)
    if (before !== NONE) this.words[this.row(before) + STATE] = State.SEALED
    this.words[this.open + lane] = segment
  }

  /** Room for `size` bytes (a multiple of 4) behind the last item of the lane, or MISSING. The bytes count as live. */
  allocate(lane: number, size: number): number {
    const segment = this.openOf(lane)
    if (segment === NONE) return MISSING
    const row = this.row(segment)
    const used = this.words[row + USED]!
    if (used + size > this.segmentLength) return MISSING
    this.words[row + USED] = used + size
    this.words[row + LIVE] = this.words[row + LIVE]! + size
    return this.firstWordOf(segment) + (used >>> 2)
  }

  // ─── what is booked per segment ────────────────────────────────────────────────────────────────────────────────────

  /** The segment in which a word lies. */
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

  setState(segment: number, state: number): void {
    this.words[this.row(segment) + STATE] = state
  }

  used(segment: number): number {
    return this.words[this.row(segment) + USED]!
  }

  live(segment: number): number {
    return this.words[this.row(segment) + LIVE]!
  }

  /** So many of its bytes are no longer reachable. */
  bury(segment: number, size: number): void {
    const row = this.row(segment)
    this.words[row + LIVE] = this.words[row + LIVE]! - size
  }

  /** Something here ends at this time, in absolute seconds, or never: 0. */
  noteExpiry(segment: number, expiry: number): void {
    const row = this.row(segment)
    const end = expiry === 0 ? NEVER_SECONDS : expiry
    if (end < this.words[row + EARLIEST]! >>> 0) this.words[row + EARLIEST] = end
    if (end > this.words[row + LATEST]! >>> 0) this.words[row + LATEST] = end
  }

  /** When the first of its items ends, as far as known; NEVER_SECONDS when none does. */
  earliest(segment: number): number {
    return this.words[this.row(segment) + EARLIEST]! >>> 0
  }

  setEarliest(segment: number, expiry: number): void {
    this.words[this.row(segment) + EARLIEST] = expiry
  }

  latest(segment: number): number {
    return this.words[this.row(segment) + LATEST]! >>> 0
  }

  born(segment: number): number {
    return this.words[this.row(segment) + BORN]!
  }

  pins(segment: number): number {
    return this.words[this.row(segment) + PINS]!
  }

  pin(segment: number): void {
    const row = this.row(segment)
    if (this.words[row + PINS]!++ === 0) this.words[this.pool + PINNED_COUNT]!++
  }

  unpin(segment: number): void {
    const row = this.row(segment)
    if (--this.words[row + PINS]! === 0) this.words[this.pool + PINNED_COUNT]!--
  }

  get pinnedCount(): number {
    return this.words[this.pool + PINNED_COUNT]!
  }

  lane(segment: number): number {
    return this.words[this.row(segment) + LANE]!
  }

  /** Rises with each segment that is opened: the smaller, the older. */
  sequence(segment: number): number {
    return this.words[this.row(segment) + SEQUENCE]!
  }

  /** Everything that is in memory now has been flushed; what is still to be written has not. */
  noteFlush(): void {
    this.words[this.pool + FLUSH_SEQUENCE] = this.words[this.pool + NEXT_SEQUENCE]!
  }

  /** True when the segment was opened before the last flush. */
  isFlushed(segment: number): boolean {
    return this.sequence(segment) < this.words[this.pool + FLUSH_SEQUENCE]!
  }

  /** The lane for items that live so long, 0 for ever. Each next group holds times to live up to four times as long. */
  laneFor(secondsToLive: number, queue: Queue): number {
    let group = 0
    if (secondsToLive > 0) {
      const steps = Math.max(0, (33 - Math.clz32(secondsToLive) - SHORTEST_GROUP_BITS) >> 1)
      group = Math.min(1 + steps, this.groupCount - 1)
    }
    return group * QUEUE_COUNT + queue
  }

  private row(segment: number): number {
    return this.table + segment * ROW_WORDS
  }
}

export const NONE = -1

export const State = { FREE: 0, OPEN: 1, SEALED: 2, SWEEPING: 3, INDEX: 4 } as const

/** New items, and those that have been asked for again. */
export const Queue = { SMALL: 0, MAIN: 1 } as const
export type Queue = (typeof Queue)[keyof typeof Queue]
const QUEUE_COUNT = 2

export const queueOf = (lane: number): Queue => (lane % QUEUE_COUNT) as Queue
export const laneInQueue = (lane: number, queue: Queue): number => lane - (lane % QUEUE_COUNT) + queue

/** Later than every expiry. */
export const NEVER_SECONDS = 0xffff_ffff

/** A 256th of the memory, as a power of two within bounds that keep both waste and steps of work small. */
function segmentLengthFor(memoryLength: number): number {
  const wanted = 2 ** Math.floor(Math.log2(memoryLength / 256))
  return Math.min(SEGMENT_LENGTH_MAX, Math.max(SEGMENT_LENGTH_MIN, wanted))
}

const SEGMENT_LENGTH_MIN = 64 * 1024
const SEGMENT_LENGTH_MAX = 1024 * 1024
const PAGE_LENGTH = 4096

/** Up to a minute, 4 minutes, 17, an hour, 4 hours, 18, 3 days, 12, and beyond; and one for ever. */
const GROUP_COUNT_MAX = 10
const SHORTEST_GROUP_BITS = 7

/** A row of the table, a cache line. */
const ROW_WORDS = 16
const STATE = 0
const USED = 1
const LIVE = 2
const EARLIEST = 3
const LATEST = 4
const BORN = 5
const PINS = 6
const LANE = 7
const SEQUENCE = 8

/** The pool: some numbers, then the stack of free segments. */
const FREE_COUNT = 0
const NEXT_SEQUENCE = 1
const PINNED_COUNT = 2
const FLUSH_SEQUENCE = 3
const POOL_WORDS = 4
