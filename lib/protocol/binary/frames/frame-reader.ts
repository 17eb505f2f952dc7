import { decodeFrame, type Frame } from './frame.js'

export interface FrameReaderOptions {
  /** A longer body is a FrameError with the code `BODY_TOO_LONG`, once its header has arrived. Default: 64 MiB. */
  readonly bodyLengthMax?: number | undefined
}

/**
 * Cuts a stream of bytes into frames. Push chunks of any length, and read the frames:
 * with a loop over the reader, or one by one with `read`.
 *
 *     0           start            end
 *     ┌───────────┬────────────────┬───────────────┐
 *     │ read      │ not read yet   │ room for more │
 *     └───────────┴────────────────┴───────────────┘
 *
 * Chunks are copied, and bytes that were read are never overwritten: the Buffers of a frame do not change.
 */
export class FrameReader implements Iterable<Frame> {
  private readonly bodyLengthMax: number
  private bytes = Buffer.alloc(0)
  private start = 0
  private end = 0

  constructor({ bodyLengthMax = BODY_LENGTH_MAX }: FrameReaderOptions = {}) {
    this.bodyLengthMax = bodyLengthMax
  }

  /** The count of bytes that were not read. If it is not 0 at the end of the stream, a frame was cut off. */
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
   * Returns the next frame, or undefined while it is incomplete. Throws a FrameError if the stream
   * is broken; the reader cannot recover, and every later read throws again.
   */
  read(): Frame | undefined {
    const decoded = decodeFrame(this.bytes.subarray(0, this.end), this.start, this.bodyLengthMax)
    if (decoded === undefined) return undefined
    this.start = decoded.end
    return decoded.frame
  }

  /** Returns every complete frame. */
  *[Symbol.iterator](): Generator<Frame, void> {
    for (let frame = this.read(); frame !== undefined; frame = this.read()) yield frame
  }

  /** Doubles the buffer, so that a frame in many small chunks is not copied at each of them. */
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
