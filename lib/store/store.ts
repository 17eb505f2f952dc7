import type { SingleStore } from './single-store.js'

/**
 * The interface of the store. To read: `find`, look at the item, `release`. To write takes five steps:
 *
 *     draft      describe the new item
 *     makeRoom   before anything is locked, because making room may move or evict any other item
 *     lock       returns the item under the key, and keeps other workers away from it
 *     create …   write the new item and publish it; or overwrite, touch or remove the existing one
 *     release    after the reply has been written: until then the item does not move
 *
 * A long value is written first, as a staged one, and published under the lock. Times are absolute seconds; 0: never.
 */
export type Store = Omit<SingleStore, keyof OneMemory>

/** What only a store with one memory has. */
type OneMemory = Pick<
  SingleStore,
  'arena' | 'parts' | 'segments' | 'index' | 'holdAll' | 'releaseAll' | 'expectNothingHeld'
>
