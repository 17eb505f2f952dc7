import type { Recovered } from '../recovery/recovery.js'
import type { Board } from '../writing/board.js'
import type { SpaceBounds } from './bounds.js'
import { Growth } from './growth.js'
import type { Space, Usage } from './space.js'
import type { Spare } from './spare.js'

export interface AllowanceParts {
  readonly board: Board
  readonly space: Space
  readonly bounds: SpaceBounds
  readonly spare: Spare
  readonly recovered: Pick<Recovered, 'byteLength' | 'journalLength'>
  /** Requests that wait for room should check again. */
  readonly onChanged: () => void
  /** Changes are refused from now on, because nothing makes room for them, or are accepted again. */
  readonly onFull: (isFull: boolean) => void
}

/**
 * What the journals may still write. They share the available room, and ask for more before they have used half of it; then
 * a snapshot is due. A journal that has used its share waits until it is complete. If no snapshot is possible, or if it would
 * not help, changes are refused.
 *
 *     grown            room
 *     ├────────────────┼────────┼────────────────┤
 *                      ▲ now    ▲ ask            ▲ wait
 */
export class Allowance {
  private readonly parts: AllowanceParts
  private readonly growth: Growth
  /** Bytes of the newest snapshot, of journals that were recovered, and of files that should have been removed. */
  private snapshotLength: number
  private recoveredLength: number
  private staleLength = 0
  /** The size of the older journals when the newest snapshot was complete. */
  private leftLength = 0
  /** The written bytes of the snapshot that is being taken. */
  private writtenLength = 0
  /** A snapshot is complete, and the files that it replaces are being removed. */
  private isRemoving = false
  /** A journal has asked for more than it was granted. */
  private isAsked = false
  /** Nothing makes room for changes. */
  isFull = false
  private hadRoom = true

  constructor(parts: AllowanceParts) {
    const { byteLength, journalLength } = parts.recovered
    this.parts = parts
    this.growth = new Growth(parts.board, parts.bounds.lead)
    this.snapshotLength = byteLength - journalLength
    this.recoveredLength = journalLength
  }

  /** Bytes of journals that the next snapshot replaces, except those that are written to. */
  get olderLength(): number {
    return this.recoveredLength + this.growth.leftLength - this.leftLength
  }

  /** The journals have grown enough for a snapshot. */
  get hasGrown(): boolean {
    return this.parts.space.hasGrown(this.usage)
  }

  /** A snapshot is due, so that no request has to wait for it. */
  get isShort(): boolean {
    return this.parts.space.isShort(this.usage)
  }

  /** A snapshot has all its space, and would make room. */
  get isSnapshotWorthwhile(): boolean {
    return this.parts.space.isWorthwhile(this.usage)
  }

  /** A snapshot may write so many bytes more. */
  mayWrite(length: number): boolean {
    return this.parts.space.mayWrite(length, this.usage)
  }

  ask(): void {
    this.isAsked = true
  }

  /** Divides the available room among the journals, and returns it. Without snapshots there will be no more. */
  grant(hasSnapshots: boolean): number {
    const { space, onChanged, onFull } = this.parts
    const { usage } = this
    const room = space.room(usage)
    this.growth.bound(space.reserve(usage))
    this.growth.grant(room, usage.written > 0 ? room : this.askLength(room, usage.grown))
    const isOnlyLate = !this.isFull && hasSnapshots && (this.isRemoving || space.isShort(usage))
    const isFull = room === 0 && !isOnlyLate
    if (isFull !== this.isFull) onFull(isFull)
    this.isFull = isFull
    // If there was none, journals wait at their old limit, whether they have asked since or not.
    const isAnew = !this.hadRoom && room > 0
    this.hadRoom = room > 0
    if (!(this.isAsked || isAnew) || (room === 0 && !isFull)) return room
    this.isAsked = false
    onChanged()
    return room
  }

  /**
   * How far journals grow until they ask. If they have used half of the room, live data may still grow, while a snapshot begins:
   * they ask again after a small part of the margin, and room for that snapshot is kept.
   */
  private askLength(room: number, grownLength: number): number {
    const againLength = Math.min(room / 4, this.parts.bounds.margin / ASKS_IN_MARGIN)
    return Math.max(againLength, (room - grownLength) / 2)
  }

  /** A snapshot begins. It writes at least as fast as the journals, and is complete before they have used half of the room. */
  beginSnapshot(): void {
    const { space, bounds } = this.parts
    this.writtenLength = 0
    const room = space.room(this.usage)
    const { snapshotLength } = space
    this.growth.beginSnapshot(snapshotLength, Math.min(Math.max(snapshotLength, bounds.paceMin), room / 2))
  }

  /** This much of it is written. True if that is too little. */
  isBehind(writtenLength: number): boolean {
    this.writtenLength = writtenLength
    return this.grant(true) === 0 || this.growth.isAhead(writtenLength)
  }

  /** It has failed, and its file will be removed: then those bytes are free, and count no longer as written. */
  abandonSnapshot(): void {
    this.writtenLength = 0
  }

  /** It is complete: older files will be removed, and the next one needs space again. */
  endSnapshot(snapshotLength: number): void {
    this.writtenLength = 0
    this.isRemoving = true
    this.staleLength += this.snapshotLength + this.olderLength
    this.snapshotLength = snapshotLength
    this.recoveredLength = 0
    this.leftLength = this.growth.leftLength
  }

  /** No snapshot is being taken any more. */
  leaveSnapshot(): void {
    this.isRemoving = false
  }

  /** All older files have been removed. */
  noteRemoved(): void {
    this.staleLength = 0
  }

  private get usage(): Usage {
    const { snapshotLength: snapshot, staleLength, writtenLength: written, growth } = this
    const unwritten = growth.unwrittenLength
    const grown = this.olderLength + growth.fileLength + unwritten
    const directory = snapshot + staleLength + grown + written + this.parts.spare.length
    return { directory, grown, unwritten, written, snapshot }
  }
}

/** Journals that are short ask this often while they use up a margin. */
const ASKS_IN_MARGIN = 16
