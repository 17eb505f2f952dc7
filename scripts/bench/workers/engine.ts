import { Arena } from '../../../lib/arena/arena.js'
import { Context } from '../../../lib/commands/context/context.js'
import type { ServerControl } from '../../../lib/commands/context/server-control.js'
import { LocalEngine } from '../../../lib/commands/local-engine.js'
import { Counters } from '../../../lib/metrics/counters.js'
import { SingleStore } from '../../../lib/store/single-store.js'
import { Clock } from '../../../lib/store/time/clock.js'
import { COMMAND_OPTIONS } from '../../../spec/support/command-options.js'

const MEGABYTE = 1024 * 1024
const MEMORY_LENGTH = 64 * MEGABYTE
/** What a worker writes its keys and its value to. */
const KEYS_LENGTH = MEGABYTE

export function arenaFor(workerCount: number): Arena {
  return Arena.create(
    Clock.regionLength() +
      Counters.regionLength(workerCount) +
      SingleStore.regionLength(MEMORY_LENGTH, workerCount, MEMORY_LENGTH) +
      Context.regionLength(workerCount) +
      workerCount * KEYS_LENGTH,
    workerCount,
  )
}

/** A worker's engine, and where it may write its keys. The first caller initializes the arena. */
export function engineOver(arena: Arena): { arena: Arena; engine: LocalEngine; keys: number } {
  const clock = new Clock(arena)
  const counters = Counters.over(arena)
  const store = new SingleStore(arena, counters, clock, { memoryLength: MEMORY_LENGTH, mayEvict: true })
  const engine = new LocalEngine(new Context(arena, store, COMMAND_OPTIONS, undefined, {} as ServerControl))
  const { worker, workerCount } = arena.workerSlot
  const keys = arena.reserve(workerCount * KEYS_LENGTH) + worker * KEYS_LENGTH
  return { arena, engine, keys }
}
