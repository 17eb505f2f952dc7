import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import type { ChangeListener } from './changes.js'
import { Expiry } from './expiry/expiry.js'
import { Index } from './index/index.js'
import { Items } from './items.js'
import { RwLock } from './lock/rw-lock.js'
import { Segments } from './segments/segments.js'
import type { Clock } from './time/clock.js'
import { Versions } from './version.js'

export interface StoreOptions {
  /** Bytes for items and their index. */
  readonly memoryLength: number
  /** The highest limit that may be set while the store is in use. */
  readonly memoryLengthMax?: number
  /** False: refuse items that do not fit, instead of evicting others. */
  readonly mayEvict: boolean
}

/** The parts of one store that use each other. */
export interface StoreParts {
  readonly words: Int32Array
  readonly segments: Segments
  readonly index: Index
  readonly items: Items
  readonly versions: Versions
  readonly expiry: Expiry
  readonly clock: Clock
  readonly lock: RwLock
  readonly counters: Counters
  /** Receives every change; undefined if nobody listens. */
  changes: ChangeListener | undefined
}

/** Every worker reserves the same places of the arena in the same order. */
export function buildParts(
  arena: Arena,
  counters: Counters,
  clock: Clock,
  { memoryLength, memoryLengthMax = memoryLength }: StoreOptions,
): StoreParts {
  const { words } = arena
  const segments = new Segments(arena, memoryLength, memoryLengthMax)
  const index = new Index(arena, segments)
  const lock = new RwLock(arena)
  const items = new Items(arena, segments, clock)
  const versions = new Versions(arena, lock)
  const expiry = new Expiry(arena, segments, clock, versions)
  return { words, segments, index, items, versions, expiry, clock, lock, counters, changes: undefined }
}
