import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import { Cleaning } from './cleaning/cleaning.js'
import { Reaper } from './cleaning/reaper.js'
import { buildParts, type SharedParts, type StoreOptions, type StoreParts } from './parts.js'
import { Staging } from './staging/staging.js'
import type { Clock } from './time/clock.js'

/** The parts of one memory, and what works on them. */
export interface WorkingParts extends StoreParts {
  readonly arena: Arena
  readonly cleaning: Cleaning
  readonly reaper: Reaper
  readonly staging: Staging
}

export function buildWorkingParts(
  arena: Arena,
  counters: Counters,
  clock: Clock,
  options: StoreOptions,
  shared: SharedParts,
): WorkingParts {
  const { workerSlot } = arena
  const parts = buildParts(arena, counters, clock, options, shared)
  const cleaning = new Cleaning(parts, options.mayEvict, workerSlot.workerCount)
  const staging = new Staging(arena, clock, parts.segments, parts.items, cleaning.roomForNew)
  // The same object: its listener is set later, and all parts have to see that.
  return Object.assign(parts, { arena, cleaning, reaper: new Reaper(parts, workerSlot), staging })
}
