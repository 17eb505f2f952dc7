import type { WindowPool } from '../../arena/window.js'
import type { ServerControl } from '../../commands/context/server-control.js'
import type { ConnectionTable } from '../../metrics/connection-table.js'
import { settingsStatistics } from '../../options/settings.js'
import type { ServerOptions } from '../../options/table/options.js'
import type { Store } from '../../store/store.js'
import type { Clock } from '../../store/time/clock.js'
import { type ListenerFacts, listenerStatistics, tcpPortOf, udpPortOf } from '../listening/listener-facts.js'
import type { Certificates } from '../tls/certificates.js'
import type { Log } from './log.js'

/** The version of memcached whose protocols the server implements. */
const MEMCACHED_VERSION = '1.6.45'

export interface ServerControlParts
  extends Required<Pick<ServerControl, 'reportDefect' | 'shutDown' | 'journal' | 'gateway'>> {
  readonly options: ServerOptions
  readonly log: Log
  readonly listening: readonly ListenerFacts[]
  readonly clock: Clock
  readonly table: ConnectionTable
  readonly pool: WindowPool
  readonly store: Store
  readonly certificates: Certificates | undefined
  readonly askForCensus: (() => void) | undefined
}

/** What the commands of one worker may read and change of the server around the store. */
export function createServerControl(parts: ServerControlParts): ServerControl {
  const { options, log, listening, clock, table, pool, certificates, askForCensus } = parts
  return {
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
    settings: (detailEnabled) => settingsOf(parts, detailEnabled),
    setVerbosity: (level) => {
      log.verbosity = level
    },
    reportDefect: parts.reportDefect,
    shutDown: parts.shutDown,
    connections: () => [...listenerStatistics(listening, clock.uptime), ...table.statistics(clock.now)],
    journal: parts.journal,
    gateway: parts.gateway,
  }
}

const settingsOf = ({ options, log, listening, store }: ServerControlParts, detailEnabled: boolean) =>
  settingsStatistics(
    { ...options, detailEnabled },
    {
      memoryLength: store.memory.length,
      tcpPort: tcpPortOf(listening),
      udpPort: udpPortOf(listening),
      verbosity: log.verbosity,
    },
  )
