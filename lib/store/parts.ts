import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import { Expiry } from './expiry/expiry.js'
import { Index } from './index/index.js'
import type { ItemDraft } from './item/draft.js'
import { Items } from './items.js'
import type { ChangeListener } from './listeners/change-listener.js'
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

/** Bytes of a memory for the parts of its own. */
export function memoryPartsLength(
  memoryLength: number,
  workerCount: number,
  memoryLengthMax: number,
): number {
  return (
    Segments.regionLength(memoryLength, workerCount, memoryLengthMax) +
    Index.regionLength(Segments.countFor(memoryLength, memoryLengthMax), workerCount) +
    RwLock.regionLength(workerCount)
  )
}

/** The bytes of those that all item memories share. */
export const sharedPartsLength = (workerCount: number): number =>
  Versions.regionLength(workerCount) + Expiry.regionLength()

/** What one of several item memories shares with the others. */
export interface SharedParts {
  readonly arena: Arena
  readonly draft: ItemDraft
  /** Those of the first memory, for all others. */
  readonly seen: StoreParts | undefined
}

/** Every worker reserves the same places of the arena in the same order. */
export function buildParts(
  arena: Arena,
  counters: Counters,
  clock: Clock,
  { memoryLength, memoryLengthMax = memoryLength }: StoreOptions,
  shared: SharedParts,
): StoreParts {
  const { words } = arena
  const segments = new Segments(arena, memoryLength, memoryLengthMax)
  const index = new Index(arena, segments)
  const lock = new RwLock(arena)
  const items = new Items(arena, segments, clock)
  const { seen } = shared
  const versions = new Versions(shared.arena, lock, seen?.versions)
  const expiry = new Expiry({
    arena: shared.arena,
    itemArena: arena,
    pool: segments.pool,
    clock,
    versions,
    seen: seen?.expiry,
  })
  return { words, segments, index, items, versions, expiry, clock, lock, counters, changes: undefined }
}
