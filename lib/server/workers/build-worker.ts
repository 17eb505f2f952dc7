import os from 'node:os'
import { Arena } from '../../arena/arena.js'
import { Context } from '../../commands/context.js'
import { LocalEngine } from '../../commands/local-engine.js'
import type { ServerControl } from '../../commands/server-control.js'
import { ConnectionTable } from '../../metrics/connection-table.js'
import { Counters } from '../../metrics/counters.js'
import { settingsStatistics } from '../../options/settings.js'
import { MEGABYTE, MEMORY_MEGABYTES_MAX, type ServerOptions } from '../../options/table/options.js'
import { Clock } from '../../store/clock.js'
import { Store } from '../../store/store.js'
import { EvictionTeller } from '../../watch/eviction-teller.js'
import { Watchers } from '../../watch/watchers.js'
import { createAuthenticator } from '../auth/auth.js'
import { saslObstacle } from '../auth/sasl-obstacle.js'
import { TextLogins } from '../auth/text-logins.js'
import { Worker } from '../connection/worker.js'
import { type ListenerFacts, listenerStatistics, tcpPortOf, udpPortOf } from '../listening/listener-facts.js'
import { Certificates } from '../tls/certificates.js'
import { Defects } from './defects.js'
import { Log } from './log.js'
import { WorkerData } from './worker-data.js'

/** The version of memcached whose protocols we speak. */
const MEMCACHED_VERSION = '1.6.45'

/** An arena for all that workers have in common, and for what each has for itself. */
export function arenaFor(options: ServerOptions, workerCount: number): Arena {
  const { connectionsMax, workerBufferLength } = options
  const { memoryLength, memoryLengthMax } = memoryFor(options)
  return Arena.create(
    Log.regionLength() +
      Clock.regionLength() +
      Counters.regionLength(workerCount) +
      ConnectionTable.regionLength(connectionsMax, workerCount) +
      Worker.poolRegionLength(options, workerCount) +
      Store.regionLength(memoryLength, workerCount, memoryLengthMax) +
      Watchers.regionLength(workerCount, workerBufferLength) +
      Context.regionLength(workerCount) +
      WorkerData.regionLength(options, workerCount) +
      Certificates.regionLength(),
    workerCount,
  )
}

/**
 * The limit of memory, and how far clients may raise it: to twice as much, and to 128 MB at least, where the machine has so
 * much. What is never used takes nothing but addresses.
 */
function memoryFor({ memoryMegabytes }: ServerOptions): { memoryLength: number; memoryLengthMax: number } {
  const wanted = Math.max(2 * memoryMegabytes, RAISED_MEGABYTES_MIN)
  const possible = Math.min(wanted, MEMORY_MEGABYTES_MAX, Math.floor(os.totalmem() / MEGABYTE / 2))
  return {
    memoryLength: memoryMegabytes * MEGABYTE,
    memoryLengthMax: Math.max(memoryMegabytes, possible) * MEGABYTE,
  }
}

const RAISED_MEGABYTES_MIN = 128

export interface WorkerNeeds {
  readonly arena: Arena
  readonly log: Log
  readonly options: ServerOptions
  readonly listening: readonly ListenerFacts[]
  /** Ends the server, soon. */
  readonly shutDown: () => void
  /** Asks the thread that accepts to deal with whoever has connected by now; undefined for that thread itself. */
  readonly askForCensus?: () => void
}

/** A worker with all that is behind it, and what it has of a data directory. */
interface BuiltWorker {
  readonly worker: Worker
  readonly data: WorkerData | undefined
}

/** Whoever builds the first worker over an arena sets the arena up. */
export function buildWorker(needs: WorkerNeeds): BuiltWorker {
  const { arena, log, options, listening, shutDown, askForCensus } = needs
  const clock = new Clock(arena)
  const counters = Counters.over(arena)
  const table = new ConnectionTable(arena, options.connectionsMax)
  const pool = Worker.createPool(arena, options)
  const store = new Store(arena, counters, clock, {
    ...memoryFor(options),
    mayEvict: options.evictions,
  })
  const watchers = new Watchers(arena, counters, options)
  store.memory.onEviction(new EvictionTeller(watchers.events, store, arena.words))
  const certificates = options.sslEnabled ? new Certificates(arena, clock, options) : undefined
  const { report: reportDefect } = new Defects(counters, log)
  const serverControl: ServerControl = {
    memcachedVersion: MEMCACHED_VERSION,
    threadCount: options.workers,
    connectionCountMax: options.connectionsMax,
    get connectionCount() {
      return table.counts.sum
    },
    countConnections() {
      if (askForCensus !== undefined) table.census.awaitAnswer(askForCensus)
    },
    get windowCount() {
      return pool.takenCount
    },
    get windowCountMax() {
      return pool.touchedCount
    },
    windowLength: pool.windowLength,
    get certificateAge() {
      return certificates?.age ?? 0
    },
    refreshCertificates: () => (certificates ? certificates.refresh() : 'Error TLS not enabled'),
    settings: (detailEnabled) =>
      settingsStatistics(
        { ...options, detailEnabled },
        {
          memoryLength: store.memory.length,
          tcpPort: tcpPortOf(listening),
          udpPort: udpPortOf(listening),
          verbosity: log.verbosity,
        },
      ),
    setVerbosity: (level) => {
      log.verbosity = level
    },
    reportDefect,
    shutDown,
    connections: () => [...listenerStatistics(listening, clock.uptime), ...table.statistics(clock.now)],
    journal: () => data?.statistics(),
  }
  const authenticator = options.saslEnabled ? createAuthenticator(process.env) : undefined
  const obstacle = authenticator && arena.isNew ? saslObstacle(authenticator, process.env) : undefined
  if (obstacle !== undefined) log.say(0, `-S: nobody can log in: ${obstacle}`)
  const logins = options.loginFile === null ? undefined : new TextLogins(options.loginFile)
  const context = new Context(arena, store, options, authenticator, serverControl, logins, watchers)
  const data = WorkerData.for({ arena, store, options })
  context.gate = data
  const { protocol, requestsPerEvent: requestsPerTurn } = options
  const asksForLogin = logins !== undefined
  const reload = () => {
    try {
      logins?.reload()
    } catch (error) {
      // All threads read the same file: one of them says it.
      const { message } = error as Error
      if (arena.workerSlot.worker === 0)
        log.say(0, `${message}; the logins that were read before stay in force`)
    }
  }
  const worker = new Worker({
    arena,
    engine: new LocalEngine(context),
    counters,
    protocol,
    asksForLogin,
    pool,
    clock,
    table,
    store,
    watchers,
    data,
    requestsPerTurn,
    reload,
    reportDefect,
    certificates,
    encryptedLengthMax: options.sslEnabled ? options.sslWriteBufferLength : 0,
  })
  return { worker, data }
}
