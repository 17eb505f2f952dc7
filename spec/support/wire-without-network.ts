import type { Wire, WireListener } from '../../lib/server/wires/wire.js'
import type { Random } from './random.js'

/** As in lib/server/wires/wire.ts: on the handle of a socket, or through its stream. */
export type WireKind = 'direct' | 'plain'

export interface WireParts {
  readonly random: Random
  readonly kind: WireKind
  /** How often it is full. */
  readonly fullShare: number
  readonly listener: WireListener
  /** Receives what the client receives. */
  readonly heard: (bytes: Buffer) => void
}

/** A socket without a network. Subclasses decide what the kernel takes, and when; it calls its listener in Node's order. */
export abstract class WireWithoutNetwork implements Wire {
  readonly remoteAddress = '127.0.0.1:1'
  readonly localAddress = '127.0.0.1:2'
  isReading = true
  hasEndedSending = false
  isFinishing = false
  isDestroyed = false
  /** The client reset it, not the server. */
  isReset = false
  protected readonly parts: WireParts
  /** Writes whose end has not been reported yet. */
  protected untoldCount = 0
  private buffer: Buffer

  constructor(parts: WireParts) {
    this.parts = parts
    this.buffer = parts.listener.nextBuffer()
  }

  // ─── calls from the connection ─────────────────────────────────────────────────────────────────────────────────────

  send(bytes: Buffer): boolean {
    return this.sendAll([bytes])
  }

  abstract sendAll(pieces: Buffer[]): boolean

  /** The kernel takes all of a write at once. */
  protected takeAtOnce(pieces: readonly Buffer[]): void {
    pieces.forEach((bytes) => void this.parts.heard(bytes))
    if (this.parts.kind === 'plain') this.untoldCount += pieces.length
  }

  /** The kernel takes a write later. */
  protected noteUnsent(pieces: readonly Buffer[]): void {
    this.untoldCount += this.parts.kind === 'plain' ? pieces.length : 1
  }

  pause(): void {
    this.isReading = false
  }

  resume(): void {
    this.isReading = true
  }

  endSending(): void {
    if (!this.isDestroyed) this.hasEndedSending = true
  }

  finish(): void {
    this.endSending()
    this.isFinishing = true
  }

  destroy(): void {
    this.isDestroyed = true
  }

  // ─── events of the network ─────────────────────────────────────────────────────────────────────────────────────────

  abstract get isFull(): boolean

  /** The socket closes by itself now. */
  get isDone(): boolean {
    return this.isDestroyed || (this.isFinishing && !this.isFull)
  }

  reset(): void {
    this.isReset = true
    this.isDestroyed = true
  }

  /** Where the next bytes go. A plain socket asks when it has something, the other one as soon as the last room is used. */
  get room(): Buffer {
    if (this.parts.kind === 'plain') this.buffer = this.parts.listener.nextBuffer()
    return this.buffer
  }

  /** Notifies the connection of bytes that were put there. */
  deliver(length: number): void {
    this.isReading = this.parts.listener.received(length)
    if (this.parts.kind === 'direct') this.buffer = this.parts.listener.nextBuffer()
  }

  /** Once all is taken, the connection is notified: for each write, as in Node, and not only for the last. */
  tell(): void {
    for (; !this.isFull && this.untoldCount > 0 && !this.isDestroyed; this.untoldCount--)
      this.parts.listener.drained()
  }
}
