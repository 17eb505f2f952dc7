import type { Fsync } from '../../lib/journal/writer.js'
import type { Random } from '../support/random.js'

const MEGABYTE = 1024 * 1024

/** What a run is like as a whole: drawn once for each seed. */
export interface Plan {
  readonly fsync: Fsync
  readonly mayEvict: boolean
  readonly workerCounts: readonly number[]
  readonly memoryLengths: readonly number[]
  readonly itemSizesMax: readonly number[]
  readonly keyCount: number
  /** How many of the keys get most of the requests. */
  readonly hotCount: number
  /** The share of values that are near a length at which something changes. */
  readonly thresholdShare: number
  readonly longestValue: number
  /** The share of items that expire. */
  readonly expiringShare: number
  /** Seconds that time jumps at the most, as a rule. */
  readonly jumpSecondsMax: number
  /** Requests between two events of the machine, as a rule. */
  readonly calm: number
  readonly faultShare: number
  readonly slowShare: number
  /** How many requests a server lives, as a rule. */
  readonly lifeLength: number
}

export function planFor(random: Random): Plan {
  const isChanging = random.chance(0.4)
  const memoryLengths = isChanging ? [1, 2, 4] : [random.pick([1, 2, 4])]
  return {
    fsync: random.pick(['always', 'everysec', 'everysec', 'no'] as const),
    mayEvict: random.chance(0.85),
    workerCounts: random.pick([[1], [1], [2], [4], [1, 2, 3]]),
    memoryLengths: memoryLengths.map((megabytes) => megabytes * MEGABYTE),
    itemSizesMax: random.chance(0.3) ? [20_000, 70_000, MEGABYTE] : [MEGABYTE / 2],
    keyCount: random.pick([20, 100, 500, 2000]),
    hotCount: random.pick([1, 4, 16]),
    thresholdShare: random.pick([0.02, 0.1, 0.3]),
    longestValue: random.pick([100, 1000, 30_000, 200_000, 600_000]),
    expiringShare: random.pick([0, 0.2, 0.6]),
    jumpSecondsMax: random.pick([1, 5, 100, 5000]),
    calm: random.pick([2, 5, 20]),
    faultShare: random.pick([0, 0, 0, 0.001, 0.02]),
    slowShare: random.pick([0, 0.1, 0.5]),
    lifeLength: random.pick([100, 500, 2000, 4000]),
  }
}
