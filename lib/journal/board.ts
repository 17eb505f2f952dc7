import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/** What a journal tells of itself. */
export const JOURNAL_FIGURES = [
  'writes',
  'slowWrites',
  'syncs',
  'syncUs',
  'syncUsMax',
  'bytes',
  'held',
  'waits',
  'unwritten',
  'unsynced',
  'fileLength',
] as const
export type JournalFigure = (typeof JOURNAL_FIGURES)[number]

/** What the keeper tells of the directory. */
export const KEEPER_FIGURES = [
  'failures',
  'generation',
  'olderLength',
  'snapshots',
  'isTakingSnapshot',
  'lastSnapshotTime',
  'lastSnapshotItems',
  'lastSnapshotLength',
  'lastSnapshotMs',
  'recoveredItems',
  'recoveredLength',
  'recoveryMs',
  'tornFiles',
] as const
export type KeeperFigure = (typeof KEEPER_FIGURES)[number]

/**
 * What journals and keeper let each other and everybody know, wherever they run: it lies in the arena, so that any worker can
 * answer `stats journal`, and knows at once when changes are to be refused.
 *
 *     ┌──────────────────────────────┬────────┬───────────┬───────────┬─ ─ ─
 *     │ how many journals refuse     │ keeper │ journal 0 │ journal 1 │
 *     │ changes; the latest error    │        │           │           │
 *     └──────────────────────────────┴────────┴───────────┴───────────┴─ ─ ─
 */
export class Board {
  readonly keeper: FigureRow<KeeperFigure>
  readonly journals: readonly FigureRow<JournalFigure>[]
  private readonly arena: Arena
  private readonly start: number

  /** Over `regionLength` bytes of the arena, for the journals of so many workers. */
  constructor(arena: Arena, region: number, workerCount: number) {
    this.arena = arena
    this.start = region
    this.keeper = new FigureRow(arena.doubles, region + HEAD_LENGTH, KEEPER_FIGURES)
    this.journals = Array.from(
      { length: workerCount },
      (_, worker) =>
        new FigureRow(arena.doubles, region + HEAD_LENGTH + (1 + worker) * ROW_LENGTH, JOURNAL_FIGURES),
    )
  }

  static readonly regionLength = (workerCount: number): number => HEAD_LENGTH + (1 + workerCount) * ROW_LENGTH

  /** True while a journal has failed and no snapshot makes up for it: then no worker takes a change. */
  get isRefusing(): boolean {
    return Atomics.load(this.arena.words, this.start >>> 2) !== 0
  }

  /** A journal refuses changes from now on, or takes them again. */
  countRefusing(change: 1 | -1): void {
    Atomics.add(this.arena.words, this.start >>> 2, change)
  }

  /** What went wrong last; empty when nothing ever did. */
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

/** Numbers by name, written by one thread and read by all. */
export class FigureRow<Name extends string> {
  private readonly doubles: Float64Array
  private readonly places: Readonly<Record<Name, number>>

  constructor(doubles: Float64Array, start: number, names: readonly Name[]) {
    this.doubles = doubles
    const places = names.map((name, index) => [name, start / 8 + index])
    this.places = Object.fromEntries(places) as Record<Name, number>
  }

  get(name: Name): number {
    return this.doubles[this.places[name]]!
  }

  set(name: Name, value: number): void {
    this.doubles[this.places[name]] = value
  }
}

/** The count has a cache line for itself, because it is read at every change. */
const ERROR_LENGTH = CACHE_LINE_LENGTH
const ERROR_TEXT = ERROR_LENGTH + 4
const ERROR_LENGTH_MAX = 7 * CACHE_LINE_LENGTH - 4
const HEAD_LENGTH = 8 * CACHE_LINE_LENGTH
const ROW_LENGTH = 2 * CACHE_LINE_LENGTH
