import { Counter, type Counters } from '../metrics/counters.js'
import type { Statistic } from '../request/reply.js'
import type { EngineFacts } from './engines/start-check.js'
import type { Topology } from './engines/topology.js'

/** `stats gateway`: the engine, what all workers count, and the connections of this worker to its nodes. */
export function gatewayStatistics(
  { name, version, isCluster }: EngineFacts,
  topology: Topology,
  counters: Counters,
): Statistic[] {
  const { primaries } = topology
  return [
    ['engine', name],
    ['engine_version', version],
    ['cluster', isCluster ? 'yes' : 'no'],
    ['nodes', String(primaries.length)],
    ['redirections', String(counters.read(Counter.gateway_redirections))],
    ['retries', String(counters.read(Counter.gateway_retries))],
    ['timeouts', String(counters.read(Counter.gateway_timeouts))],
    ['unacknowledged', String(counters.read(Counter.gateway_unacknowledged))],
    ['joined', String(counters.read(Counter.gateway_joined))],
    ...primaries.flatMap((node): Statistic[] => [
      [`${node.address}:connected`, node.isReady ? 'yes' : 'no'],
      [`${node.address}:in_flight`, String(node.inFlight)],
      [`${node.address}:commands`, String(node.commandCount)],
      [`${node.address}:lost`, String(node.lostCount)],
      [`${node.address}:mean_us`, String(node.meanMicroseconds)],
    ]),
  ]
}
