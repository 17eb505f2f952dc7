import { ok as assert } from 'node:assert/strict'
import type { Wire, WireListener } from '../../lib/server/wires/wire.js'
import type { Random } from '../support/random.js'
import { MARKER } from './marker.js'

/** Bytes that a socket has not taken yet. They must stay as they are until it has. */
interface Unsent {
  readonly bytes: Buffer
  readonly copy: Buffer
}

/** How lib/server/wires/wire.ts has it: on the handle, or through the stream of a socket. */
export type WireKind = 'direct' | 'plain'

/** A socket without a network: takes what is sent at once or later, and tells its listener in the order that Node has. */
export class FakeWire implements Wire {
  readonly remoteAddress = '127.0.0.1:1'
  readonly localAddress = '127.0.0.1:2'
  isReading = true
  hasEndedSending = false
  isFinishing = false
  isDestroyed = false
  /** The network broke it off, not the server. */
  isReset = false
  private readonly random: Random
  private readonly kind: WireKind
  /** How often it is full. */
  private readonly fullShare: number
  private readonly listener: WireListener
  private readonly heard: (bytes: Buffer) => void
  private readonly unsent: Unsent[] = []
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
    assert(!this.hasEndedSending, 'bytes are sent behind the end')
    if (this.random.chance(BROKEN_SHARE)) {
      this.reset()
      return true
    }
    if (!this.isFull && !this.random.chance(this.fullShare)) {
      pieces.forEach(this.heard)
      if (this.kind === 'plain') this.untoldCount += pieces.length
      return true
    }
    for (const bytes of pieces) this.unsent.push({ bytes, copy: Buffer.from(bytes) })
    this.untoldCount += this.kind === 'plain' ? pieces.length : 1
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

  /** Puts the first bytes of these where the connection wants them. Answers how many. */
  put(bytes: Buffer): number {
    // A plain socket asks for room when it has something to put there, the other one as soon as the last room is used.
    if (this.kind === 'plain') this.buffer = this.listener.nextBuffer()
    const length = bytes.copy(this.buffer)
    this.buffer.fill(MARKER, length, Math.min(length + MARKED_LENGTH, this.buffer.length))
    return length
  }

  /** Tells the connection of bytes that were put there. */
  deliver(length: number): void {
    this.isReading = this.listener.received(length)
    assert(!this.isFull || !this.isReading, 'more is read though the replies are not taken')
    if (this.kind === 'direct') this.buffer = this.listener.nextBuffer()
  }

  /** Some of what waits is taken. */
  drain(): void {
    const count = 1 + this.random.below(this.unsent.length)
    for (const { bytes, copy } of this.unsent.splice(0, count)) {
      assert(bytes.equals(copy), 'bytes have changed before they were sent')
      this.heard(copy)
    }
  }

  /** Once all is taken, the connection hears so: for each write, as Node has it, and not only for the last. */
  tell(): void {
    if (this.isFull) return
    for (; this.untoldCount > 0 && !this.isDestroyed; this.untoldCount--) {
      if (this.isFull) return
      this.listener.drained()
    }
  }
}

/** How often a write finds that the peer is gone. */
const BROKEN_SHARE = 0.001
/** So many bytes behind those that have arrived are marked: whoever reads too far reads these. */
const MARKED_LENGTH = 64
