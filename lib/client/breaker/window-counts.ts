import type { BreakerCounts } from './breaker.js'

const BUCKET_COUNT = 10

/**
 * Counts of the last `windowMs`, in ten buckets. The oldest bucket is dropped as a whole, so that the counts reach back between nine
 * tenths of the window and all of it.
 *
 *     ┌────┬────┬────┬────┬────┬────┬────┬────┬────┬────┐
 *     │    │    │ ▲ newest, now  │ oldest   │    │    │    │   a ring
 *     └────┴────┴────┴────┴────┴────┴────┴────┴────┴────┘
 */
export class WindowCounts implements BreakerCounts {
  requests = 0
  failures = 0
  consecutiveFailures = 0
  private readonly bucketMs: number
  private readonly requestsOf = new Float64Array(BUCKET_COUNT)
  private readonly failuresOf = new Float64Array(BUCKET_COUNT)
  /** Counted from time 0: the place in the ring is its remainder. */
  private newest = 0

  constructor(windowMs: number) {
    this.bucketMs = windowMs / BUCKET_COUNT
  }

  countSuccess(nowMs: number): void {
    this.moveTo(nowMs)
    this.requests++
    this.requestsOf[this.newest % BUCKET_COUNT]!++
    this.consecutiveFailures = 0
  }

  countFailure(nowMs: number): void {
    this.moveTo(nowMs)
    const place = this.newest % BUCKET_COUNT
    this.requests++
    this.requestsOf[place]!++
    this.failures++
    this.failuresOf[place]!++
    this.consecutiveFailures++
  }

  /** Drops what is older than the window. A clock that goes back counts as one that stands still. */
  moveTo(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.bucketMs)
    if (bucket <= this.newest) return
    const passedCount = Math.min(bucket - this.newest, BUCKET_COUNT)
    for (let passed = 0; passed < passedCount; passed++) this.empty((bucket - passed) % BUCKET_COUNT)
    this.newest = bucket
  }

  reset(): void {
    for (let place = 0; place < BUCKET_COUNT; place++) this.empty(place)
    this.consecutiveFailures = 0
  }

  /** A copy that later counts do not change. */
  snapshot(): BreakerCounts {
    const { requests, failures, consecutiveFailures } = this
    return { requests, failures, consecutiveFailures }
  }

  private empty(place: number): void {
    this.requests -= this.requestsOf[place]!
    this.failures -= this.failuresOf[place]!
    this.requestsOf[place] = 0
    this.failuresOf[place] = 0
  }
}
