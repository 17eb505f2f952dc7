import { Arena } from '../../lib/arena/arena.js'
import { WindowPool } from '../../lib/arena/window.js'
import { Context } from '../../lib/commands/context/context.js'
import { LocalEngine } from '../../lib/commands/local-engine.js'
import { Feed } from '../../lib/feed/feed.js'
import { ConnectionTable } from '../../lib/metrics/connection-table.js'
import { Counters } from '../../lib/metrics/counters.js'
import { Insight } from '../../lib/metrics/insight.js'
import { WINDOW_LENGTH } from '../../lib/request/limits.js'
import type { RemoteEngine } from '../../lib/request/remote-engine.js'
import type { Authenticator, ProtocolChoice } from '../../lib/request/session.js'
import type { KeptData } from '../../lib/server/connection/output/group-commit.js'
import { Worker } from '../../lib/server/connection/worker.js'
import { SingleStore } from '../../lib/store/single-store.js'
import { Clock } from '../../lib/store/time/clock.js'
import { Watchers } from '../../lib/watch/watchers.js'
import { COMMAND_OPTIONS } from './command-options.js'
import { HandClock } from './engine-driver.js'
import { SERVER_CONTROL } from './server-control.js'

export interface WorkerKitOptions {
  readonly memoryLength: number
  readonly mayEvict?: boolean
  readonly mayFlush?: boolean
  readonly windowCount?: number
  /** 0 for all that one read brought. */
  readonly requestsPerTurn?: number
  readonly protocol?: ProtocolChoice
  readonly authenticator?: Authenticator | undefined
  /** The length of the history of changes, which are recorded then. */
  readonly changes?: number
  /** Latency and hot keys are observed. */
  readonly isObserved?: boolean
  /** Bytes of the arena that are left for other regions. */
  readonly spareLength?: number
  /** Items live on another machine. */
  readonly remote?: (context: Context) => RemoteEngine
}

/** A server's worker with all its parts, without sockets. */
export interface WorkerKit {
  readonly worker: Worker
  readonly store: SingleStore
  readonly clock: HandClock
  readonly context: Context
  /** Nothing is kept without a journal. */
  readonly data: KeptData
}

export function createWorkerKit(options: WorkerKitOptions): WorkerKit {
  const {
    memoryLength,
    mayEvict = true,
    mayFlush = true,
    windowCount = 1024,
    requestsPerTurn = 0,
    protocol = 'binary',
    changes,
    isObserved = false,
    spareLength = 0,
  } = options
  const arena = Arena.create(
    SingleStore.regionLength(memoryLength, 1, memoryLength) +
      WindowPool.regionLength(WINDOW_LENGTH, windowCount, 1) +
      Counters.regionLength() +
      Clock.regionLength() +
      ConnectionTable.regionLength(CONNECTION_COUNT_MAX, 1) +
      Watchers.regionLength(1, WATCH_LENGTHS.workerBufferLength) +
      Context.regionLength(1) +
      (changes === undefined ? 0 : Feed.regionLength(changes, 1)) +
      (isObserved ? Insight.regionLength(1) : 0) +
      spareLength,
  )
  // Every arena has another hash key; here the same run must repeat exactly.
  arena.bytes.fill(0, 0, HASH_KEY_LENGTH)
  const clock = new HandClock(arena)
  const counters = Counters.over(arena)
  const table = new ConnectionTable(arena, CONNECTION_COUNT_MAX)
  const pool = new WindowPool(arena, WINDOW_LENGTH, windowCount)
  const store = new SingleStore(arena, counters, clock, { memoryLength, mayEvict })
  const watchers = new Watchers(arena, counters, WATCH_LENGTHS)
  const feed =
    changes === undefined ? undefined : new Feed({ arena, store, length: changes, isOnlooker: false })
  feed?.listen(undefined)
  const insight = isObserved ? new Insight(arena, clock, COMMAND_OPTIONS.prefixDelimiter, 1) : undefined
  const commandOptions = { ...COMMAND_OPTIONS, flushEnabled: mayFlush, watchEnabled: true }
  const context = new Context(
    arena,
    store,
    commandOptions,
    options.authenticator,
    { ...SERVER_CONTROL },
    undefined,
    watchers,
    feed,
    insight,
  )
  const data: KeptData = { journal: undefined }
  const remote = options.remote?.(context)
  const worker = new Worker({
    arena,
    engine: remote ?? new LocalEngine(context),
    remote,
    counters,
    protocol,
    pool,
    clock,
    table,
    store,
    watchers,
    feed,
    data,
    requestsPerTurn,
    reload: () => undefined,
    reportDefect: context.serverControl.reportDefect,
  })
  return { worker, store, clock, context, data }
}

const HASH_KEY_LENGTH = 16
const WATCH_LENGTHS = { watcherBufferLength: 8192, workerBufferLength: 65536 }
const CONNECTION_COUNT_MAX = 1024
