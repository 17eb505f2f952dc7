/**
 * Which requests are looked at: all of them while there are few, one in up to `INTERVAL_MAX` while there are many. A sample counts for as
 * many requests as the interval that it was chosen by. Intervals are random, so that no pattern of requests is always
 * skipped.
 */
export class Sampling {
  /** How many requests one sample stands for. */
  interval = 1
  /** One sample in so many is looked at closely, and counts for all of them. */
  detail = 1
  private samplesLeft = SAMPLES_PER_SECOND
  /** This second has had more samples than that. */
  private isBusy = false
  private random: number

  constructor(seed: number) {
    this.random = seed | 1
  }

  /** Call this after each sample: the interval becomes longer if this second has had many. */
  countSample(): void {
    if (--this.samplesLeft > 0) return
    this.use(Math.min(this.interval * 2, INTERVAL_MAX))
    this.isBusy = true
    this.samplesLeft = SAMPLES_PER_SECOND
  }

  /** So many seconds have passed: the interval becomes shorter if there were few samples. Returns whether it did. */
  passSeconds(count: number): boolean {
    const { interval } = this
    const hadFew = !this.isBusy && this.samplesLeft > SAMPLES_PER_SECOND * (1 - FEW)
    if (hadFew) this.use(Math.max(1, interval / 2 ** count))
    this.isBusy = false
    this.samplesLeft = SAMPLES_PER_SECOND
    return this.interval !== interval
  }

  /** In how many requests the next sample is due: `interval` on average. */
  distance(): number {
    if (this.interval === 1) return 1
    this.random ^= this.random << 13
    this.random ^= this.random >>> 17
    this.random ^= this.random << 5
    // From 1 to twice the interval less one. The interval is a power of two.
    return 1 + ((this.random >>> 8) % (2 * this.interval - 1))
  }

  private use(interval: number): void {
    this.interval = interval
    this.detail = interval < DETAIL_FROM ? 1 : DETAIL
  }
}

/**
 * So many samples in a second double the interval. A sample takes 0.3 to 1 µs (scripts/bench/insight.ts), and clients may come in bursts:
 * the longest interval is reached after 7,168 samples.
 */
const SAMPLES_PER_SECOND = 1024
/** Less than half, so that the interval does not change all the time. */
const FEW = 1 / 4
/** About 8,000 samples a second of a server with a million requests a second. */
export const INTERVAL_MAX = 128
const DETAIL_FROM = 8
const DETAIL = 4
