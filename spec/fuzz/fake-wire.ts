import { ok as assert } from 'node:assert/strict'
import { WireWithoutNetwork } from '../support/wire-without-network.js'
import { MARKER } from './marker.js'

/** Bytes that a socket has not sent yet. They must not change until then. */
interface Unsent {
  readonly bytes: Buffer
  readonly copy: Buffer
}

/** A socket that takes whole writes at once or later, is reset now and then, and marks the bytes behind arriving ones. */
export class FakeWire extends WireWithoutNetwork {
  private readonly unsent: Unsent[] = []

  override sendAll(pieces: Buffer[]): boolean {
    if (this.isDestroyed) return true
    const { random, fullShare } = this.parts
    assert(!this.hasEndedSending, 'bytes are sent after the end')
    if (random.chance(BROKEN_SHARE)) {
      this.reset()
      return true
    }
    if (!this.isFull && !random.chance(fullShare)) {
      this.takeAtOnce(pieces)
      return true
    }
    for (const bytes of pieces) this.unsent.push({ bytes, copy: Buffer.from(bytes) })
    this.noteUnsent(pieces)
    return false
  }

  override get isFull(): boolean {
    return this.unsent.length > 0
  }

  /** Copies the first of these bytes to where the connection wants them. Returns how many. */
  put(bytes: Buffer): number {
    const { room } = this
    const length = bytes.copy(room)
    room.fill(MARKER, length, Math.min(length + MARKED_LENGTH, room.length))
    return length
  }

  override deliver(length: number): void {
    super.deliver(length)
    assert(!this.isFull || !this.isReading, 'more is read while replies wait')
  }

  /** Some of what waits is taken. */
  drain(): void {
    const count = 1 + this.parts.random.below(this.unsent.length)
    for (const { bytes, copy } of this.unsent.splice(0, count)) {
      assert(bytes.equals(copy), 'bytes have changed before they were sent')
      this.parts.heard(copy)
    }
  }
}

/** How often a write finds that the peer has disconnected. */
const BROKEN_SHARE = 0.001
/** This many bytes behind those that have arrived are marked: code that reads too far reads these. */
const MARKED_LENGTH = 64
