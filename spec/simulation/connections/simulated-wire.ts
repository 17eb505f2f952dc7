import type { Wire, WireListener } from '../../../lib/server/wires/wire.js'
import type { Random } from '../../support/random.js'

/** How lib/server/wires has it: on the handle of a socket, or through its stream. */
export type WireKind = 'direct' | 'plain'

/**
 * A socket without a network. The kernel takes what is sent at once, in part, or later; what it has not taken lies where the
 * connection has it, and is looked at only when it is taken.
 */
export class SimulatedWire implements Wire {
  readonly remoteAddress = '127.0.0.1:1'
  readonly localAddress = '127.0.0.1:2'
  isReading = true
  hasEndedSending = false
  isFinishing = false
  isDestroyed = false
  /** The client broke it off, not the server. */
  isReset = false
  private readonly random: Random
  private readonly kind: WireKind
  private readonly fullShare: number
  private readonly listener: WireListener
  private readonly heard: (bytes: Buffer) => void
  private unsent: Buffer[] = []
  /** Writes whose end has not been told yet. */
  private untoldCount = 0
  private buffer: Buffer

  constructor(
    random: Random,
    kind: WireKind,
    fullShare: number,
    listener: WireListener,
    heard: (bytes: Buffer) => void,
  ) {
    this.random = random
    this.kind = kind
    this.fullShare = fullShare
    this.listener = listener
    this.heard = heard
    this.buffer = listener.nextBuffer()
  }

  // ─── what the connection asks ──────────────────────────────────────────────────────────────────────────────────────

  send(bytes: Buffer): boolean {
    return this.sendAll([bytes])
  }

  sendAll(pieces: Buffer[]): boolean {
    if (this.isDestroyed) return true
    const isTaken = !this.isFull && !this.random.chance(this.fullShare)
    if (isTaken) {
      for (const bytes of pieces) this.heard(bytes)
      if (this.kind === 'plain') this.untoldCount += pieces.length
      return true
    }
    const wasFull = this.isFull
    this.unsent.push(...pieces)
    this.untoldCount += this.kind === 'plain' ? pieces.length : 1
    if (!wasFull && this.random.chance(0.5)) this.takeBytes(this.random.below(this.unsentLength))
    return false
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

  // ─── what the network does ─────────────────────────────────────────────────────────────────────────────────────────

  get isFull(): boolean {
    return this.unsent.length > 0
  }

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
    if (this.kind === 'plain') this.buffer = this.listener.nextBuffer()
    return this.buffer
  }

  /** Tells the connection of bytes that were put there. */
  deliver(length: number): void {
    this.isReading = this.listener.received(length)
    if (this.kind === 'direct') this.buffer = this.listener.nextBuffer()
  }

  /** The kernel takes some of what waits, or all. */
  take(isAll: boolean): void {
    const length = this.unsentLength
    this.takeBytes(isAll ? length : 1 + this.random.below(length))
  }

  /** Once all is taken, the connection hears so: for each write, as Node has it, and not only for the last. */
  tell(): void {
    for (; !this.isFull && this.untoldCount > 0 && !this.isDestroyed; this.untoldCount--)
      this.listener.drained()
  }

  private get unsentLength(): number {
    return this.unsent.reduce((sum, { length }) => sum + length, 0)
  }

  private takeBytes(count: number): void {
    let left = count
    while (left > 0) {
      const bytes = this.unsent[0]!
      const part = Math.min(left, bytes.length)
      this.heard(bytes.subarray(0, part))
      left -= part
      if (part === bytes.length) this.unsent.shift()
      else this.unsent[0] = bytes.subarray(part)
    }
  }
}
