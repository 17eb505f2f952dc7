import { BUCKET_COUNT, endOfBucket } from './buckets.js'
import { commandOfSeries, outcomeOfSeries } from './series.js'

/** The histogram of one command and outcome, as it is shown. */
export class LatencyFigures {
  readonly command: string
  readonly outcome: string
  /** How many requests are in each bucket. */
  readonly buckets: readonly number[]
  readonly count: number
  /** Of all these requests. */
  readonly sumMs: number

  constructor(series: number, buckets: readonly number[], sumMs: number) {
    this.command = commandOfSeries(series)
    this.outcome = outcomeOfSeries(series)
    this.buckets = buckets
    this.count = buckets.reduce((sum, each) => sum + each, 0)
    this.sumMs = Math.max(0, sumMs)
  }

  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count
  }

  /** A time that this share of the requests did not exceed: where their bucket ends. Beyond the last step it is where that ends. */
  quantileMs(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.count))
    let seen = 0
    for (const [bucket, count] of this.buckets.entries()) {
      seen += count
      if (seen >= wanted) return Math.min(endOfBucket(bucket), LAST_END_MS)
    }
    return 0
  }

  /** How many requests took less than this; exact where a bucket ends. */
  countBelow(ms: number): number {
    return this.buckets.reduce((sum, count, bucket) => (endOfBucket(bucket) <= ms ? sum + count : sum), 0)
  }
}

const LAST_END_MS = endOfBucket(BUCKET_COUNT - 2)
