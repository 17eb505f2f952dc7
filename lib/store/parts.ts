import type { Counters } from '../metrics/counters.js'
import type { ChangeListener } from './changes.js'
import type { Expiry } from './expiry.js'
import type { Index } from './index/index.js'
import type { Items } from './items.js'
import type { RwLock } from './lock/rw-lock.js'
import type { Segments } from './segments/segments.js'
import type { Clock } from './time/clock.js'

/** The parts of one store that use each other. */
export interface StoreParts {
  readonly words: Int32Array
  readonly segments: Segments
  readonly index: Index
  readonly items: Items
  readonly expiry: Expiry
  readonly clock: Clock
  readonly lock: RwLock
  readonly counters: Counters
  /** Receives every change; undefined if nobody listens. */
  changes: ChangeListener | undefined
}
