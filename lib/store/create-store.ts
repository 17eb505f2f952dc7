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
