import { type Board, JournalFigure } from '../writing/board.js'

/** How far the journals have grown, seen together, and how far each of them may. */
export class Growth {
  private readonly board: Board
  private readonly leadLength: number
  /** With how many bytes the snapshot began that is being taken, and how many it has to write for each of theirs. */
  private startLength = 0
  private pace = 0

  /** What journals write before a snapshot has come to its second step, `leadLength` at the most, is nobody's fault. */
  constructor(board: Board, leadLength: number) {
    this.board = board
    this.leadLength = leadLength
  }

  /** Bytes of the files that are written to. */
  get fileLength(): number {
    return this.sum(JournalFigure.fileLength)
  }

  /** Bytes of the files that were written to before, ever. */
  get leftLength(): number {
    return this.sum(JournalFigure.leftLength)
  }

  /** Bytes that are on their way there. */
  get unwrittenLength(): number {
    return this.sum(JournalFigure.unwritten)
  }

  /** Lets all journals together write `room` bytes more, and ask again when they have written `askLength`. */
  grant(room: number, askLength: number): void {
    const count = this.board.journals.length
    for (const row of this.board.journals) {
      const length = row.get(JournalFigure.recorded)
      // 0 would be: not told yet.
      row.set(JournalFigure.granted, Math.max(1, length + room / count))
      row.set(JournalFigure.askAt, Math.max(1, length + Math.min(room, askLength) / count))
    }
  }

  /** A snapshot of about so many bytes begins. It should be whole by the time the journals have grown by `growthLength`. */
  beginSnapshot(snapshotLength: number, growthLength: number): void {
    this.startLength = this.sum(JournalFigure.recorded)
    this.pace = snapshotLength / Math.max(1, growthLength)
  }

  /** True if the snapshot, of which so much is written, does not keep step. */
  isAhead(snapshotLength: number): boolean {
    const grownLength = this.sum(JournalFigure.recorded) - this.startLength
    return (grownLength - this.leadLength) * this.pace > snapshotLength
  }

  private sum(figure: JournalFigure): number {
    return this.board.journals.reduce((total, row) => total + row.get(figure), 0)
  }
}
