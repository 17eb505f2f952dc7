import { Queue, queueOf } from './lanes.js'
import { NONE, type Segments, State } from './segments.js'

/**
 * What is evicted when memory is full: S3-FIFO, over segments instead of items.
 *
 *                 read since it was written
 *     new ──▶ small queue ───────────────────────▶ main queue ──┐ read since it was written there: moves to the end
 *                 │                                  ▲   │  ▲───┘
 *                 │ else                     as new, │   │ else
 *                 ▼                       while its  │   ▼
 *               evicted ──▶ ghost ───────────────────┘ evicted
 *
 * Most items are requested once and never again. They pass through the small queue, a tenth of the memory, and leave
 * the main queue to the others. A ghost is a mark that an item was evicted from the small queue a short while ago.
 */
export const Purpose = {
  /** Dead bytes are freed: all live items move. */
  CLEAN: 0,
  /** Memory is full. */
  EVICT: 1,
} as const
export type Purpose = (typeof Purpose)[keyof typeof Purpose]

/** Receives what is done to make room. */
export interface EvictionListener {
  /** An item is about to be evicted; it is still complete. */
  evicted(item: number): void
  /** A segment is about to be cleared, which has so many bytes of live items. */
  clears(segment: number, isEvicting: boolean, liveLength: number): void
}

export interface Victim {
  readonly segment: number
  readonly purpose: Purpose
}

/**
 * A segment is worth cleaning if at least this part of it is dead; below, cleaning would move too much for too
 * little. If nothing may be evicted, the alternative is to refuse a value, so more work is accepted.
 */
const WORTH_CLEANING = 1 / 16
const WORTH_CLEANING_ELSE_REFUSED = 1 / 64

/** The part of all segments that the small queue may fill while other items need room. */
const SMALL_SHARE = 1 / 10

/**
 * The segment that is cleared next: the one with the most dead bytes if that is worth it, otherwise the oldest of the small
 * queue if that is too long, otherwise the oldest of the main queue. NONE if nothing can be cleared. Segments with bytes
 * that are being sent or received are left out.
 */
export function chooseVictim(segments: Segments, mayEvict: boolean, now: number): Victim {
  let deadest = NONE
  let mostDead = segments.segmentLength * (mayEvict ? WORTH_CLEANING : WORTH_CLEANING_ELSE_REFUSED)
  const oldest: [number, number] = [NONE, NONE]
  let smallCount = 0
  for (let segment = 0; segment < segments.count; segment++) {
    if (segments.state(segment) !== State.SEALED) continue
    const queue = queueOf(segments.lane(segment))
    if (queue === Queue.SMALL) smallCount++
    if (segments.pins(segment) > 0) continue
    // Items that were flushed or have expired are dead, though they have not been counted.
    const isOver = segments.isFlushed(segment) || segments.latest(segment) <= now
    const dead = segments.segmentLength - (isOver ? 0 : segments.live(segment))
    if (dead >= mostDead) {
      mostDead = dead
      deadest = segment
    }
    const known = oldest[queue]
    if (known === NONE || segments.sequence(segment) < segments.sequence(known)) oldest[queue] = segment
  }
  if (deadest !== NONE) return { segment: deadest, purpose: Purpose.CLEAN }
  if (!mayEvict) return { segment: NONE, purpose: Purpose.EVICT }
  const isSmallTooLong = smallCount > segments.poolCount * SMALL_SHARE
  const [first, second] = isSmallTooLong ? oldest : [oldest[Queue.MAIN], oldest[Queue.SMALL]]
  return { segment: first === NONE ? second : first, purpose: Purpose.EVICT }
}
