import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import { DividedStore } from './divided-store.js'
import type { StoreOptions } from './parts.js'
import { SingleStore } from './single-store.js'
import type { Store } from './store.js'
import type { Clock } from './time/clock.js'

/** The store over an arena: divided if the arena has item memories. */
export const createStore = (arena: Arena, counters: Counters, clock: Clock, options: StoreOptions): Store =>
  arena.itemMemories.length === 0
    ? new SingleStore(arena, counters, clock, options)
    : new DividedStore(arena, counters, clock, options)

/** Bytes of an arena, and of each of its item memories, for a store with this much memory. */
export function storeLengths(
  { memoryCount, memoryLength, memoryLengthMax }: StoreLengths,
  workerCount: number,
): { readonly byteLength: number; readonly itemLengths: readonly number[] } {
  if (memoryCount === 1) {
    const byteLength = SingleStore.regionLength(memoryLength, workerCount, memoryLengthMax)
    return { byteLength, itemLengths: [] }
  }
  const itemLength = DividedStore.itemRegionLength(memoryCount, memoryLength, workerCount, memoryLengthMax)
  return {
    byteLength: DividedStore.regionLength(workerCount),
    itemLengths: new Array<number>(memoryCount).fill(itemLength),
  }
}

export interface StoreLengths {
  /** How many memories hold the items. */
  readonly memoryCount: number
  readonly memoryLength: number
  readonly memoryLengthMax: number
}
