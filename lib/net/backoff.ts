import type { ReconnectOptions } from './options.js'

/** How long to wait before the next attempt to connect. */
export class Backoff {
  private readonly options: Required<ReconnectOptions>
  private readonly random: () => number
  private failureCount = 0

  constructor(options: Required<ReconnectOptions>, random: () => number = Math.random) {
    this.options = options
    this.random = random
  }

  /** Returns milliseconds, or undefined if no attempt is left. */
  next(): number | undefined {
    const { minMs, maxMs, factor, jitter, attempts } = this.options
    if (this.failureCount >= attempts) return undefined
    const whole = Math.min(maxMs, minMs * factor ** this.failureCount)
    this.failureCount++
    return whole * (1 - jitter * this.random())
  }

  /** The peer has answered. A peer that accepts connections and closes them has not. */
  succeed(): void {
    this.failureCount = 0
  }
}
