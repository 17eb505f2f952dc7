import type net from 'node:net'
import { SocketWire } from './socket-wire.js'
import type { WireListener } from './wire.js'

/** Uses the public interface: received bytes are copied once, and writes go through the socket's stream. */
export class PlainWire extends SocketWire {
  private isPaused = false
  private hasEnded = false

  constructor(socket: net.Socket, listener: WireListener) {
    super(socket, listener)
    this.socket.on('data', (chunk: Buffer) => this.hand(chunk))
  }

  override resume(): void {
    this.isPaused = false
    if (this.hasEnded) this.listener.ended()
    else super.resume()
  }

  /** A stream ends with its last chunk, even if reading was paused by it: the listener is notified when it resumes. */
  protected override ended(): void {
    this.hasEnded = true
    if (!this.isPaused) this.listener.ended()
  }

  override send(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true
    this.socket.write(bytes, () => this.fulfilled())
    return this.socket.writableLength === 0
  }

  override sendAll(pieces: Buffer[]): boolean {
    this.socket.cork()
    for (const piece of pieces) this.socket.write(piece, () => this.fulfilled())
    this.socket.uncork()
    return this.socket.writableLength === 0
  }

  private fulfilled(): void {
    if (!this.socket.destroyed && this.socket.writableLength === 0) this.listener.drained()
  }

  protected hand(chunk: Buffer): void {
    for (let done = 0; done < chunk.length && !this.socket.destroyed; ) {
      const part = chunk.copy(this.listener.nextBuffer(), 0, done)
      done += part
      if (this.listener.received(part)) continue
      this.isPaused = true
      this.socket.pause()
      if (done < chunk.length) this.socket.unshift(chunk.subarray(done))
      return
    }
  }
}
