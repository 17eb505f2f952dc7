import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { ChangeWord } from './change-record.js'

/**
 * The latest changes: a ring of bytes for each worker, which only that worker writes, and which any thread reads.
 *
 *     common    ┌────────┬─ ─   ┌────┬─────────────┬────────┬─ ─   ┌──────────────┬─ ─
 *               │ number │      │ id │ subscribers │ parked │      │ latest flush │        a cache line each
 *               └────────┴─ ─   └────┴─────────────┴────────┴─ ─   └──────────────┴─ ─
 *     workers   ┌─────────┬────────┬────────────┬─────────────┬──────┬─────────┬─ ─
 *               │ written │ oldest │ publishing │ overwritten │ safe │ counted │          a cache line each
 *               └─────────┴────────┴────────────┴─────────────┴──────┴─────────┴─ ─
 *
 *     ring      ─ ─┬────────┬────────┬────────┬────────┬──────────┬─ ─
 *                  │ margin │ change │ change │ change │ margin   │           written and oldest count all bytes ever written,
 *               ─ ─┴────────┴────────┴────────┴────────┴──────────┴─ ─          modulo 2^32
 *                           ▲ oldest                   ▲ written
 *
 * A writer never waits and does not know its readers: it overwrites the oldest changes. `overwritten` is the number of the
 * last change that it gave up. A reader copies a change and then looks whether `oldest` has passed it: only then the
 * copy may be damaged. The margin keeps what is being written away from what may be read, so that this also holds for a
 * processor that reorders a few instructions.
 *
 * The order of all changes is one count, `number`. It is taken under the lock of the key, while `publishing` is set: a reader
 * that sees no worker publishing has all numbers up to the count that it read before. Changes up to `safe`, a
 * count of records, are in the journal of their worker; `counted` is that count for the latest change.
 */
export class History {
  /** The name of this history: another server has another one, and so has this one after a restart. */
  readonly id: string
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly workerCount: number
  /** Of each ring, a power of two. */
  readonly ringLength: number
  private readonly numbers: BigInt64Array
  readonly isAlone: boolean
  private readonly common: number
  private readonly lines: number
  private readonly first: number

  constructor(arena: Arena, length: number) {
    const { workerCount } = arena.workerSlot
    this.words = arena.words
    this.doubles = arena.doubles
    this.workerCount = workerCount
    this.isAlone = workerCount === 1
    this.numbers = new BigInt64Array(arena.memory.buffer)
    this.ringLength = ringLengthFor(length, workerCount)
    this.common = arena.reserve(COMMON_LENGTH) >>> 2
    this.lines = arena.reserve(workerCount * CACHE_LINE_LENGTH) >>> 2
    this.first = arena.reserve(workerCount * this.ringLength) >>> 2
    if (arena.isNew) {
      const { randomBytes } = process.getBuiltinModule('node:crypto')
      for (const word of [ID_HIGH, ID_LOW]) this.words[this.common + word] = randomBytes(4).readInt32LE()
    }
    this.id = [ID_HIGH, ID_LOW].map((word) => hexOf(this.words[this.common + word]!)).join('')
  }

  static regionLength(length: number, workerCount: number): number {
    const own = CACHE_LINE_LENGTH + ringLengthFor(length, workerCount)
    return COMMON_LENGTH + workerCount * own + 3 * CACHE_LINE_LENGTH
  }

  // ─── the order of changes ──────────────────────────────────────────────────────────────────────────────────────────

  nextNumber(): number {
    if (this.isAlone) return ++this.doubles[this.common >>> 1]!
    return Number(Atomics.add(this.numbers, this.common >>> 1, 1n)) + 1
  }

  get latestNumber(): number {
    if (this.isAlone) return this.doubles[this.common >>> 1]!
    return Number(Atomics.load(this.numbers, this.common >>> 1))
  }

  /** The number of the latest flush, and the latest version that it made dead. */
  get flush(): Flush {
    const at = (this.common + FLUSH) >>> 1
    return { number: this.doubles[at]!, version: this.doubles[at + 1]! }
  }

  setFlush(number: number, version: number): void {
    const at = (this.common + FLUSH) >>> 1
    // The version first: with the number of an earlier flush it does no harm.
    this.doubles[at + 1] = version
    this.doubles[at] = number
  }

