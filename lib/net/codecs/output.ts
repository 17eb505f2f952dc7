/**
 * Encoded bytes that are not sent yet. Short parts are copied one behind the other; a long part is linked, so that it is
 * sent from where it is.
 *
 *     pieces  ┌─ bytes ──────────┐ ┌─ linked ────────┐ ┌─ bytes ── ─ ─
 *             │ short parts      │ │ a long value    │ │ short parts ▲ end
 *             └──────────────────┘ └─────────────────┘ └──────────── ─ ─
 *
 * A connection that sends nothing has no bytes: they come with the first `ensure`.
 *
 * An encoder calls `ensure`, writes into `bytes` at `end`, and moves `end`; or it calls one of the functions that do so.
 */
export class Output {
  bytes: Buffer = NO_BYTES
  /** Where the next byte goes. */
  end = 0
  /** Where the bytes begin that are in no piece yet. */
  private openStart = 0
  private pieces: Buffer[] = []
  private piecesLength = 0

  get byteLength(): number {
    return this.piecesLength + this.end - this.openStart
  }

  /** Makes room for `length` bytes at `end`. It may replace `bytes`. */
  ensure(length: number): void {
    if (this.end + length <= this.bytes.length) return
    this.seal()
    this.bytes = Buffer.allocUnsafeSlow(Math.max(length, SLAB_LENGTH))
    this.openStart = 0
    this.end = 0
  }

  writeByte(byte: number): void {
    this.ensure(1)
    this.bytes[this.end++] = byte
  }

  /** Writes text of ASCII characters only. */
  writeAscii(text: string): void {
    const { length } = text
    this.ensure(length)
    const { bytes, end } = this
    if (length > LOOP_LENGTH_MAX) bytes.write(text, end, 'latin1')
    else for (let index = 0; index < length; index++) bytes[end + index] = text.charCodeAt(index)
    this.end = end + length
  }

  writeUtf8(text: string): void {
    this.ensure(text.length * 3)
    this.end += this.bytes.write(text, this.end, 'utf8')
  }

  /** Copies a short part, and links a long one: the caller does not change its bytes until they are sent. */
  writeBytes(part: Uint8Array): void {
    if (part.length > COPY_LENGTH_MAX) {
      this.link(part)
      return
    }
    this.copyBytes(part)
  }

  /** Copies a part of any length: the caller may reuse its bytes. */
  copyBytes(part: Uint8Array): void {
    this.ensure(part.length)
    this.bytes.set(part, this.end)
    this.end += part.length
  }

  /** All bytes, as few pieces. They stay valid until `clear`. */
  takePieces(): Buffer[] {
    this.seal()
    const { pieces } = this
    this.pieces = []
    this.piecesLength = 0
    return pieces
  }

  /**
   * The pieces that were taken have been sent: their room may be used again. Nothing may have been written since they were
   * taken.
   */
  clear(): void {
    if (this.bytes.length > SLAB_LENGTH) this.bytes = NO_BYTES
    this.end = 0
    this.openStart = 0
  }

  private link(part: Uint8Array): void {
    this.seal()
    this.addPiece(Buffer.from(part.buffer, part.byteOffset, part.length))
  }

  private seal(): void {
    if (this.end === this.openStart) return
    this.addPiece(this.bytes.subarray(this.openStart, this.end))
    this.openStart = this.end
  }

  private addPiece(piece: Buffer): void {
    this.pieces.push(piece)
    this.piecesLength += piece.length
  }
}

const NO_BYTES = Buffer.alloc(0)
const SLAB_LENGTH = 16 * 1024
/** Up to this length a loop is faster than a call into V8's runtime. */
const LOOP_LENGTH_MAX = 24
/** A longer part costs more to copy than to send as a piece of its own. */
export const COPY_LENGTH_MAX = 16 * 1024
