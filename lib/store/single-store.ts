import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import { Memory } from './cleaning/memory.js'
import { PrefixSweep } from './cleaning/prefix-sweep.js'
import { Figures } from './figures.js'
import { KeysAhead } from './index/keys-ahead.js'
import { Visits } from './index/visits.js'
import { MemoryStore } from './memory-store.js'
import { memoryPartsLength, type StoreOptions, sharedPartsLength } from './parts.js'
import { Restoring } from './restoring.js'
import { Pins } from './segments/pins.js'
import type { Clock } from './time/clock.js'

/** A store whose items are in the arena itself. */
export class SingleStore extends MemoryStore {
  readonly restoring: Restoring
  readonly memory: Memory
  readonly pins: Pins
  readonly visits: Visits
  readonly figures: Figures
  readonly keysAhead: KeysAhead

  constructor(arena: Arena, counters: Counters, clock: Clock, options: StoreOptions) {
    super(arena, counters, clock, options)
    const sweep = new PrefixSweep(arena, [this.parts])
    this.restoring = new Restoring([this.parts], sweep)
    this.memory = new Memory([this.parts], sweep)
    this.pins = new Pins([this.parts])
    this.visits = new Visits([this.parts])
    this.figures = new Figures([this.parts])
    this.keysAhead = new KeysAhead(arena, [this.parts.index])
  }

  /** Bytes of an arena for a store with this much memory. */
  static regionLength(memoryLength: number, workerCount: number, memoryLengthMax: number): number {
    return (
      memoryPartsLength(memoryLength, workerCount, memoryLengthMax) +
      sharedPartsLength(workerCount) +
      PrefixSweep.regionLength()
    )
  }
}
