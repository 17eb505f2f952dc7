import type { Segments } from './segments.js'

/** Bytes of all items that are in memory; dead ones count until they are found. */
export function liveLengthOf(segments: Segments): number {
  let sum = 0
  for (let segment = 0; segment < segments.count; segment++) {
    if (segments.holdsItems(segment)) sum += segments.live(segment)
  }
  return sum
}

/** When the oldest segment that holds items was opened, or `now`, in absolute seconds. */
export function oldestTimeOf(segments: Segments, now: number): number {
  let oldest = now
  for (let segment = 0; segment < segments.count; segment++) {
    if (!segments.holdsItems(segment) || segments.live(segment) === 0) continue
    oldest = Math.min(oldest, segments.born(segment))
  }
  return oldest
}
