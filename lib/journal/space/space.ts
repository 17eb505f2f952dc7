import type { Memory } from '../../store/cleaning/memory.js'
import type { Figures } from '../../store/figures.js'
import type { Files } from '../disk/files.js'
import { SPACE_BOUNDS, type SpaceBounds } from './bounds.js'
import type { Spare } from './spare.js'

/** What journals may still write when a change has not waited for room, in bytes; negative if nothing. */
export interface Reserve {
  readonly changes: number
  readonly removals: number
  readonly flushes: number
}

/** The sizes in a directory, in bytes. */
export interface Usage {
  /** All files. */
  readonly directory: number
  /** The part of them in journals that the next snapshot replaces. */
  readonly grown: number
  /** What journals still have to write. */
  readonly unwritten: number
  /** The written bytes of the snapshot that is being taken. */
  readonly written: number
  /** Length of the last snapshot. */
  readonly snapshot: number
}

/**
 * How far journals may grow. The next snapshot needs space in addition to all files, and no journal may use it:
 *
 *     disk       │ others │ snapshot-7 │ journals ──▶     room      │ snapshot-8, margin │
 *     directory  │ snapshot-7 │ journals ──▶    room   │ snapshot-8, margin │ 3 × -m + 256 MB
 *
 * A snapshot is due when the journals have grown as far as there is room left, which is then the room for the next ones.
 */
export class Space {
  private readonly files: Files
  private readonly directory: string
  private readonly store: {
    readonly figures: Pick<Figures, 'liveLength'>
    readonly memory: Pick<Memory, 'length'>
  }
  private readonly spare: Spare
  private readonly bounds: SpaceBounds
  private countedMs = Number.NEGATIVE_INFINITY
  private freeLength = 0
  private liveLength = 0

  constructor(
    files: Files,
    directory: string,
    store: Space['store'],
    spare: Spare,
    bounds: SpaceBounds = SPACE_BOUNDS,
  ) {
    this.files = files
    this.directory = directory
    this.store = store
    this.spare = spare
    this.bounds = bounds
  }

  /** Bytes that journals may still grow by; less than a bound counts as none. */
  room(usage: Usage): number {
    this.see()
    const room = Math.min(this.roomInDirectory(usage), this.roomOnDisk(usage))
    return room < this.bounds.roomMin ? 0 : room
  }

  /**
   * On a full disk removals are still accepted, because they make room, and flushes longest: one is enough. Also so much is left
   * that no write fails:
   *
   *     disk  │ … │ journals ──▶ │ values in transit │ removals │ flushes │ left │
   *                              ├───────────────── reserve ─────────────────┤
   */
  reserve(usage: Usage): Reserve {
    this.see()
    const { grown, unwritten, written, directory } = usage
    const length = this.reserveLength(usage)
    const free = this.freeLength - unwritten
    // What a snapshot needs that has space, also that of the spare.
    const kept = Math.max(0, this.liveLength - written - this.spare.length)
    const forRemovals = free >= kept + length ? free - kept : free
    const { bounds, lengthMax } = this
    const inDirectory = Math.max(lengthMax - directory, bounds.grown - grown) + bounds.overshoot / 4
    return {
      changes: free - length / 2,
      removals: Math.min(forRemovals - length / 4, inDirectory),
      flushes: Math.min(forRemovals - length / 8, inDirectory),
    }
  }

  /** Whether a snapshot may write so many bytes more: not what journals need meanwhile. */
  mayWrite(length: number, usage: Usage): boolean {
    this.see()
    return this.freeLength - usage.unwritten - length >= this.reserveLength(usage) / 2
  }

  /** True if the next snapshot has space beside what it leaves, and frees some. */
  isWorthwhile(usage: Usage): boolean {
    this.see()
    const free = this.freeLength + this.spare.length - usage.unwritten - this.reserveLength(usage) / 2
    const isPossible = free >= this.liveLength * (1 + MARGIN_SHARE)
    return isPossible && usage.grown + usage.snapshot > this.liveLength + this.marginLength / 4
  }