  /** Adds to a count that all threads have in common, up to a maximum. False at the maximum. */
  count(what: SharedCount, change: number, max = Number.POSITIVE_INFINITY): boolean {
    const word = this.common + what
    if (Atomics.add(this.words, word, change) + change <= max) return true
    Atomics.sub(this.words, word, change)
    return false
  }

  countOf(what: SharedCount): number {
    return Atomics.load(this.words, this.common + what)
  }

  /** Where the latest number is, for a single worker. */
  get latestDouble(): number {
    return this.common >>> 1
  }

  // ─── what a worker says ────────────────────────────────────────────────────────────────────────────────────────────

  written(worker: number): number {
    return this.load(this.writtenWord(worker))
  }

  setWritten(worker: number, position: number): void {
    this.store(this.writtenWord(worker), position)
  }

  writtenWord(worker: number): number {
    return this.line(worker) + WRITTEN
  }

  oldest(worker: number): number {
    return this.load(this.line(worker) + OLDEST)
  }

  setOldest(worker: number, position: number): void {
    this.store(this.line(worker) + OLDEST, position)
  }

  /** True while a worker has taken a number for a change that cannot be seen yet. */
  isPublishing(worker: number): boolean {
    return this.load(this.line(worker) + PUBLISHING) !== 0
  }

  setPublishing(worker: number, isPublishing: boolean): void {
    this.store(this.line(worker) + PUBLISHING, isPublishing ? 1 : 0)
  }

  /** The number of the last change of a worker that was overwritten, or is about to be. */
  overwritten(worker: number): number {
    return this.doubles[(this.line(worker) + OVERWRITTEN) >>> 1]!
  }

  setOverwritten(worker: number, number: number): void {
    this.doubles[(this.line(worker) + OVERWRITTEN) >>> 1] = number
  }

  safe(worker: number): number {
    return this.doubles[(this.line(worker) + SAFE) >>> 1]!
  }

  setSafe(worker: number, count: number): void {
    this.doubles[(this.line(worker) + SAFE) >>> 1] = count
  }

  /** The count of records up to which the journal of a worker has to be safe for all its changes so far. */
  counted(worker: number): number {
    return this.doubles[(this.line(worker) + COUNTED) >>> 1]!
  }

  setCounted(worker: number, count: number): void {
    this.doubles[(this.line(worker) + COUNTED) >>> 1] = count
  }

  /** The number of the change at this word. */
  numberOf(change: number): number {
    return this.doubles[(change + ChangeWord.NUMBER) >>> 1]!
  }

  /** The first word at a position of a ring. */
  place(worker: number, position: number): number {
    return this.first + ((worker * this.ringLength + (position & (this.ringLength - 1))) >>> 2)
  }

  /** A single worker needs no atomic operations, which cost more than all the rest. */
  private load(word: number): number {
    return this.isAlone ? this.words[word]! : Atomics.load(this.words, word)
  }

  private store(word: number, value: number): void {
    if (this.isAlone) this.words[word] = value
    else Atomics.store(this.words, word, value)
  }

  private line(worker: number): number {
    return this.lines + worker * LINE_WORDS
  }
}

export interface Flush {
  readonly number: number
  readonly version: number
}

/** Between the two ends of a ring. */
export const MARGIN = 4096

function ringLengthFor(length: number, workerCount: number): number {
  return 2 ** Math.max(RING_POWER_MIN, Math.floor(Math.log2(length / workerCount)))
}

const hexOf = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

const RING_POWER_MIN = 14
const LINE_WORDS = CACHE_LINE_LENGTH / 4
const COMMON_LENGTH = 3 * CACHE_LINE_LENGTH

/** In the common words, behind the line of the number. */
const ID_HIGH = LINE_WORDS
const ID_LOW = LINE_WORDS + 1
export const SharedCount = { SUBSCRIBERS: LINE_WORDS + 2, PARKED: LINE_WORDS + 3 } as const
export type SharedCount = (typeof SharedCount)[keyof typeof SharedCount]
/** Two doubles. */
const FLUSH = 2 * LINE_WORDS

/** In a worker's line; the last three are doubles. */
const WRITTEN = 0
const OLDEST = 1
const PUBLISHING = 2
const OVERWRITTEN = 4
const SAFE = 6
const COUNTED = 8
