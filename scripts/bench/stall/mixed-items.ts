import type { Random } from '../../../spec/support/random.js'
import type { ItemAt } from '../support/filler.js'

export const MEMORY_MEGABYTES = 1024

/** About half as many again as fit. */
const KEY_COUNT = 1_500_000
const LENGTH_MIN = 50
const LENGTH_MAX = 5_000
/** One value in so many is long: it lies in pieces, and is the most work to move. */
const LONG_EVERY = 1_000
const LONG_LENGTH = 100_000

/** Items for random keys, most of them short: as many between 50 and 100 bytes as between 500 and 1,000. */
export function mixedItems(random: Random): ItemAt {
  return () => ({ key: `key:${random.below(KEY_COUNT)}`, valueLength: mixedLength(random) })
}

function mixedLength(random: Random): number {
  if (random.below(LONG_EVERY) === 0) return LONG_LENGTH
  return Math.round(LENGTH_MIN * (LENGTH_MAX / LENGTH_MIN) ** (random.below(1_000_000) / 1_000_000))
}
