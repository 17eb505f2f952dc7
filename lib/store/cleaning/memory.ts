import type { StoreParts } from '../parts.js'
import type { EvictionListener } from '../segments/eviction.js'
import type { Staging } from '../staging/staging.js'
import type { Cleaning } from './cleaning.js'
import type { PrefixSweep } from './prefix-sweep.js'
import type { Reaper } from './reaper.js'

export interface MemoryParts extends Pick<StoreParts, 'segments' | 'index'> {
  readonly cleaning: Cleaning
  readonly reaper: Reaper
  readonly sweep: PrefixSweep
  readonly staging: Staging
  readonly workerCount: number
}

/** The memory of a store: its limit, and what is removed to keep within it. */
export class Memory {
  private readonly parts: MemoryParts

  constructor(parts: MemoryParts) {
    this.parts = parts
  }

  /** Bytes for items and their index. */
  get length(): number {
    return this.parts.segments.limit
  }

  /** Sets another limit. False if there are no addresses for it, or too little memory would be left to work with. */
  limit(length: number): boolean {
    const { segments, index, cleaning, workerCount } = this.parts
    const count = Math.floor(length / segments.segmentLength)
    const countMin = segments.laneCount * workerCount + cleaning.reserve + 2 * index.segmentCount
    if (count > segments.count || (length < segments.limit && count < countMin)) return false
    segments.setLimit(length)
    return true
  }

  /**
   * Removes dead items, items above a lowered limit, and values that have stopped arriving. Visits at most
   * `itemCount` items. True if there is more to do at once.
   */
  reap(itemCount: number): boolean {
    const { cleaning, reaper, staging, sweep } = this.parts
    staging.dropOverdue()
    const isMoreDead = reaper.reap(itemCount)
    const isMoreFlushed = sweep.step(Math.ceil(itemCount / SWEEP_COST))
    return cleaning.shrink(Math.ceil(itemCount / SHRINK_COST)) || isMoreDead || isMoreFlushed
  }

  /** Removes all dead items, in the segments of all workers. No worker may be running. */
  reapAll(): void {
    this.parts.reaper.reapAll()
  }

  /** From now on the listener receives what is evicted or moved to make room. */
  onEviction(listener: EvictionListener): void {
    this.parts.cleaning.listener = listener
  }
}

/** Moving or evicting an item costs this many times as much as visiting one. */
const SHRINK_COST = 8
/** Finding an item by the index, and burying it, costs this many times as much. */
const SWEEP_COST = 8
