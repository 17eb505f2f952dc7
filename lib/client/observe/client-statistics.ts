import type { BreakerCounts, BreakerState } from '../breaker/breaker.js'
import type { Server } from '../cluster/server.js'
import type { PoolStatistics } from '../pool/pool-statistics.js'

export interface ServerStatistics {
  readonly pool: PoolStatistics
  /** Calls since the client began. */
  readonly calls: number
  /** Those of them that failed, by the code of the error. */
  readonly errors: Readonly<Record<string, number>>
  readonly breaker: { readonly state: BreakerState; readonly counts: BreakerCounts } | undefined
}

/** By the names of the servers. */
export type ClientStatistics = Readonly<Record<string, ServerStatistics>>

export function statisticsOf(servers: readonly Server[]): ClientStatistics {
  return Object.fromEntries(servers.map((server) => [server.name, ofServer(server)]))
}

function ofServer({ pool, breaker, counts }: Server): ServerStatistics {
  return {
    pool: pool.statistics(),
    calls: counts.calls,
    errors: Object.fromEntries(counts.errors),
    breaker: breaker && { state: breaker.state, counts: breaker.counts },
  }
}
