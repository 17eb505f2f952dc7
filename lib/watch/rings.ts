import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/**
 * Events that wait for watchers: a ring of bytes for each worker, which only that worker writes, and which every worker
 * with a watcher reads separately.
 *
 *     common    ┌──────────────────┬─ ─   ┌─────┬──────────┐
 *               │ wanted kinds     │      │ gid │ watchers │
 *               └──────────────────┴─ ─   └─────┴──────────┘
 *     workers   ┌─────────┬────────────┬───────┬───────┬─ ─      a cache line each
 *               │ written │ publishing │ reads │ wants │
 *               └─────────┴────────────┴───────┴───────┴─ ─
 *     cursors   for each reader, its position in each ring       a line each, or more
 *
 *     ring      ─ ─┬───────┬───────┬────────────────────┬─ ─
 *                  │ event │ event │ free               │        written and cursors count all bytes ever written,
 *               ─ ─┴───────┴───────┴────────────────────┴─ ─     modulo 2^32
 *                  ▲ cursor        ▲ written
 *
 * A writer never waits: it checks the position of the slowest reader, and drops an event that does not fit. The wanted kinds
 * are one word: the kinds of all watchers, and above them a count of their changes.
 */
export class Rings {
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly bytes: Buffer
  readonly move: Arena['move']
  readonly worker: number
  readonly workerCount: number
  /** Of each ring, a power of two. */
  readonly length: number
  private readonly gids: BigInt64Array
  private readonly common: number
  private readonly lines: number
  private readonly cursors: number
  private readonly first: number

  constructor(arena: Arena, bufferLength: number) {
    const { worker, workerCount } = arena.workerSlot
    this.words = arena.words
    this.doubles = arena.doubles
    this.bytes = arena.bytes
    this.move = arena.move
    this.worker = worker
    this.workerCount = workerCount
    this.length = ringLengthFor(bufferLength)
    this.gids = new BigInt64Array(arena.memory.buffer)
    this.common = arena.reserve(COMMON_LENGTH) >>> 2
    this.lines = arena.reserve(workerCount * CACHE_LINE_LENGTH) >>> 2
    this.cursors = arena.reserve(workerCount * cursorsLengthFor(workerCount)) >>> 2
    this.first = arena.reserve(workerCount * this.length) >>> 2
  }

  static regionLength(workerCount: number, bufferLength: number): number {
    const own = CACHE_LINE_LENGTH + cursorsLengthFor(workerCount) + ringLengthFor(bufferLength)
    return COMMON_LENGTH + workerCount * own + 4 * CACHE_LINE_LENGTH
  }

  // ─── wanted kinds ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** The kinds of all watchers. A plain read: it is made for every batch of requests. */
  get wanted(): number {
    return this.words[this.common]! & KINDS_MASK
  }

  /** This worker's watchers want these kinds from now on. */
  want(kinds: number): void {
    const { words, common } = this
    Atomics.store(words, this.line(this.worker) + WANTS, kinds)
    // If another worker changes the word at the same time, start again with its value.
    for (;;) {
      const before = Atomics.load(words, common)
      let all = 0
      for (let each = 0; each < this.workerCount; each++) all |= Atomics.load(words, this.line(each) + WANTS)
      const after = ((before & ~KINDS_MASK) + KINDS_MASK + 1) | all
      if (Atomics.compareExchange(words, common, before, after) === before) return
    }
  }

  /** The count of watchers. */
  get watcherCount(): number {
    return Atomics.load(this.words, this.common + WATCHERS)
  }

  /** Adds or removes a watcher. Returns the count before. */
  countWatcher(change: 1 | -1): number {
    return Atomics.add(this.words, this.common + WATCHERS, change)
  }

  // ─── the order of events ───────────────────────────────────────────────────────────────────────────────────────────

  /** The next number. Every event has its own, and so has the start of a watch. */
  nextGid(): number {
    return Number(Atomics.add(this.gids, this.common / 2 + GID, 1n)) + 1
  }

  get latestGid(): number {
    return Number(Atomics.load(this.gids, this.common / 2 + GID))
  }

  // ─── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The position up to which a worker has written. */
  written(worker: number): number {
    return Atomics.load(this.words, this.line(worker) + WRITTEN)
  }

  /** An event of this worker is complete: gives it a number, and lets readers see it. */
  publish(gidPlace: number, written: number): void {
    const { words } = this
    const line = this.line(this.worker)
    Atomics.store(words, line + PUBLISHING, 1)
    this.doubles[gidPlace] = this.nextGid()
    Atomics.store(words, line + WRITTEN, written)
    Atomics.store(words, line + PUBLISHING, 0)
  }

  /** True while a worker has taken a number for an event that cannot be seen yet. */
  isPublishing(worker: number): boolean {
    return Atomics.load(this.words, this.line(worker) + PUBLISHING) !== 0
  }

  /** The length of this worker's ring that its slowest reader has not read. */
  get unreadLength(): number {
    const written = this.words[this.line(this.worker) + WRITTEN]!
    let most = 0
    for (let reader = 0; reader < this.workerCount; reader++) {
      if (Atomics.load(this.words, this.line(reader) + READS) === 0) continue
      most = Math.max(most, (written - Atomics.load(this.words, this.cursor(reader, this.worker))) | 0)
    }
    return most
  }

  // ─── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** This worker reads all rings from here on; nothing in them is overwritten before it has read it. */
  beginReading(): void {
    this.catchUp()
    Atomics.store(this.words, this.line(this.worker) + READS, 1)
    // A writer that has not seen this may have overwritten some meanwhile; from now on all writers see it.
    this.catchUp()
  }

  endReading(): void {
    Atomics.store(this.words, this.line(this.worker) + READS, 0)
  }

  /** The position up to which this worker has read. */
  read(ring: number): number {
    return this.words[this.cursor(this.worker, ring)]!
  }

  setRead(ring: number, position: number): void {
    Atomics.store(this.words, this.cursor(this.worker, ring), position)
  }

  /** The first word at a position of a ring. */
  place(ring: number, position: number): number {
    return this.first + ((ring * this.length + (position & (this.length - 1))) >>> 2)
  }

  private catchUp(): void {
    for (let ring = 0; ring < this.workerCount; ring++) this.setRead(ring, this.written(ring))
  }

  private line(worker: number): number {
    return this.lines + worker * LINE_WORDS
  }

  private cursor(reader: number, ring: number): number {
    return this.cursors + (reader * cursorsLengthFor(this.workerCount)) / 4 + ring
  }
}

const ringLengthFor = (bufferLength: number): number => 2 ** Math.ceil(Math.log2(bufferLength))

const cursorsLengthFor = (workerCount: number): number =>
  Math.ceil((workerCount * 4) / CACHE_LINE_LENGTH) * CACHE_LINE_LENGTH

const LINE_WORDS = CACHE_LINE_LENGTH / 4
const COMMON_LENGTH = 2 * CACHE_LINE_LENGTH
/** In the common words: the wanted kinds have a line of their own, because every batch reads them. */
const KINDS_MASK = 0xff
const WATCHERS = LINE_WORDS + 2
/** In steps of 8 bytes. */
const GID = CACHE_LINE_LENGTH / 8

/** In a worker's line. */
const WRITTEN = 0
const PUBLISHING = 1
const READS = 2
const WANTS = 3
