/** How long to wait after failed attempts, so that a server that comes back is not met by all its clients at once. */
export class Backoff {
  private failureCount = 0
  private retryAtMs = 0
  private readonly minMs: number
  private readonly maxMs: number

  constructor(minMs: number, maxMs: number) {
    this.minMs = minMs
    this.maxMs = maxMs
  }

  /** How long it is until the next attempt; 0: now. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.retryAtMs - nowMs)
  }

  succeeded(): void {
    this.failureCount = 0
    this.retryAtMs = 0
  }

  /** `isFinal`: an attempt that will fail again, such as a wrong password, waits for the longest time. */
  failed(nowMs: number, isFinal: boolean): void {
    const fullMs = isFinal ? this.maxMs : this.lengthMs()
    this.failureCount++
    this.retryAtMs = nowMs + fullMs * (1 - Math.random() / 2)
  }

  /** One failure may be a connection that was broken for long, so the next attempt is made at once. */
  private lengthMs(): number {
    if (this.failureCount === 0) return 0
    return Math.min(this.maxMs, this.minMs * 2 ** (this.failureCount - 1))
  }
}
