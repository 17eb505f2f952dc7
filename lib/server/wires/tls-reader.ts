import type { TLSSocket } from 'node:tls'
import { type StreamBinding, streams } from './handle.js'
import type { WireListener } from './wire.js'

/** Undocumented parts of a socket's handle, for reading. */
interface ReadHandle {
  /** Called for each read. Returns the buffer for the next one, if it changes. */
  onread: (this: ReadHandle, bytes: unknown) => Buffer | undefined
  useUserBuffer(buffer: Buffer): void
  readStart(): number
  readStop(): number
  reading: boolean
}

/**
 * Puts what TLS has decrypted into the listener's buffers. Node does that for plain sockets (`onread`); with TLS
 * it makes a Buffer of every read and sends it through a stream, which costs an eighth of the CPU time of a batch of requests.
 *
 *     decrypted ──▶ the listener's buffer ──▶ received
 *         └───────▶ SPARE ──▶ kept ─ resume ▶ the listener's buffer ──▶ received
 *
 * As TLS decrypts all bytes of one read of the socket, more may follow after the listener has paused: that is kept
 * here. The first read after that still goes to SPARE, because a handle gets a new buffer only in the reply to a read.
 */
export class TlsReader {
  private readonly socket: TLSSocket
  private readonly handle: ReadHandle
  private readonly listener: WireListener
  private readonly kept: Buffer[] = []
  private isToSpare = false
  private isPaused = false
  private hasEnded = false

  private constructor(socket: TLSSocket, handle: ReadHandle, listener: WireListener, found: StreamBinding) {
    const { streamBaseState, kReadBytesOrError } = found
    const { onread } = handle
    this.socket = socket
    this.handle = handle
    this.listener = listener
    const read = (length: number) => this.read(length)
    handle.onread = function (bytes) {
      const length = streamBaseState[kReadBytesOrError]!
      // The end of the stream, and errors.
      return length > 0 ? read(length) : onread.call(this, bytes)
    }
    handle.useUserBuffer(listener.nextBuffer())
  }

  /** Reads from now on. Undefined if this Node version lacks what it needs: then the stream is read. */
  static over(socket: TLSSocket, listener: WireListener): TlsReader | undefined {
    const { _handle: handle } = socket as TLSSocket & { _handle?: Partial<ReadHandle> }
    if (streams === undefined || handle === undefined) return undefined
    const { onread, useUserBuffer, readStart, readStop } = handle
    const isComplete = [onread, useUserBuffer, readStart, readStop].every((one) => typeof one === 'function')
    return isComplete ? new TlsReader(socket, handle as ReadHandle, listener, streams) : undefined
  }

  pause(): void {
    this.isPaused = true
    this.handle.reading = false
    if (!this.socket.destroyed) this.handle.readStop()
  }

  /** Resumes, after the caller has returned. */
  resume(): void {
    process.nextTick(() => this.goOn())
  }

  /** The stream has ended. If reading is paused, the end is reported on resume. */
  end(): void {
    this.hasEnded = true
    if (!this.isPaused) this.listener.ended()
  }

  private read(length: number): Buffer {
    if (this.socket.destroyed) return SPARE
    if (this.isToSpare) {
      this.kept.push(Buffer.from(SPARE.subarray(0, length)))
      if (!this.isPaused) this.handKept()
    } else if (!this.listener.received(length)) {
      this.pause()
    }
    this.isToSpare = this.isPaused || this.socket.destroyed
    return this.isToSpare ? SPARE : this.listener.nextBuffer()
  }

  private goOn(): void {
    if (!this.isPaused || this.socket.destroyed) return
    this.isPaused = false
    this.handKept()
    if (this.isPaused || this.socket.destroyed) return
    if (this.hasEnded) {
      this.listener.ended()
    } else {
      this.handle.reading = true
      this.handle.readStart()
    }
  }

  private handKept(): void {
    for (let next = this.kept[0]; next !== undefined && !this.socket.destroyed; next = this.kept[0]) {
      const length = next.copy(this.listener.nextBuffer())
      if (length === next.length) this.kept.shift()
      else this.kept[0] = next.subarray(length)
      if (this.listener.received(length)) continue
      this.pause()
      return
    }
  }
}

/** TLS decrypts at most this much at once. The next read of any connection overwrites it. */
const SPARE = Buffer.alloc(16 * 1024)
