import { type Handle, type StreamBinding, socketOver, type WriteRequest } from './handle.js'
import { SocketWire } from './socket-wire.js'
import type { WireListener } from './wire.js'

/** Reads with `onread` into the connection's buffers, and writes on the handle. */
export class DirectWire extends SocketWire {
  private readonly handle: Handle
  private readonly streams: StreamBinding
  /** Writes that the kernel has not taken completely. */
  private waitingCount = 0
  /** A request that was fulfilled at once can be reused. */
  private static spareRequest: WriteRequest | undefined

  constructor(handle: Handle, listener: WireListener, streams: StreamBinding) {
    const onread = {
      buffer: () => listener.nextBuffer(),
      callback: (length: number) => listener.received(length),
    }
    super(socketOver(handle, onread), listener)
    this.handle = handle
    this.streams = streams
    this.socket.resume()
  }

  override send(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true
    const request = this.takeRequest()
    return this.sent(request, this.handle.writeBuffer(request, bytes))
  }

  override sendAll(pieces: Buffer[]): boolean {
    if (this.socket.destroyed) return true
    const request = this.takeRequest()
    return this.sent(request, this.handle.writev(request, pieces, true))
  }

  /** The kernel took the bytes that had to wait. */
  fulfilled(): void {
    this.waitingCount--
    if (this.waitingCount === 0 && !this.socket.destroyed) this.listener.drained()
  }

  private takeRequest(): WriteRequest {
    const request = DirectWire.spareRequest ?? new this.streams.WriteWrap()
    DirectWire.spareRequest = undefined
    request.oncomplete = onFulfilled
    return request
  }

  private sent(request: WriteRequest, error: number): boolean {
    if (error !== 0) {
      this.socket.destroy()
      return true
    }
    const { streamBaseState, kLastWriteWasAsync } = this.streams
    if (streamBaseState[kLastWriteWasAsync] !== 0) {
      request.wire = this
      this.waitingCount++
      return false
    }
    DirectWire.spareRequest = request
    return true
  }
}

function onFulfilled(this: WriteRequest): void {
  const { wire } = this
  this.wire = undefined
  wire?.fulfilled()
}
