/**
 * What the run of a seed is aimed at: a state and a moment that independent draws rarely bring together. Each aim was
 * made for a defect that was found in no other run.
 */
export type Aim = (typeof AIMS)[number]

const AIMS = [
  // The server is killed right after an operation of the disk of a certain kind, and the next one loses power there.
  'crashes',
  // Segments are pinned while they are cleaned, and long items find only a part of the room that they need.
  'pinned',
  // Workers need their first segment of the index when memory is full.
  'late workers',
  // Live data grows while a snapshot begins.
  'surge',
  // Other programs leave just the space that the next snapshot needs.
  'pinch',
] as const

/** None of these seeds has threads, connections, a feed, a lost directory or a clock that is set back. */
const AIMED_EVERY = 10
const AIMED_AT = 9

/** Undefined for a run that is not aimed. */
export const aimOf = (seed: number): Aim | undefined =>
  seed % AIMED_EVERY === AIMED_AT ? AIMS[Math.floor(seed / AIMED_EVERY) % AIMS.length] : undefined
