import { type FigureRow, JournalFigure } from './board.js'
import type { Writer } from './writer.js'

/** What the keeper has granted a journal. Its writer keeps to that, and the journal asks for more in time. */
export class GrantedRoom {
  private readonly row: FigureRow<JournalFigure>
  private readonly writer: Writer
  private readonly onShort: (() => void) | undefined
  /** The position at which it last asked. */
  private askedAt = 0

  constructor(row: FigureRow<JournalFigure>, writer: Writer, onShort: (() => void) | undefined) {
    this.row = row
    this.writer = writer
    this.onShort = onShort
  }

  /** Call this with the length of the journal, whenever that or the grant has changed. */
  compare(length: number): void {
    const { row } = this
    const granted = row.get(JournalFigure.granted)
    this.writer.limit(granted > 0 ? granted - length : Number.POSITIVE_INFINITY)
    const askAt = row.get(JournalFigure.askAt)
    if (askAt === 0 || length < askAt || askAt === this.askedAt) return
    this.askedAt = askAt
    this.onShort?.()
  }
}
