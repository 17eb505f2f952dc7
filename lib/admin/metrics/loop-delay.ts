import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** How late timers of this thread are: what a request to this thread has to wait. Of the last full period. */
export class LoopDelay {
  /** Seconds, by quantile. */
  quantiles: readonly (readonly [quantile: string, seconds: number])[] = []
  private readonly histogram: IntervalHistogram
  private readonly timer: NodeJS.Timeout

  constructor() {
    this.histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.histogram.enable()
    this.timer = setInterval(() => this.endPeriod(), PERIOD_MS).unref()
  }

  close(): void {
    clearInterval(this.timer)
    this.histogram.disable()
  }

  private endPeriod(): void {
    const { histogram } = this
    this.quantiles = QUANTILES.map((quantile) => [
      String(quantile),
      // Includes the time between two timers.
      Math.max(0, histogram.percentile(quantile * 100) / 1e9 - RESOLUTION_MS / 1000),
    ])
    histogram.reset()
  }
}

const QUANTILES = [0.5, 0.9, 0.99, 1]
const RESOLUTION_MS = 20
const PERIOD_MS = 10_000
