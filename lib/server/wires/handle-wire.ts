import type { AddressInfo } from 'node:net'
import { addressText } from './address-text.js'
import {
  type BareHandle,
  type Handle,
  type ShutdownRequest,
  type StreamBinding,
  streams,
  type WriteRequest,
} from './handle.js'
import type { Wire, WireListener } from './wire.js'

/** A handle that `isBare` has accepted has all of these. */
const { WriteWrap, ShutdownWrap, streamBaseState, kLastWriteWasAsync } = streams ?? ({} as StreamBinding)

/**
 * A wire without Node's `net.Socket`, on a handle. Subclasses read.
 *
 *     handle ◀─ writeBuffer, writev: bytes that the kernel does not take at once are written later, from their place
 */
export abstract class HandleWire<Of extends BareHandle = BareHandle> implements Wire {
  protected readonly handle: Of
  protected readonly listener: WireListener
  /** Writes of which the kernel has not taken all. */
  protected waitingCount = 0
  private hasEndedSending = false
  /** The sending side is being closed. */
  private isEndingSending = false
  private isFinishing = false
  protected isClosed = false
  /** A write request that was completed at once can be used again. */
  private static spareRequest: WriteRequest | undefined

  constructor(handle: Of, listener: WireListener) {
    this.handle = handle
    this.listener = listener
    handle.wire = this
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

  abstract pause(): void

  abstract resume(): void

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

  private takeRequest(): WriteRequest {
    const request = HandleWire.spareRequest
    if (request === undefined) return new WriteWrap()
    HandleWire.spareRequest = undefined
    return request
  }

  private sent(request: WriteRequest, bytes: Buffer | Buffer[], error: number): boolean {
    if (error !== 0) {
      this.destroy()
      return true
    }
    if (streamBaseState[kLastWriteWasAsync] === 0) {
      HandleWire.spareRequest = request
      return true
    }
    request.wire = this
    request.bytes = bytes
    request.oncomplete = onWritten
    this.waitingCount++
    return false
  }
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
