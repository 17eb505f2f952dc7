import { DividedStore } from '../../lib/store/divided-store.js'
import type { MemoryStore } from '../../lib/store/memory-store.js'
import { SingleStore } from '../../lib/store/single-store.js'
import type { Store } from '../../lib/store/store.js'

/** The memories of a store: one, or several. */
export function memoriesOf(store: Store): readonly MemoryStore[] {
  return store instanceof DividedStore ? store.stores : [oneMemory(store)]
}

/** The store, if its items are in one memory. */
export function oneMemory(store: Store): SingleStore {
  if (store instanceof SingleStore) return store
  throw new TypeError('the store has several memories')
}

/** The memory of the item that the store has found, locked or visited last. */
export const memoryInFocus = (store: Store): MemoryStore =>
  memoriesOf(store).find(({ words }) => words === store.words)!
