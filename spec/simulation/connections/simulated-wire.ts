import { WireWithoutNetwork } from '../../support/wire-without-network.js'

/**
 * A socket whose kernel takes what is sent at once, in part, or later. What it has not taken stays in the connection, and
 * is read only when it is taken.
 */
export class SimulatedWire extends WireWithoutNetwork {
  private unsent: Buffer[] = []

  override sendAll(pieces: Buffer[]): boolean {
    if (this.isDestroyed) return true
    const { random, fullShare } = this.parts
    if (!this.isFull && !random.chance(fullShare)) {
      this.takeAtOnce(pieces)
      return true
    }
    const wasFull = this.isFull
    this.unsent.push(...pieces)
    this.noteUnsent(pieces)
    if (!wasFull && random.chance(0.5)) this.takeBytes(random.below(this.unsentLength))
    return false
  }

  override get isFull(): boolean {
    return this.unsent.length > 0
  }

  /** The kernel takes some of what waits, or all. */
  take(isAll: boolean): void {
    const length = this.unsentLength
    this.takeBytes(isAll ? length : 1 + this.parts.random.below(length))
  }

  private get unsentLength(): number {
    return this.unsent.reduce((sum, { length }) => sum + length, 0)
  }

  private takeBytes(count: number): void {
    let left = count
    while (left > 0) {
      const bytes = this.unsent[0]!
      const part = Math.min(left, bytes.length)
      this.parts.heard(bytes.subarray(0, part))
      left -= part
      if (part === bytes.length) this.unsent.shift()
      else this.unsent[0] = bytes.subarray(part)
    }
  }
}
