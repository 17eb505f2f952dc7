import type { AddressInfo } from 'node:net'
import { addressText } from './address-text.js'
import {
  type BareHandle,
  END_OF_STREAM,
  type Handle,
  type ShutdownRequest,
  type StreamBinding,
  streams,
  type WriteRequest,
} from './handle.js'
import type { Wire, WireListener } from './wire.js'

/** A handle that `isBare` has accepted has all of these. */
const { WriteWrap, ShutdownWrap, streamBaseState, kLastWriteWasAsync, kReadBytesOrError } =
  streams ?? ({} as StreamBinding)

/**
 * A wire without Node's `net.Socket`: reads into the listener's buffers, and writes to the handle.
 *
 *     handle ── onread ─▶ buffer ─▶ received, then nextBuffer: the buffer of the next read
 *            ◀─ writeBuffer, writev: bytes that the kernel does not take at once are written later, from their place
 *
 * A handle has one buffer, and accepts another one only as the return value of `onread`. So `nextBuffer` is called after each
 * read, also before a pause: that buffer is then used by the first read after the pause.
 */
export class BareWire implements Wire {
  private readonly handle: BareHandle
  private readonly listener: WireListener
  /** The buffer of the next read; it must not be collected while the handle has it. */
  private buffer: Buffer
  /** Writes of which the kernel has not taken all. */
  private waitingCount = 0
  /** Stays true after the end of the stream, when there is nothing to resume. */
  private isReading = false
  private hasEndedSending = false
  /** The sending side is being closed. */
  private isEndingSending = false
  private isFinishing = false
  private isClosed = false
  /** A write request that was completed at once can be used again. */
  private static spareRequest: WriteRequest | undefined

  constructor(handle: BareHandle, listener: WireListener) {
    this.handle = handle
    this.listener = listener
    this.buffer = listener.nextBuffer()
    handle.wire = this
    handle.onread = onRead
    handle.useUserBuffer(this.buffer)
    this.resume()
  }

  // ─── calls from the connection ──────────────────────────────────────────────────────────────────────────────────────

  send(bytes: Buffer): boolean {
    if (this.isClosed) return true
    const request = this.takeRequest()
    return this.sent(request, bytes, this.handle.writeBuffer(request, bytes))
  }

  sendAll(pieces: Buffer[]): boolean {
    if (this.isClosed) return true
    const request = this.takeRequest()
    return this.sent(request, pieces, this.handle.writev(request, pieces, true))
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

  endSending(): void {
    if (this.hasEndedSending || this.isClosed) return
    this.hasEndedSending = true
    this.isEndingSending = true
    const request = new ShutdownWrap()
    request.wire = this
    request.oncomplete = onSendingEnded
    // The peer has broken off.
    if (this.handle.shutdown(request) < 0) this.destroy()
  }

  finish(): void {
    this.isFinishing = true
    this.destroyIfSent()
  }

  private destroyIfSent(): void {
    if (this.isFinishing && this.waitingCount === 0 && !this.isEndingSending) this.destroy()
  }

  destroy(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.handle.close(onClosed)
  }

  get remoteAddress(): string {
    const address: Partial<AddressInfo> = {}
    this.handle.getpeername?.(address)
    return addressText(address.address, address.port)
  }

  get localAddress(): string {
    const address: Partial<AddressInfo> = {}
    this.handle.getsockname?.(address)
    return addressText(address.address, address.port)
  }

  // ─── calls from the handle ──────────────────────────────────────────────────────────────────────────────────────────

  read(length: number): Buffer | undefined {
    if (length > 0) return this.received(length)
    if (length === END_OF_STREAM) this.listener.ended()
    // A server cannot act on an error of a read. 0 means that there was nothing to read.
    else if (length < 0) this.destroy()
    return undefined
  }

  /** The kernel has taken the bytes that waited, or never will. */
  written(status: number): void {
    this.waitingCount--
    if (status !== 0) this.destroy()
    if (this.waitingCount > 0 || this.isClosed) return
    this.listener.drained()
    this.destroyIfSent()
  }

  sendingEnded(): void {
    this.isEndingSending = false
    this.destroyIfSent()
  }

  closed(): void {
    this.listener.closed()
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

  private takeRequest(): WriteRequest {
    const request = BareWire.spareRequest
    if (request === undefined) return new WriteWrap()
    BareWire.spareRequest = undefined
    return request
  }

  private sent(request: WriteRequest, bytes: Buffer | Buffer[], error: number): boolean {
    if (error !== 0) {
      this.destroy()
      return true
    }
    if (streamBaseState[kLastWriteWasAsync] === 0) {
      BareWire.spareRequest = request
      return true
    }
    request.wire = this
    request.bytes = bytes
    request.oncomplete = onWritten
    this.waitingCount++
    return false
  }
}

function onRead(this: BareHandle): Buffer | undefined {
  return this.wire!.read(streamBaseState[kReadBytesOrError]!)
}

function onWritten(this: WriteRequest, status: number): void {
  const { wire } = this
  this.wire = undefined
  this.bytes = undefined
  wire?.written(status)
}

function onClosed(this: Handle): void {
  ;(this as BareHandle).wire?.closed()
}

function onSendingEnded(this: ShutdownRequest): void {
  this.wire?.sendingEnded()
}
