import { type BareHandle, END_OF_STREAM, type StreamBinding, streams } from './handle.js'
import { HandleWire } from './handle-wire.js'
import type { WireListener } from './wire.js'

/** A handle that `isBare` has accepted has all of these. */
const { streamBaseState, kReadBytesOrError } = streams ?? ({} as StreamBinding)

/**
 * A wire that reads with its handle, into the listener's buffers.
 *
 *     handle ── onread ─▶ buffer ─▶ received, then nextBuffer: the buffer of the next read
 *
 * A handle has one buffer, and accepts another one only as the return value of `onread`. So `nextBuffer` is called after each
 * read, also before a pause: that buffer is then used by the first read after the pause.
 */
export class BareWire extends HandleWire {
  /** The buffer of the next read; it must not be collected while the handle has it. */
  private buffer: Buffer
  /** Stays true after the end of the stream, when there is nothing to resume. */
  private isReading = false

  constructor(handle: BareHandle, listener: WireListener) {
    super(handle, listener)
    this.buffer = listener.nextBuffer()
    handle.onread = onRead
    handle.useUserBuffer(this.buffer)
    this.resume()
  }

  pause(): void {
    if (!this.isReading || this.isClosed) return
    this.isReading = false
    this.handle.readStop()
  }

  resume(): void {
    if (this.isReading || this.isClosed) return
    this.isReading = true
    if (this.handle.readStart() !== 0) this.destroy()
  }

  /** So many bytes have come, or an error of the system. Returns another buffer for the next reads, if there is to be one. */
  read(length: number): Buffer | undefined {
    if (length > 0) return this.received(length)
    if (length === END_OF_STREAM) this.listener.ended()
    // A server cannot act on an error of a read. 0 means that there was nothing to read.
    else if (length < 0) this.destroy()
    return undefined
  }

  private received(length: number): Buffer | undefined {
    const wantsMore = this.listener.received(length)
    if (this.isClosed) return undefined
    if (!wantsMore) {
      this.isReading = false
      this.handle.readStop()
    }
    const next = this.listener.nextBuffer()
    if (next === this.buffer) return undefined
    this.buffer = next
    return next
  }
}

function onRead(this: BareHandle): Buffer | undefined {
  return (this.wire as BareWire).read(streamBaseState[kReadBytesOrError]!)
}
