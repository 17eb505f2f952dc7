import { Arena } from '../arena/arena.js'
import { Context } from '../commands/context.js'
import { LocalEngine } from '../commands/local-engine.js'
import type { Surroundings } from '../commands/surroundings.js'
import { Counters } from '../metrics/counters.js'
import { Clock } from '../store/clock.js'
import { Store } from '../store/store.js'
import { EvictionTeller } from '../watch/eviction-teller.js'
import { Watchers } from '../watch/watchers.js'
import { TextLogins } from './auth/text-logins.js'
import { createAuthenticator } from './auth.js'
import { ConnectionTable } from './connection-table.js'
import { type ListenerFacts, listenerStatistics, tcpPortOf } from './listener-facts.js'
import { Log } from './log.js'
import { MEGABYTE, type ServerOptions } from './options.js'
import { settingsStatistics } from './settings.js'
import { Worker } from './worker.js'

/** The version of memcached whose protocols we speak. */
const MEMCACHED_VERSION = '1.6.45'

/** An arena for all that workers have in common, and for what each has for itself. */
export function arenaFor(options: ServerOptions, workerCount: number): Arena {
  const { memoryMegabytes, connectionsMax, workerBufferLength } = options
  return Arena.create(
    Log.regionLength() +
      Clock.regionLength() +
      Counters.regionLength(workerCount) +
      ConnectionTable.regionLength(connectionsMax, workerCount) +
      Worker.poolRegionLength(connectionsMax, workerCount) +
      Store.regionLength(memoryMegabytes * MEGABYTE, workerCount) +
      Watchers.regionLength(workerCount, workerBufferLength) +
      Context.regionLength(workerCount),
    workerCount,
  )
}

export interface WorkerNeeds {
  readonly arena: Arena
  readonly log: Log
  readonly options: ServerOptions
  readonly listening: readonly ListenerFacts[]
  /** Ends the server, soon. */
  readonly shutDown: () => void
}

/** A worker with all that is behind it. Whoever builds the first one over an arena sets the arena up. */
export function buildWorker({ arena, log, options, listening, shutDown }: WorkerNeeds): Worker {
  const clock = new Clock(arena)
  const counters = Counters.over(arena)
  const table = new ConnectionTable(arena, options.connectionsMax)
  const pool = Worker.createPool(arena, options.connectionsMax)
  const store = new Store(arena, counters, clock, {
    memoryLength: options.memoryMegabytes * MEGABYTE,
    mayEvict: options.evictions,
  })
  const watchers = new Watchers(arena, counters, options)
  store.listenToEvictions(new EvictionTeller(watchers.events, store, arena.words))
  const surroundings: Surroundings = {
    memcachedVersion: MEMCACHED_VERSION,
    threadCount: options.workers,
    connectionCountMax: options.connectionsMax,
    get connectionCount() {
      return table.count
    },
    get windowCount() {
      return pool.takenCount
    },
    get windowCountMax() {
      return pool.touchedCount
    },
    windowLength: pool.windowLength,
    settings: (detailEnabled) =>
      settingsStatistics(
        { ...options, detailEnabled },
        { tcpPort: tcpPortOf(listening), udpPort: 0, verbosity: log.verbosity },
      ),
    setVerbosity: (level) => {
      log.verbosity = level
    },
    shutDown,
    refreshCertificates: () => 'Error TLS not enabled',
    connections: () => [...listenerStatistics(listening, clock.uptime), ...table.statistics(clock.now)],
  }
  const authenticator = options.saslEnabled ? createAuthenticator(process.env) : undefined
  const logins = options.loginFile === null ? undefined : new TextLogins(options.loginFile)
  const context = new Context(arena, store, options, authenticator, surroundings, logins, watchers)
  const engine = new LocalEngine(context)
  const { protocol, requestsPerEvent: requestsPerTurn } = options
  const asksForLogin = logins !== undefined
  const reload = () => {
    if (logins?.reload() === false) log.say(0, `-Y: ${options.loginFile} cannot be read; the logins stay`)
  }
  return new Worker({
    arena,
    engine,
    counters,
    protocol,
    asksForLogin,
    pool,
    clock,
    table,
    store,
    watchers,
    requestsPerTurn,
    reload,
  })
}
