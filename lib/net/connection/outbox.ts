import type { Socket } from 'node:net'
import { Output } from '../codecs/output.js'

/**
 * The bytes of one socket that are to be sent.
 *
 *     encode ──▶ output ──flush──▶ waiting ──▶ in flight ──▶ the system
 *
 * As a rule the system takes everything at once, and the memory of `output` is used again. If not, at most one batch is in
 * flight. It tells when the system has taken it. What is accepted meanwhile leaves together in the next batches.
 */
export class Outbox {
  readonly output = new Output()
  private socket: Socket | undefined = undefined
  /** Bytes that the system has taken. */
  sentLength = 0
  private readonly onSent: () => void
  private waiting: Buffer[] = []
  private waitingLength = 0
  private inFlightLength = 0
  private held: readonly Buffer[] = []
  private heldLength = 0
  /** Writes whose callback has not been called. */
  private openWriteCount = 0
  private readonly onWritten = (error?: Error | null): void => {
    this.openWriteCount--
    // The socket is about to close, and tells why.
    if (error != null) return
    if (this.openWriteCount > 0 || this.inFlightLength === 0) return
    this.sentLength += this.inFlightLength
    this.inFlightLength = 0
    this.reuse()
    if (this.socket !== undefined) this.onSent()
  }

  /** `onSent` is called when the system has taken a batch that it did not take at once. */
  constructor(onSent: () => void) {
    this.onSent = onSent
  }

  get length(): number {
    return this.output.byteLength + this.heldLength + this.waitingLength + this.inFlightLength
  }

  get isWriting(): boolean {
    return this.inFlightLength > 0
  }

  /** What was accepted until now is sent behind what is accepted between now and `attach`. */
  hold(): void {
    this.heldLength = this.output.byteLength
    this.held = this.output.takePieces()
  }

  attach(socket: Socket): void {
    this.wait(this.output.takePieces())
    this.wait(this.held)
    this.held = []
    this.heldLength = 0
    this.socket = socket
  }

  /** Nothing more is written. */
  detach(): void {
    this.socket = undefined
  }

  flush(): void {
    const { socket } = this
    if (socket === undefined || this.inFlightLength > 0) return
    if (this.output.byteLength > 0) {
      const pieces = this.output.takePieces()
      const [first] = pieces
      if (pieces.length === 1 && this.waitingLength === 0 && first!.length <= BATCH_LENGTH_MAX) {
        this.write(socket, first!)
        this.settle(socket, first!.length)
        return
      }
      this.wait(pieces)
    }
    while (this.waitingLength > 0 && this.inFlightLength === 0) this.writeBatch(socket)
  }

  private writeBatch(socket: Socket): void {
    const batch = this.takeBatch()
    let length = 0
    socket.cork()
    for (const piece of batch) {
      this.write(socket, piece)
      length += piece.length
    }
    socket.uncork()
    this.settle(socket, length)
  }

  private write(socket: Socket, piece: Buffer): void {
    this.openWriteCount++
    socket.write(piece, this.onWritten)
  }

  private settle(socket: Socket, length: number): void {
    if (socket.writableLength > 0) {
      this.inFlightLength = length
      return
    }
    this.sentLength += length
    this.reuse()
  }

  private reuse(): void {
    if (this.waitingLength === 0 && this.output.byteLength === 0) this.output.clear()
  }

  private wait(pieces: readonly Buffer[]): void {
    for (const piece of pieces) {
      this.waiting.push(piece)
      this.waitingLength += piece.length
    }
  }

  /** The next pieces. A long one is cut, so that a slow peer is told from a dead one. */
  private takeBatch(): Buffer[] {
    const batch: Buffer[] = []
    let room = BATCH_LENGTH_MAX
    let taken = 0
    while (taken < this.waiting.length && room > 0) {
      const piece = this.waiting[taken]!
      if (piece.length > room) {
        batch.push(piece.subarray(0, room))
        this.waiting[taken] = piece.subarray(room)
        room = 0
      } else {
        batch.push(piece)
        room -= piece.length
        taken++
      }
    }
    this.waiting = this.waiting.slice(taken)
    this.waitingLength -= BATCH_LENGTH_MAX - room
    return batch
  }
}

const BATCH_LENGTH_MAX = 1024 * 1024
