import type { Arena } from '../../lib/arena/arena.js'
import { Context } from '../../lib/commands/context/context.js'
import type { ServerControl } from '../../lib/commands/context/server-control.js'
import { LocalEngine } from '../../lib/commands/local-engine.js'
import { Feed } from '../../lib/feed/feed.js'
import type { Journal } from '../../lib/journal/writing/journal.js'
import { Counter, type CounterName, Counters } from '../../lib/metrics/counters.js'
import { Reply } from '../../lib/request/reply.js'
import { Request } from '../../lib/request/request.js'
import { createStore } from '../../lib/store/create-store.js'
import { DividedStore } from '../../lib/store/divided-store.js'
import type { StoreOptions } from '../../lib/store/parts.js'
import { SingleStore } from '../../lib/store/single-store.js'
import type { Store } from '../../lib/store/store.js'
import { Clock } from '../../lib/store/time/clock.js'
import { COMMAND_OPTIONS } from '../support/command-options.js'
import { Wiring } from './connections/wiring.js'
import type { EventLoop } from './event-loop.js'
import type { Stretch } from './simulated-arenas.js'

/** A clock that shows the time of the simulated machine whenever it is read. */
class SimulatedClock extends Clock {
  override now: number
  private readonly loop: EventLoop

  constructor(arena: Arena, loop: EventLoop) {
    super(arena)
    this.loop = loop
    this.now = loop.seconds
  }

  override refresh(): void {
    this.now = this.loop.seconds
  }
}

export interface WorkerOptions extends StoreOptions {
  readonly itemSizeMax: number
  /** For its connections; 0 where it has none. */
  readonly windowCount: number
  /** Bytes of the ring of its changes; 0 if they are not recorded. */
  readonly ringLength: number
}

/** A defect that lib has noticed itself is a finding. */
const SERVER_CONTROL = {
  reportDefect(error: unknown) {
    throw error
  },
} as unknown as ServerControl

/** A worker without connections and wires, over its view of the arena. */
export class SimulatedWorker {
  readonly arena: Arena
  readonly clock: SimulatedClock
  readonly counters: Counters
  readonly store: Store
  readonly context: Context
  readonly engine: LocalEngine
  readonly request = new Request()
  readonly reply = new Reply()
  /** Undefined where it has no connections. */
  readonly wiring: Wiring | undefined
  /** Undefined where changes are not recorded. */
  readonly feed: Feed | undefined
  /** Where keys and values of requests lie. */
  readonly scratch: number
  /** Changes are recorded as soon as it is set. */
  journal: Journal | undefined = undefined

  constructor(arena: Arena, loop: EventLoop, options: WorkerOptions) {
    this.arena = arena
    this.clock = new SimulatedClock(arena, loop)
    this.counters = Counters.over(arena)
    this.store = createStore(arena, this.counters, this.clock, options)
    const commandOptions = { ...COMMAND_OPTIONS, itemSizeMax: options.itemSizeMax }
    this.context = new Context(arena, this.store, commandOptions, undefined, SERVER_CONTROL)
    this.engine = new LocalEngine(this.context)
    if (options.windowCount > 0) this.wiring = new Wiring(arena, this.counters, options.windowCount)
    const { worker, workerCount } = arena.workerSlot
    if (options.ringLength > 0)
      this.feed = new Feed({
        ...{ arena, store: this.store, isOnlooker: false },
        length: workerCount * options.ringLength,
      })
    this.scratch = arena.reserve(workerCount * SCRATCH_LENGTH) + worker * SCRATCH_LENGTH
  }

  static regionLength(memoryLengthMax: number, workerCount: number): number {
    return (
      Clock.regionLength() +
      Counters.regionLength(workerCount) +
      Math.max(
        SingleStore.regionLength(memoryLengthMax, workerCount, memoryLengthMax),
        DividedStore.regionLength(workerCount),
      ) +
      Context.regionLength(workerCount) +
      Wiring.regionLength(workerCount) +
      Feed.regionLength(workerCount * RING_LENGTH_MAX, workerCount) +
      workerCount * SCRATCH_LENGTH +
      4096
    )
  }

  /** Where the segments of the store lie in the arena; undefined if it is divided. */
  get segmentsStretch(): Stretch | undefined {
    if (!(this.store instanceof SingleStore)) return undefined
    const { segments } = this.store
    const start = segments.firstWordOf(0) * 4
    return { start, end: start + segments.count * segments.segmentLength }
  }

  /** Changes go to this journal from now on. */
  keep(journal: Journal): void {
    this.journal = journal
    this.store.onChange(journal)
    this.context.gate = journal
    this.feed?.listen(journal)
  }

  count(name: CounterName): number {
    return this.counters.read(Counter[name])
  }
}

const RING_LENGTH_MAX = 64 * 1024

/** The keys and values of all requests of all workers are put here in turn. */
const SCRATCH_LENGTH = 4096 + 2 * 1024 * 1024
