import { Arena } from '../../arena/arena.js'
import { hasBridges } from '../../arena/bridge.js'
import { Context } from '../../commands/context/context.js'
import { LocalEngine } from '../../commands/local-engine.js'
import { statisticsOf } from '../../commands/stats/statistics.js'
import { Feed } from '../../feed/feed.js'
import type { Gateway } from '../../gateway/gateway.js'
import { shadowStatistics } from '../../gateway/shadow/shadow-statistics.js'
import { ConnectionTable } from '../../metrics/connection-table.js'
import { Counters } from '../../metrics/counters.js'
import { Insight } from '../../metrics/insight.js'
import { commandLineMessageOf } from '../../options/start-error.js'
import { MEGABYTE, type ServerOptions } from '../../options/table/options.js'
import type { Engine } from '../../request/engine.js'
import type { Statistic } from '../../request/reply.js'
import type { Authenticator } from '../../request/session.js'
import { createStore, type StoreLengths, storeLengths } from '../../store/create-store.js'
import type { Store } from '../../store/store.js'
import { Clock } from '../../store/time/clock.js'
import { EvictionTeller } from '../../watch/eviction-teller.js'
import { Watchers } from '../../watch/watchers.js'
import { createAuthenticator } from '../auth/auth.js'
import { saslObstacle } from '../auth/sasl-obstacle.js'
import { TextLogins } from '../auth/text-logins.js'
import type { Turns } from '../connection/turns.js'
import { Worker } from '../connection/worker.js'
import type { ListenerFacts } from '../listening/listener-facts.js'
import { Certificates } from '../tls/certificates.js'
import { RingMemory } from '../wires/uring/ring-memory.js'
import { createServerControl } from './create-server-control.js'
import { Defects } from './defects.js'
import type { WorkerDataClass } from './load-worker-data.js'
import { Log } from './log.js'
import { memoryFor, noAddresses, onlyOneMemory, tooMuch } from './memory-for.js'
import type { WorkerData } from './worker-data.js'
import { gatewayRegionLength, reserveGatewayRegion } from './worker-gateway.js'

/** An arena for all that workers share, and for each worker's own parts. */
export function arenaFor(options: ServerOptions, workerCount: number, workerData?: WorkerDataClass): Arena {
  const { byteLength: storeLength, itemLengths } = storeLengths(
    storeMemory(options, workerCount, workerData),
    workerCount,
  )
  const byteLength = otherLength(options, workerCount, workerData) + storeLength
  if (byteLength > Arena.lengthMax) throw tooMuch(byteLength, options)
  if (itemLengths.length > 0 && !hasBridges()) throw onlyOneMemory(options)
  try {
    return Arena.create(byteLength, workerCount, itemLengths)
  } catch (error) {
    throw noAddresses([byteLength, ...itemLengths], error as Error)
  }
}

/** Bytes of all regions but the store's. */
function otherLength(options: ServerOptions, workerCount: number, workerData?: WorkerDataClass): number {
  const { connectionsMax, workerBufferLength, changes, admin } = options
  return (
    Log.regionLength() +
    Clock.regionLength() +
    Counters.regionLength(workerCount) +
    ConnectionTable.regionLength(connectionsMax, workerCount) +
    Worker.poolRegionLength(options, workerCount) +
    Watchers.regionLength(workerCount, workerBufferLength) +
    (changes === null ? 0 : Feed.regionLength(changes, workerCount)) +
    (admin === null ? 0 : Insight.regionLength(workerCount)) +
    Context.regionLength(workerCount) +
    (workerData?.regionLength(workerCount) ?? 0) +
    gatewayRegionLength(options, workerCount) +
    (options.ioUring !== false ? RingMemory.regionLength(workerCount) : 0) +
    Certificates.regionLength()
  )
}

/** In the arena the addresses for a higher limit are those that nothing else needs. All workers must find the same. */
function storeMemory(
  options: ServerOptions,
  workerCount: number,
  workerData: WorkerDataClass | undefined,
): StoreLengths {
  const memory = memoryFor(options)
  const { memoryLength, memoryLengthMax } = memory
  if (memory.memoryCount > 1) return memory
  const { byteLength } = storeLengths(memory, workerCount)
  const missing = otherLength(options, workerCount, workerData) + byteLength - Arena.lengthMax
  const possible = memoryLengthMax - MEGABYTE * Math.max(0, Math.ceil(missing / MEGABYTE))
  return { ...memory, memoryLengthMax: Math.max(memoryLength, possible) }
}

export interface WorkerNeeds {
  readonly arena: Arena
  readonly log: Log
  readonly options: ServerOptions
  readonly listening: readonly ListenerFacts[]
  /** Ends the server, soon. */
  readonly shutDown: () => void
  /** Asks the accepting thread to handle all connections made by now; undefined for that thread itself. */
  readonly askForCensus?: () => void
  /** Undefined if the items are in the arena. */
  readonly gateway?: Gateway | undefined
  /** Undefined without a data directory. */
  readonly workerData?: WorkerDataClass | undefined
  /** Only of a test server. */
  readonly replacements?: WorkerReplacements
}

