import type { Arena } from '../../arena/arena.js'
import { Mutex } from '../lock/mutex.js'

/**
 * Which segments are free or withheld, and the numbers about all of them.
 *
 *     numbers   free                               withheld
 *     ┌─ ─ ─┬───┬───┬───┬─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┬───┬───┐
 *     │     │ 7 │ 3 │ 4 │ ▶                  ◀ │ 8 │ 9 │      two stacks that grow towards each other
 *     └─ ─ ─┴───┴───┴───┴─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─┴───┴───┘
 *
 * Only the holder of the mutex changes a stack or the limit.
 */
export class SegmentPool {
  readonly mutex: Mutex
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly segmentCount: number
  private readonly numbers: number
  private readonly stacks: number

  constructor(arena: Arena, segmentCount: number) {
    this.words = arena.words
    this.doubles = arena.doubles
    this.segmentCount = segmentCount
    this.numbers = arena.reserve(SegmentPool.regionLength(segmentCount)) >>> 2
    this.stacks = this.numbers + NUMBER_WORDS
    this.mutex = new Mutex(arena.words, this.numbers + MUTEX, arena.workerSlot.workerCount === 1)
  }

  static regionLength(segmentCount: number): number {
    return (NUMBER_WORDS + segmentCount) * 4
  }

  // ─── stacks ────────────────────────────────────────────────────────────────────────────────────────────────────────

  get freeCount(): number {
    return this.words[this.numbers + FREE_COUNT]!
  }

  pushFree(segment: number): void {
    const { freeCount } = this
    this.words[this.stacks + freeCount] = segment
    this.words[this.numbers + FREE_COUNT] = freeCount + 1
  }

  popFree(): number {
    const { freeCount } = this
    this.words[this.numbers + FREE_COUNT] = freeCount - 1
    return this.words[this.stacks + freeCount - 1]!
  }

  private get withheldCount(): number {
    return this.words[this.numbers + WITHHELD_COUNT]!
  }

  /** The count of segments that are free or in use. */
  get memberCount(): number {
    return this.segmentCount - this.withheldCount
  }

  pushWithheld(segment: number): void {
    const withheldCount = this.withheldCount + 1
    this.words[this.stacks + this.segmentCount - withheldCount] = segment
    this.words[this.numbers + WITHHELD_COUNT] = withheldCount
  }

  popWithheld(): number {
    const { withheldCount } = this
    this.words[this.numbers + WITHHELD_COUNT] = withheldCount - 1
    return this.words[this.stacks + this.segmentCount - withheldCount]!
  }

  // ─── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The limit of memory, in bytes. */
  get limit(): number {
    return this.words[this.numbers + LIMIT]! >>> 0
  }

  setLimit(memoryLength: number): void {
    this.words[this.numbers + LIMIT] = memoryLength | 0
  }

  /** A number for a segment that is opened: the lower, the older. A double, because a server may open 2^31 in a month. */
  nextSequence(): number {
    return this.doubles[this.numbers / 2 + NEXT_SEQUENCE]!++
  }

  /** Everything that is in memory now has been flushed; items that are written later have not. */
  noteFlush(): void {
    const { doubles, numbers } = this
    doubles[numbers / 2 + FLUSH_SEQUENCE] = doubles[numbers / 2 + NEXT_SEQUENCE]!
  }

  /** True of a segment that was opened before the last flush. */
  isFlushed(sequence: number): boolean {
    return sequence < this.doubles[this.numbers / 2 + FLUSH_SEQUENCE]!
  }

  /** The count of segments that hold arriving values. */
  get arrivingCount(): number {
    return this.words[this.numbers + ARRIVING_COUNT]!
  }

  countArriving(change: number): void {
    Atomics.add(this.words, this.numbers + ARRIVING_COUNT, change)
  }

  get pinnedCount(): number {
    return this.words[this.numbers + PINNED_COUNT]!
  }

  countPinned(change: number): void {
    Atomics.add(this.words, this.numbers + PINNED_COUNT, change)
  }
}

const FREE_COUNT = 0
const PINNED_COUNT = 1
const MUTEX = 2
const LIMIT = 3
const WITHHELD_COUNT = 4
const ARRIVING_COUNT = 5
/** Behind them, two doubles. */
const NEXT_SEQUENCE = 3
const FLUSH_SEQUENCE = 4
const NUMBER_WORDS = 10
