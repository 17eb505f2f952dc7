import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'

/** The state of a journal. */
export const JournalFigure = {
  writes: 0,
  slowWrites: 1,
  syncs: 2,
  syncUs: 3,
  syncUsMax: 4,
  bytes: 5,
  held: 6,
  waits: 7,
  unwritten: 8,
  unsynced: 9,
  fileLength: 10,
  /** The total of bytes at which changes wait, and the total at which it asks for more; 0 before the first grant. */
  granted: 11,
  askAt: 12,
  /** Bytes of all files that it wrote to before. */
  leftLength: 13,
  /** Bytes that are written or waiting: one figure, so that no other thread counts some twice. */
  recorded: 14,
  /** Syncs that delayed replies. */
  slowSyncs: 15,
  /** The totals of bytes from which on changes that have not waited are refused, then removals, then flushes; 0 as above. */
  refuseAt: 16,
  refuseRemovalsAt: 17,
  refuseFlushesAt: 18,
} as const
export type JournalFigure = (typeof JournalFigure)[keyof typeof JournalFigure]

/** The state of the directory, from the keeper. */
export const KeeperFigure = {
  failures: 0,
  generation: 1,
  /** Bytes of journals that the next snapshot replaces, except those that are written to. */
  olderLength: 2,
  snapshots: 3,
  isTakingSnapshot: 4,
  lastSnapshotTime: 5,
  lastSnapshotItems: 6,
  lastSnapshotLength: 7,
  lastSnapshotMs: 8,
  recoveredItems: 9,
  recoveredLength: 10,
  recoveryMs: 11,
  tornFiles: 12,
  recoveryLeftOut: 13,
} as const
export type KeeperFigure = (typeof KeeperFigure)[keyof typeof KeeperFigure]

/**
 * The shared state of journals and keeper, in the arena, for all threads: so any worker can
 * answer `stats journal`, and sees at once when changes have to be refused.
 *
 *     ┌──────────────────────────────┬────────┬───────────┬───────────┬─ ─ ─
 *     │ count of journals that have  │ keeper │ journal 0 │ journal 1 │
 *     │ failed, and whether the disk │        │           │           │
 *     │ is full; the latest error    │        │           │           │
 *     └──────────────────────────────┴────────┴───────────┴───────────┴─ ─ ─
 */
export class Board {
  readonly keeper: FigureRow<KeeperFigure>
  readonly journals: readonly FigureRow<JournalFigure>[]
  private readonly arena: Arena
  private readonly start: number

  /** Over `regionLength` bytes of the arena, for the journals of this many workers. */
  constructor(arena: Arena, region: number, workerCount: number) {
    this.arena = arena
    this.start = region
    this.keeper = new FigureRow(arena.doubles, region + HEAD_LENGTH)
    this.journals = Array.from(
      { length: workerCount },
      (_, worker) => new FigureRow(arena.doubles, region + HEAD_LENGTH + (1 + worker) * ROW_LENGTH),
    )
  }

  static readonly regionLength = (workerCount: number): number => HEAD_LENGTH + (1 + workerCount) * ROW_LENGTH

  /** True while the disk is full, or a journal has failed and no later snapshot is complete: then no worker stores anything. */
  get isRefusing(): boolean {
    return Atomics.load(this.arena.words, this.start >>> 2) !== 0
  }

  /** True while a journal has failed: then no change at all is accepted. */
  get hasFailed(): boolean {
    return Atomics.load(this.arena.words, this.start >>> 2) % FULL !== 0
  }

  /** A journal refuses changes from now on, or accepts them again. */
  countFailed(change: 1 | -1): void {
    Atomics.add(this.arena.words, this.start >>> 2, change)
  }

  /** The keeper has found the disk full, or no longer. */
  noteFull(isFull: boolean): void {
    Atomics.add(this.arena.words, this.start >>> 2, isFull ? FULL : -FULL)
  }

  /** The latest error; empty if there was none. */
  get lastError(): string {
    const { bytes, words } = this.arena
    const start = this.start + ERROR_TEXT
    return bytes.toString('utf8', start, start + words[(this.start + ERROR_LENGTH) >>> 2]!)
  }

  set lastError(message: string) {
    const { bytes, words } = this.arena
    const start = this.start + ERROR_TEXT
    words[(this.start + ERROR_LENGTH) >>> 2] = bytes.write(message, start, ERROR_LENGTH_MAX, 'utf8')
  }
}

/** Numbers, written by one thread and read by all. */
export class FigureRow<Figure extends number> {
  private readonly doubles: Float64Array
  private readonly first: number

  constructor(doubles: Float64Array, start: number) {
    this.doubles = doubles
    this.first = start / 8
  }

  get(figure: Figure): number {
    return this.doubles[this.first + figure]!
  }

  set(figure: Figure, value: number): void {
    this.doubles[this.first + figure] = value
  }

  add(figure: Figure, value: number): void {
    this.doubles[this.first + figure]! += value
  }
}

/** Is added to the count of failed journals while the disk is full: there are never as many journals. */
const FULL = 0x10000
/** The count has a cache line for itself, because it is read at every change. */
const ERROR_LENGTH = CACHE_LINE_LENGTH
const ERROR_TEXT = ERROR_LENGTH + 4
const ERROR_LENGTH_MAX = 7 * CACHE_LINE_LENGTH - 4
const HEAD_LENGTH = 8 * CACHE_LINE_LENGTH
const ROW_LENGTH = 3 * CACHE_LINE_LENGTH
