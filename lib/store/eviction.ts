import { NONE, type Segments, State } from './segments.js'

/** What is done with a segment's live items when it is cleared. */
export const Purpose = {
  /** Dead bytes are wanted: all live items move. */
  CLEAN: 0,
  /** Memory is full: items that were read move, the others go, and at most half of the segment stays. */
  EVICT: 1,
} as const
export type Purpose = (typeof Purpose)[keyof typeof Purpose]

/** A segment is worth cleaning when at least this part of it is dead; below, cleaning would move too much for too little. */
const WORTH_CLEANING = 1 / 16

/**
 * Who goes when memory is full: the segment with the most dead bytes while that is worth it, else the oldest one.
 * Answers NONE when nothing can be cleared. Segments of which bytes are being sent or received stay out of it.
 */
export function chooseVictim(segments: Segments, mayEvict: boolean): { segment: number; purpose: Purpose } {
  let deadest = NONE
  let mostDead = segments.segmentLength * WORTH_CLEANING
  let oldest = NONE
  for (let segment = 0; segment < segments.count; segment++) {
    if (segments.state(segment) !== State.SEALED || segments.pins(segment) > 0) continue
    const dead = segments.segmentLength - segments.live(segment)
    if (dead >= mostDead) {
      mostDead = dead
      deadest = segment
    }
    if (oldest === NONE || segments.sequence(segment) < segments.sequence(oldest)) oldest = segment
  }
  if (deadest !== NONE) return { segment: deadest, purpose: Purpose.CLEAN }
  return { segment: mayEvict ? oldest : NONE, purpose: Purpose.EVICT }
}
