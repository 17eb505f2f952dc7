import type { Worker } from '../../lib/server/connection/worker.js'

/**
 * How many windows of a worker its connections hold. It has had `ownCount` itself: for reads, for replies, and a spare one, which
 * replies use when no other is left, and take again only when they need it.
 */
export function lentWindows({ pool, output }: Worker, ownCount: number): number {
  const missingCount = output['spare'] === undefined ? 1 : 0
  return pool.ownTakenCount - ownCount + missingCount
}
