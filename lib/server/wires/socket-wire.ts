import type net from 'node:net'
import { addressText } from './address-text.js'
import type { Wire, WireListener } from './wire.js'

/** The public alternative: received bytes are copied once, and writes go through the socket's stream. */
export class SocketWire implements Wire {
  protected readonly socket: net.Socket
  protected readonly listener: WireListener
  private isPaused = false
  private hasEnded = false

  constructor(socket: net.Socket, listener: WireListener) {
    this.socket = socket
    this.listener = listener
    socket.on('data', (chunk: Buffer) => this.hand(chunk))
    socket.on('end', () => this.ended())
    // An error is always followed by the close, and a server cannot act on it.
    socket.on('error', ignore)
    socket.on('close', () => listener.closed())
  }

  send(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true
    this.socket.write(bytes, () => this.fulfilled())
    return this.socket.writableLength === 0
  }

  sendAll(pieces: Buffer[]): boolean {
    this.socket.cork()
    for (const piece of pieces) this.socket.write(piece, () => this.fulfilled())
    this.socket.uncork()
    return this.socket.writableLength === 0
  }

  pause(): void {
    this.isPaused = true
    this.socket.pause()
  }

  resume(): void {
    this.isPaused = false
    if (this.hasEnded) this.listener.ended()
    else this.socket.resume()
  }

  endSending(): void {
    this.socket.end()
  }

  finish(): void {
    const { writableLength, writableEnded } = this.socket
    if (writableLength === 0 && !writableEnded) this.socket.destroy()
    else this.socket.destroySoon()
  }

  destroy(): void {
    this.socket.destroy()
  }

  get remoteAddress(): string {
    return addressText(this.socket.remoteAddress, this.socket.remotePort)
  }

  get localAddress(): string {
    return addressText(this.socket.localAddress, this.socket.localPort)
  }

  /** A stream may end while reading is paused: the listener is notified when it resumes reading. */
  protected ended(): void {
    this.hasEnded = true
    if (!this.isPaused) this.listener.ended()
  }

  protected hand(chunk: Buffer): void {
    for (let done = 0; done < chunk.length && !this.socket.destroyed; ) {
      const part = chunk.copy(this.listener.nextBuffer(), 0, done)
      done += part
      if (this.listener.received(part)) continue
      this.pause()
      if (done < chunk.length) this.socket.unshift(chunk.subarray(done))
      return
    }
  }

  private fulfilled(): void {
    if (!this.socket.destroyed && this.socket.writableLength === 0) this.listener.drained()
  }
}

const ignore = (): undefined => undefined
