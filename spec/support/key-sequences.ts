/** Keys in the order in which the clients of a cache might request them. A random source repeats them each time. */
import type { Random } from './random.js'

/** Every now and then a run of keys that are never requested again. */
export interface Scans {
  readonly everyRequests: number
  readonly length: number
}

/** Every now and then other keys are popular: each rank moves on by this many keys. */
export interface Drift {
  readonly everyRequests: number
  readonly keyCount: number
}

export interface ZipfKeys {
  readonly keyCount: number
  /** The key of rank n is requested 1 / n ** exponent times as often as the first. */
  readonly exponent: number
  readonly requestCount: number
  readonly scans?: Scans
  readonly drift?: Drift
}

export function* zipfKeys(random: Random, options: ZipfKeys): Generator<string> {
  const { keyCount, exponent, requestCount, scans, drift } = options
  const nextRank = zipfRanks(random, keyCount, exponent)
  let driftedKeyCount = 0
  let scannedCount = 0
  for (let index = 0; index < requestCount; index++) {
    if (drift && index % drift.everyRequests === 0) driftedKeyCount += drift.keyCount
    if (scans && index % scans.everyRequests < scans.length) yield `scanned:${scannedCount++}`
    else yield `key:${(nextRank() + driftedKeyCount) % keyCount}`
  }
}

/** The same keys in the same order, again and again. */
export function* loopKeys(keyCount: number, requestCount: number): Generator<string> {
  for (let index = 0; index < requestCount; index++) yield `key:${index % keyCount}`
}

export interface HotAndSingleKeys {
  readonly hotKeyCount: number
  /** The share of requests for keys that are requested once. */
  readonly singleShare: number
  readonly requestCount: number
}

/** Equally popular keys, and among them others that are requested once. */
export function* hotAndSingleKeys(random: Random, options: HotAndSingleKeys): Generator<string> {
  for (let index = 0; index < options.requestCount; index++) {
    yield random.chance(options.singleShare) ? `single:${index}` : `key:${random.below(options.hotKeyCount)}`
  }
}

/** Draws ranks from 0, by looking up a random place among the summed popularities. */
function zipfRanks(random: Random, count: number, exponent: number): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1) ** exponent
    sums[rank] = sum
  }
  return () => {
    const place = (random.below(FINENESS) / FINENESS) * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle]! > place) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** How many places the random source distinguishes. */
const FINENESS = 2 ** 32
