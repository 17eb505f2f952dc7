import type { Arena } from '../../arena/arena.js'
import type { FocusOn } from '../index/visits.js'
import { FocusedEvictions } from '../listeners/focused-listeners.js'
import type { StoreParts } from '../parts.js'
import type { EvictionListener } from '../segments/eviction.js'
import type { Staging } from '../staging/staging.js'
import type { Cleaning } from './cleaning.js'
import type { PrefixSweep } from './prefix-sweep.js'
import type { Reaper } from './reaper.js'

/** A memory for items, with what is removed to keep within its limit. */
export interface LimitedMemory extends Pick<StoreParts, 'segments' | 'index'> {
  readonly arena: Pick<Arena, 'workerSlot'>
  readonly cleaning: Cleaning
  readonly reaper: Reaper
  readonly staging: Staging
}

/** The memory of a store: its limit, and what is removed to keep within it. Several memories have equal shares of the limit. */
export class Memory {
  private readonly memories: readonly LimitedMemory[]
  private readonly sweep: PrefixSweep

  private readonly focusOn: FocusOn | undefined

  /** Several memories need `focusOn`. */
  constructor(memories: readonly LimitedMemory[], sweep: PrefixSweep, focusOn?: FocusOn) {
    this.memories = memories
    this.focusOn = focusOn
    this.sweep = sweep
  }

  /** Bytes for items and their index. */
  get length(): number {
    return this.memories.reduce((sum, { segments }) => sum + segments.limit, 0)
  }

  /** Sets another limit. False if there are no addresses for it, or too little memory would be left to work with. */
  limit(length: number): boolean {
    const shares = sharesOf(length, this.memories.length)
    if (!this.memories.every((memory, index) => mayLimit(memory, shares[index]!))) return false
    for (const [index, { segments }] of this.memories.entries()) segments.setLimit(shares[index]!)
    return true
  }

  /**
   * Removes dead items, items above a lowered limit, and values that have stopped arriving. Visits at most
   * `itemCount` items. True if there is more to do at once.
   */
  reap(itemCount: number): boolean {
    const share = Math.ceil(itemCount / this.memories.length)
    let isMoreToDo = this.sweep.step(Math.ceil(itemCount / SWEEP_COST))
    for (const memory of this.memories) if (reapIn(memory, share)) isMoreToDo = true
    return isMoreToDo
  }

  /** Removes all dead items, in the segments of all workers. No worker may be running. */
  reapAll(): void {
    for (const { reaper } of this.memories) reaper.reapAll()
  }

  /** From now on the listener receives what is evicted or moved to make room. */
  onEviction(listener: EvictionListener): void {
    const { focusOn } = this
    for (const [memory, { cleaning }] of this.memories.entries())
      cleaning.listener = focusOn === undefined ? listener : new FocusedEvictions(listener, memory, focusOn)
  }
}

/** A length in equal shares, to the byte: the first may have one byte more. */
export const sharesOf = (length: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(length / count) + (index < length % count ? 1 : 0))

function mayLimit({ arena, segments, index, cleaning }: LimitedMemory, length: number): boolean {
  const count = Math.floor(length / segments.segmentLength)
  const countMin =
    segments.laneCount * arena.workerSlot.workerCount + cleaning.reserve + 2 * index.segmentCount
  return count <= segments.count && (length >= segments.limit || count >= countMin)
}

function reapIn({ cleaning, reaper, staging }: LimitedMemory, itemCount: number): boolean {
  staging.dropOverdue()
  const isMoreDead = reaper.reap(itemCount)
  return cleaning.shrink(Math.ceil(itemCount / SHRINK_COST)) || isMoreDead
}

/** Moving or evicting an item costs this many times as much as visiting one. */
const SHRINK_COST = 8
/** Finding an item by the index, and burying it, costs this many times as much. */
const SWEEP_COST = 16
