import type { SpaceBounds } from '../../lib/journal/space/bounds.js'

const KILOBYTE = 1024

/** Bounds of room for memories of one to four megabytes, in proportion to those of servers. */
export const SMALL_BOUNDS: SpaceBounds = {
  directory: 512 * KILOBYTE,
  overshoot: 256 * KILOBYTE,
  grown: 256 * KILOBYTE,
  grownSmall: 64 * KILOBYTE,
  roomMin: 16 * KILOBYTE,
  margin: 128 * KILOBYTE,
  plenty: 4096 * KILOBYTE,
  spareMax: 256 * KILOBYTE,
  spareStep: 8 * KILOBYTE,
  paceMin: 256 * KILOBYTE,
  lead: 32 * KILOBYTE,
}
