/**
 * Items that are written together because they probably expire together: a lane is a group of similar times to live, in one
 * of two queues.
 *
 *     lane     0        1       2        3       4        5
 *              ┌────────┬───────┬────────┬───────┬────────┬─ ─ ─
 *     queue    │ small  │ main  │ small  │ main  │ small  │
 *     group    │ no expiry      │ up to a minute │ up to four
 *              └────────┴───────┴────────┴───────┴────────┴─ ─ ─
 */

/** New items, and those that were read again. */
export const Queue = { SMALL: 0, MAIN: 1 } as const
export type Queue = (typeof Queue)[keyof typeof Queue]
export const QUEUE_COUNT = 2

/** Up to a minute, 4 minutes, 17, an hour, 4 hours, 18, 3 days, 12, and beyond; and one without expiry. */
export const GROUP_COUNT_MAX = 10
/** The first group with an expiry: below 64 seconds. */
const SHORTEST_GROUP_BITS = 6

/** The lane for items with this time to live, 0: no expiry. Each next group has times to live up to four times as long. */
export function laneFor(secondsToLive: number, queue: Queue, groupCount: number): number {
  let group = 0
  if (secondsToLive > 0) {
    const steps = Math.max(0, (33 - Math.clz32(secondsToLive) - SHORTEST_GROUP_BITS) >> 1)
    group = Math.min(1 + steps, groupCount - 1)
  }
  return group * QUEUE_COUNT + queue
}

export const queueOf = (lane: number): Queue => (lane % QUEUE_COUNT) as Queue
export const laneInQueue = (lane: number, queue: Queue): number => lane - (lane % QUEUE_COUNT) + queue
