import type { SpaceBounds } from '../../lib/journal/space/bounds.js'

const KILOBYTE = 1024

/** Bounds of room for memories of one to four megabytes, as the usual ones are for those of servers. */
export const SMALL_BOUNDS: SpaceBounds = {
  directory: 2048 * KILOBYTE,
  overshoot: 1024 * KILOBYTE,
  grown: 512 * KILOBYTE,
  grownSmall: 64 * KILOBYTE,
  roomMin: 16 * KILOBYTE,
  margin: 128 * KILOBYTE,
  plenty: 4096 * KILOBYTE,
  spareMax: 512 * KILOBYTE,
  spareStep: 8 * KILOBYTE,
  paceMin: 256 * KILOBYTE,
  lead: 32 * KILOBYTE,
}
