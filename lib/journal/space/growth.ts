import { type Board, JournalFigure } from '../writing/board.js'
import type { Reserve } from './space.js'

/** How far all journals together have grown, and how far each of them may grow. */
export class Growth {
  private readonly board: Board
  private readonly leadLength: number
  /** The bytes at which the current snapshot began, and how many it has to write for each byte of theirs. */
  private startLength = 0
  private pace = 0

  /** What journals write before the second step of a snapshot, at most `leadLength`, does not count as its delay. */
  constructor(board: Board, leadLength: number) {
    this.board = board
    this.leadLength = leadLength
  }

  /** Bytes of the files that are written to. */
  get fileLength(): number {
    return this.sum(JournalFigure.fileLength)
  }

  /** Bytes of all earlier files of the journals. */
  get leftLength(): number {
    return this.sum(JournalFigure.leftLength)
  }

  /** Bytes that wait to be written there. */
  get unwrittenLength(): number {
    return this.sum(JournalFigure.unwritten)
  }

  /** Lets all journals together write `room` bytes more, and ask again when they have written `askLength`. */
  grant(room: number, askLength: number): void {
    const count = this.board.journals.length
    for (const row of this.board.journals) {
      const length = row.get(JournalFigure.recorded)
      // 0 would mean: not granted yet.
      row.set(JournalFigure.granted, Math.max(1, length + room / count))
      row.set(JournalFigure.askAt, Math.max(1, length + Math.min(room, askLength) / count))
    }
  }

  /** Beyond these lengths changes that have not waited are refused. */
  bound({ changes, removals, flushes }: Reserve): void {
    const count = this.board.journals.length
    for (const row of this.board.journals) {
      const length = row.get(JournalFigure.recorded)
      row.set(JournalFigure.refuseAt, Math.max(1, length + changes / count))
      row.set(JournalFigure.refuseRemovalsAt, Math.max(1, length + removals / count))
      row.set(JournalFigure.refuseFlushesAt, Math.max(1, length + flushes / count))
    }
  }

  /** A snapshot of about this many bytes begins. It should be complete when the journals have grown by `growthLength`. */
  beginSnapshot(snapshotLength: number, growthLength: number): void {
    this.startLength = this.sum(JournalFigure.recorded)
    this.pace = snapshotLength / Math.max(1, growthLength)
  }

  /** True if the snapshot is late: only this much of it is written. */
  isAhead(snapshotLength: number): boolean {
    const grownLength = this.sum(JournalFigure.recorded) - this.startLength
    return (grownLength - this.leadLength) * this.pace > snapshotLength
  }

  private sum(figure: JournalFigure): number {
    return this.board.journals.reduce((total, row) => total + row.get(figure), 0)
  }
}
