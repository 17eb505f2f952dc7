import { decodeFrame, type Frame } from './frame.js'

export interface FrameReaderOptions {
  /** A longer body is a FrameError with the code `BODY_TOO_LONG`, once its header is there. Default: 64 MiB. */
  readonly bodyLengthMax?: number | undefined
}

/**
 * Cuts a stream of bytes into frames. Push the chunks in, however they were cut, and take the frames out:
 * with a loop over the reader, or one by one with `read`.
 *
 *     0           start            end
 *     ┌───────────┬────────────────┬───────────────┐
 *     │ taken out │ not taken out  │ room for more │
 *     └───────────┴────────────────┴───────────────┘
 *
 * Chunks are copied in, and what was taken out is never written over: the Buffers of a frame stay as they are.
 */
export class FrameReader implements Iterable<Frame> {
  private readonly bodyLengthMax: number
  private bytes = Buffer.alloc(0)
  private start = 0
  private end = 0

  constructor({ bodyLengthMax = BODY_LENGTH_MAX }: FrameReaderOptions = {}) {
    this.bodyLengthMax = bodyLengthMax
  }

  /** How many bytes are not taken out. When that is not 0 at the end of the stream, a frame was cut off. */
  get heldLength(): number {
    return this.end - this.start
  }

  push(chunk: Uint8Array): this {
    if (this.end + chunk.length > this.bytes.length) this.makeRoom(chunk.length)
    this.bytes.set(chunk, this.end)
    this.end += chunk.length
    return this
  }

  /**
   * Takes out the next frame, or answers undefined while it is not whole. Throws a FrameError when the stream
   * is broken; there is no way to go on from there, and every later read throws again.
   */
  read(): Frame | undefined {
    const decoded = decodeFrame(this.bytes.subarray(0, this.end), this.start, this.bodyLengthMax)
    if (decoded === undefined) return undefined
    this.start = decoded.end
    return decoded.frame
  }

  /** Takes out every whole frame. */
  *[Symbol.iterator](): Generator<Frame, void> {
    for (let frame = this.read(); frame !== undefined; frame = this.read()) yield frame
  }

  /** Doubles what is held, so that a frame which comes in many small chunks is not copied at each of them. */
  private makeRoom(length: number): void {
    const held = this.bytes.subarray(this.start, this.end)
    this.bytes = Buffer.allocUnsafe(Math.max(2 * (held.length + length), ROOM_LENGTH_MIN))
    this.bytes.set(held)
    this.start = 0
    this.end = held.length
  }
}

const BODY_LENGTH_MAX = 64 * 1024 * 1024
const ROOM_LENGTH_MIN = 4096