  /** Journals have grown enough for a snapshot. */
  hasGrown({ grown, snapshot }: Usage): boolean {
    this.see()
    const byLive = Math.max(this.bounds.grownSmall, 2 * this.liveLength)
    return grown > Math.min(Math.max(this.bounds.grown, snapshot), byLive)
  }

  /**
   * Journals have used half of the room that they had: a snapshot is due before they have used the rest. Not if that is very
   * little, because the snapshot would free no more.
   */
  isShort(usage: Usage): boolean {
    return usage.grown > Math.max(this.room(usage), this.marginLength / 4)
  }

  /** The approximate length of the next snapshot. */
  get snapshotLength(): number {
    this.see()
    return this.liveLength
  }

  /** True if the next snapshot has no space unless the spare is released. */
  get needsSpare(): boolean {
    this.see()
    return this.freeLength < this.neededLength
  }

  /** True if the spare may be enough for it. Otherwise it is kept for a time when there is less live data. */
  get isSpareEnough(): boolean {
    this.see()
    return this.freeLength + this.spare.length >= this.liveLength
  }

  /** How much to reserve. Nothing on a disk with plenty of space, and only a part of a small one. */
  get spareLength(): number {
    this.see()
    const { freeLength, neededLength, spare, bounds } = this
    if (freeLength > bounds.plenty + PLENTY_FACTOR * neededLength) return 0
    return Math.floor(Math.min(neededLength, bounds.spareMax, (freeLength + spare.length) * SPARE_SHARE))
  }

  private roomInDirectory({ directory, grown, written }: Usage): number {
    const { bounds } = this
    const room = this.lengthMax - directory - Math.max(0, this.neededLength - written)
    // Also files that are there already, such as the snapshot of a larger memory.
    return Math.max(room, bounds.grown - grown)
  }

  private get lengthMax(): number {
    return DIRECTORY_FACTOR * this.store.memory.length + this.bounds.directory - this.bounds.overshoot
  }

  private roomOnDisk(usage: Usage): number {
    const { grown, unwritten, written } = usage
    const { marginLength } = this
    const free = this.freeLength - unwritten
    const room = free - Math.max(0, this.neededLength - written)
    // If no snapshot fits anyway, or a new one would not help, leaving more than the reserve gains nothing.
    const isInVain = room + this.spare.length < -marginLength || grown < marginLength / 4
    return room < this.bounds.roomMin && isInVain ? free - this.reserveLength(usage) : room
  }

  /** What journals leave on a disk that has no space for a snapshot: the margin, or a part of the disk if that is less. */
  private reserveLength({ grown, written }: Usage): number {
    return Math.min(this.marginLength, (this.freeLength + grown + written) * RESERVE_SHARE)
  }

  private get marginLength(): number {
    return this.liveLength * MARGIN_SHARE + this.bounds.margin
  }

  private get neededLength(): number {
    return this.liveLength + this.marginLength
  }

  /**
   * Free space is asked for each time, which takes 2 µs, and after the usage: what is written in between counts twice. An older
   * answer would count bytes of a snapshot as written and their space as free.
   */
  private see(): void {
    const nowMs = performance.now()
    this.freeLength = this.files.freeLength(this.directory)
    if (nowMs - this.countedMs < COUNTED_MS) return
    this.countedMs = nowMs
    this.liveLength = this.store.figures.liveLength
  }
}

/** A directory has room for two snapshots and the changes made meanwhile. */
const DIRECTORY_FACTOR = 3

/** A snapshot may be longer than the live data: heads of records, and items that arrive while it is written. */
const MARGIN_SHARE = 1 / 8

/** With more than this many snapshots free, no space is reserved. */
const PLENTY_FACTOR = 4
const SPARE_SHARE = 1 / 4

/** Of a small disk, this part is left for removals. */
const RESERVE_SHARE = 1 / 8

/** Live data is not counted more often: with more memory that takes longer. */
const COUNTED_MS = 20
