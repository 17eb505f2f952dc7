/**
 * How long the event loop of this process did not run. A timer that is due every 5 ms notes how much too late it is; the sum
 * grows only. What grew during a call is not the client's delay: on a machine with other work the process waits for a
 * processor, and nothing in it can settle anything.
 */
export class LoopDelay {
  longestMs = 0
  private sumMs = 0
  private lastMs = performance.now()
  private readonly timer = setInterval(() => this.note(), INTERVAL_MS)

  /**
   * The sum up to now, with the delay that is under way. `nowMs` is the caller's own look at the clock: were there two, the
   * process could lose the processor between them, and that delay would count for the one and not for the other.
   */
  totalAt(nowMs: number): number {
    return this.sumMs + this.excessAt(nowMs)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private note(): void {
    const nowMs = performance.now()
    const excessMs = this.excessAt(nowMs)
    this.sumMs += excessMs
    this.longestMs = Math.max(this.longestMs, excessMs)
    this.lastMs = nowMs
  }

  private excessAt(nowMs: number): number {
    return Math.max(0, nowMs - this.lastMs - INTERVAL_MS)
  }
}

const INTERVAL_MS = 5
