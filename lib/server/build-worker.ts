import { Arena } from '../arena/arena.js'
import { Context } from '../commands/context.js'
import { LocalEngine } from '../commands/local-engine.js'
import type { Surroundings } from '../commands/surroundings.js'
import { Counters } from '../metrics/counters.js'
import { binary } from '../protocol/binary/binary.js'
import { Clock } from '../store/clock.js'
import { Store } from '../store/store.js'
import { createAuthenticator } from './auth.js'
import { ConnectionTable } from './connection-table.js'
import { type ListenerFacts, listenerStatistics, tcpPortOf, udpPortOf } from './listener-facts.js'
import { MEGABYTE, type ServerOptions } from './options.js'
import { settingsStatistics } from './settings.js'
import { Certificates } from './tls/certificates.js'
import { Worker } from './worker.js'

/** The version of memcached whose protocols we speak. */
const MEMCACHED_VERSION = '1.6.45'

/** An arena for all that workers have in common, and for what each has for itself. */
export function arenaFor(options: ServerOptions, workerCount: number): Arena {
  const { memoryMegabytes, connectionsMax } = options
  return Arena.create(
    Clock.regionLength() +
      Counters.regionLength(workerCount) +
      ConnectionTable.regionLength(connectionsMax, workerCount) +
      Worker.poolRegionLength(connectionsMax, workerCount) +
      Store.regionLength(memoryMegabytes * MEGABYTE, workerCount) +
      Context.regionLength(workerCount) +
      Certificates.regionLength(),
    workerCount,
  )
}

/** A worker with all that is behind it. Whoever builds the first one over an arena sets the arena up. */
export function buildWorker(
  arena: Arena,
  options: ServerOptions,
  listening: readonly ListenerFacts[],
): Worker {
  const clock = new Clock(arena)
  const counters = Counters.over(arena)
  const table = new ConnectionTable(arena, options.connectionsMax)
  const pool = Worker.createPool(arena, options.connectionsMax)
  const store = new Store(arena, counters, clock, {
    memoryLength: options.memoryMegabytes * MEGABYTE,
    mayEvict: options.evictions,
  })
  const certificates = options.sslEnabled ? new Certificates(arena, clock, options) : undefined
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
    get certificateAge() {
      return certificates?.age ?? 0
    },
    refreshCertificates: () => (certificates ? certificates.refresh() : 'Error TLS not enabled'),
    settings: (detailEnabled) =>
      settingsStatistics(
        { ...options, detailEnabled },
        {
          tcpPort: tcpPortOf(listening),
          udpPort: udpPortOf(listening),
          verbosity: options.verbosity,
        },
      ),
    connections: () => [...listenerStatistics(listening, clock.uptime), ...table.statistics(clock.now)],
  }
  const authenticator = options.saslEnabled ? createAuthenticator(process.env) : undefined
  const engine = new LocalEngine(new Context(arena, store, options, authenticator, surroundings))
  const requestsPerTurn = options.requestsPerEvent
  return new Worker({
    arena,
    engine,
    counters,
    protocol: binary,
    pool,
    clock,
    table,
    store,
    requestsPerTurn,
    certificates,
    encryptedLengthMax: options.sslEnabled ? options.sslWriteBufferLength : 0,
  })
}