/** What a test server puts in the place of a worker's own parts. */
export interface WorkerReplacements {
  createClock(arena: Arena): Clock
  /** Puts an engine before the worker's own. */
  wrapEngine(engine: Engine): Engine
  readonly turns: Turns
}

/** A worker with all its parts, and its part of the data directory. */
interface BuiltWorker {
  readonly worker: Worker
  readonly data: WorkerData | undefined
  /** Logs why no user can log in by `-S`, if that is so. */
  readonly checkLogins: () => void
  /** A group of statistics, as clients see it; undefined if there is none. */
  readonly statistics: (group: string) => readonly Statistic[] | undefined
  /** What requests are observed for; undefined without an admin listener. */
  readonly insight: Insight | undefined
  /** What its io_uring may use; undefined without one. */
  readonly ringMemory: RingMemory | undefined
}

/** Building the first worker over an arena initializes the arena: regions are allocated in this order. */
export function buildWorker(needs: WorkerNeeds): BuiltWorker {
  const { arena, log, options, replacements } = needs
  const clock = replacements?.createClock(arena) ?? new Clock(arena)
  const counters = Counters.over(arena)
  const table = new ConnectionTable(arena, options.connectionsMax)
  const pool = Worker.createPool(arena, options)
  const memory = storeMemory(options, arena.workerSlot.workerCount, needs.workerData)
  const store = createStore(arena, counters, clock, { ...memory, mayEvict: options.evictions })
  const watchers = new Watchers(arena, counters, options)
  const feed = createFeed(needs, store)
  const insight = options.admin === null ? undefined : new Insight(arena, clock, options.prefixDelimiter)
  store.memory.onEviction(new EvictionTeller(watchers.events, store))
  const certificates = options.sslEnabled ? new Certificates(arena, clock, options) : undefined
  const { report: reportDefect } = new Defects(counters, log)
  const serverControl = createServerControl({
    ...needs,
    askForCensus: needs.askForCensus,
    clock,
    table,
    pool,
    store,
    certificates,
    reportDefect,
    journal: () => data?.statistics(),
    gateway: () =>
      options.gatewayShadow === null ? needs.gateway?.statistics() : shadowStatistics(counters),
  })
  const authenticator = options.saslEnabled ? createAuthenticator(process.env) : undefined
  const logins = options.loginFile === null ? undefined : new TextLogins(options.loginFile)
  const context = new Context(
    arena,
    store,
    options,
    authenticator,
    serverControl,
    logins,
    watchers,
    feed,
    insight,
  )
  const data = needs.workerData && new needs.workerData({ arena, store, options })
  context.gate = data
  const local = new LocalEngine(context)
  const region = options.gateway === null ? 0 : reserveGatewayRegion(arena)
  const remote = needs.gateway?.createEngine({
    arena,
    region,
    context,
    local,
    report: (text) => log.say(0, text),
  })
  const engine = remote ?? local
  const ringMemory =
    options.ioUring === false
      ? undefined
      : new RingMemory(arena, { largePages: options.largePages, isAskedFor: options.ioUring === true })
  const worker = new Worker({
    arena,
    engine: replacements?.wrapEngine(engine) ?? engine,
    remote,
    counters,
    protocol: options.protocol,
    asksForLogin: logins !== undefined,
    pool,
    clock,
    table,
    store,
    watchers,
    feed,
    data,
    requestsPerTurn: options.requestsPerEvent,
    reload: () => reloadLogins(logins, needs),
    reportDefect,
    certificates,
    encryptedLengthMax: options.sslEnabled ? options.sslWriteBufferLength : 0,
    turns: replacements?.turns,
  })
  return {
    worker,
    data,
    insight,
    ringMemory,
    checkLogins: () => checkLogins(authenticator, log),
    statistics(group) {
      clock.refresh()
      return statisticsOf(context, group)
    },
  }
}

/** The feed of changes, if they are recorded. With several workers the thread that accepts connections only reads it. */
function createFeed({ arena, options, askForCensus }: WorkerNeeds, store: Store): Feed | undefined {
  const { changes } = options
  if (changes === null) return undefined
  const isOnlooker = arena.workerSlot.workerCount > 1 && askForCensus === undefined
  return new Feed({ arena, store, length: changes, isOnlooker })
}

function checkLogins(authenticator: Authenticator | undefined, log: Log): void {
  const obstacle = authenticator && saslObstacle(authenticator, process.env)
  if (obstacle !== undefined) log.say(0, `-S: no user can log in: ${obstacle}`)
}

function reloadLogins(logins: TextLogins | undefined, { arena, log }: WorkerNeeds): void {
  try {
    logins?.reload()
  } catch (error) {
    // All threads read the same file: one of them logs it.
    if (arena.workerSlot.worker === 0)
      log.say(0, `${commandLineMessageOf(error)}; the logins that were read before stay in force`)
  }
}
