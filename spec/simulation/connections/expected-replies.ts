import type { Journal } from '../../../lib/journal/writing/journal.js'

/** The expected reply to one request. */
interface Reply {
  readonly pieces: readonly Buffer[]
  /** How many records the journal had after the last change of the connection. */
  readonly recordCount: number
}

/**
 * The bytes that the client of a connection must receive, and no others, in the order of its requests. They are made by the
 * model, of whole values, without the encoders of lib.
 */
export class ExpectedReplies {
  private readonly journal: Journal
  private readonly onAcknowledged: (recordCount: number) => void
  private readonly replies: Reply[] = []
  private piece = 0
  private offset = 0

  constructor(journal: Journal, onAcknowledged: (recordCount: number) => void) {
    this.journal = journal
    this.onAcknowledged = onAcknowledged
  }

  /** How many have not been received completely. */
  get count(): number {
    return this.replies.length
  }

  /** A part of one has been received, and the rest has not. */
  get isInside(): boolean {
    return this.piece > 0 || this.offset > 0
  }

  add(pieces: readonly Buffer[], recordCount: number): void {
    const some = pieces.filter(({ length }) => length > 0)
    if (some.length > 0) this.replies.push({ pieces: some, recordCount })
  }

  /** The client receives bytes. Returns what is wrong with them. */
  hear(bytes: Buffer): string | undefined {
    for (let at = 0; at < bytes.length; ) {
      const [reply] = this.replies
      if (reply === undefined) return `${shown(bytes.subarray(at))} answers nothing`
      if (!this.isInside && !this.journal.isSafe(reply.recordCount))
        return `${shown(bytes.subarray(at))} comes before its record is safe`
      const piece = reply.pieces[this.piece]!
      const length = Math.min(piece.length - this.offset, bytes.length - at)
      if (bytes.compare(piece, this.offset, this.offset + length, at, at + length) !== 0)
        return `${shown(bytes.subarray(at))} comes where ${shown(piece.subarray(this.offset))} was to come`
      at += length
      this.offset += length
      if (this.offset === piece.length) this.next(reply)
    }
    return undefined
  }

  private next(reply: Reply): void {
    this.offset = 0
    this.piece++
    if (this.piece < reply.pieces.length) return
    this.piece = 0
    this.replies.shift()
    this.onAcknowledged(reply.recordCount)
  }
}

const SHOWN_LENGTH = 60

export const shown = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1', 0, SHOWN_LENGTH))
