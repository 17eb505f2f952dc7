import { Counter } from '../metrics/counters.js'
import { Life } from './expiry.js'
import { Flag, flagsOf } from './item.js'
import type { StoreParts } from './parts.js'

/** Removes an item whose time is over, from wherever it was met. Its stripe is locked for writing. */
export function removeDead(parts: StoreParts, slot: number, item: number, life: Life): void {
  const isFetched = (flagsOf(parts.words, item) & Flag.FETCHED) !== 0
  if (life === Life.EXPIRED && !isFetched) parts.counters.count(Counter.expired_unfetched)
  parts.index.removeAt(slot)
  parts.items.bury(item)
}
