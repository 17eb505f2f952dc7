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
  /** Those who wait for room are to look again. */
  readonly onChanged: () => void
  /** Changes are refused from now on, since nothing makes room for them, or are taken again. */
  readonly onFull: (isFull: boolean) => void
}

/**
 * What the journals may still write. They are granted what room there is, and ask for more before they have half of it; then
 * a snapshot is due. Those that have used up theirs wait until it is whole. Where none can be had, or none would help,
 * changes are refused.
 *
 *     grown            room
 *     ├────────────────┼────────┼────────────────┤
 *                      ▲ now    ▲ ask            ▲ wait
 */
export class Allowance {
  private readonly parts: AllowanceParts
  private readonly growth: Growth
  /** Bytes of the newest snapshot, of journals that were recovered, and of files that should be gone. */
  private snapshotLength: number
  private recoveredLength: number
  private staleLength = 0
  /** What the journals had left behind when the newest snapshot was whole. */
  private leftLength = 0
  /** What is written of the snapshot that is being taken. */
  private writtenLength = 0
  /** A journal has asked for more than it was granted. */
  private isAsked = false
  private isFull = false
  private hadRoom = true

  constructor(parts: AllowanceParts) {
    const { byteLength, journalLength } = parts.recovered
    this.parts = parts
    this.growth = new Growth(parts.board, parts.bounds.lead)
    this.snapshotLength = byteLength - journalLength
    this.recoveredLength = journalLength
  }

  /** Bytes of journals that the next snapshot makes unnecessary, but for those that are written to. */
  get olderLength(): number {
    return this.recoveredLength + this.growth.leftLength - this.leftLength
  }

  /** The journals have grown so far that a snapshot is worth its while. */
  get hasGrown(): boolean {
    return this.parts.space.hasGrown(this.usage)
  }

  /** A snapshot is due, so that nobody has to wait for it. */
  get isShort(): boolean {
    return this.parts.space.isShort(this.usage)
  }

  ask(): void {
    this.isAsked = true
  }

  /** Shares out what room there is, and answers how much. Without snapshots there will be no more. */
  grant(hasSnapshots: boolean): number {
    const { space, onChanged, onFull } = this.parts
    const { usage } = this
    const room = space.room(usage)
    const askLength = usage.written > 0 ? room : Math.max(0, (room - usage.grown) / 2)
    this.growth.grant(room, askLength)
    const isOnlyLate = !this.isFull && hasSnapshots && space.isShort(usage)
    const isFull = room === 0 && !isOnlyLate
    if (isFull !== this.isFull) onFull(isFull)
    this.isFull = isFull
    // Where there was none, they wait by what was granted then, whether they have asked since or not.
    const isAnew = !this.hadRoom && room > 0
    this.hadRoom = room > 0
    if (!(this.isAsked || isAnew) || (room === 0 && !isFull)) return room
    this.isAsked = false
    onChanged()
    return room
  }

  /** A snapshot begins. It writes at least as much as the journals, and is whole before they have half of the room. */
  beginSnapshot(): void {
    const { space, bounds } = this.parts
    this.writtenLength = 0
    const room = space.room(this.usage)
    const { snapshotLength } = space
    this.growth.beginSnapshot(snapshotLength, Math.min(Math.max(snapshotLength, bounds.paceMin), room / 2))
  }

  /** So much of it is written. True if that is too little. */
  isBehind(writtenLength: number): boolean {
    this.writtenLength = writtenLength
    return this.grant(true) === 0 || this.growth.isAhead(writtenLength)
  }

  /** It is whole: what is older will be removed. */
  endSnapshot(snapshotLength: number): void {
    this.staleLength += this.snapshotLength + this.olderLength
    this.snapshotLength = snapshotLength
    this.recoveredLength = 0
    this.leftLength = this.growth.leftLength
  }

  /** No snapshot is being taken any more. */
  leaveSnapshot(): void {
    this.writtenLength = 0
  }

  /** All that is older has been removed. */
  noteRemoved(): void {
    this.staleLength = 0
    this.parts.space.forget()
  }

  private get usage(): Usage {
    const { snapshotLength: snapshot, staleLength, writtenLength: written, growth } = this
    const unwritten = growth.unwrittenLength
    const grown = this.olderLength + growth.fileLength + unwritten
    const directory = snapshot + staleLength + grown + written + this.parts.spare.length
    return { directory, grown, unwritten, written, snapshot }
  }
}
