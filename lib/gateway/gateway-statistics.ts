import { Counter, type Counters } from '../metrics/counters.js'
import type { Statistic } from '../request/reply.js'
import type { EngineNode } from './engines/engine-node.js'
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
    ['replica_reads', String(counters.read(Counter.gateway_replica_reads))],
    ['joined', String(counters.read(Counter.gateway_joined))],
    ...primaries.flatMap((node) => [...figuresOf(node.address, node), ...failuresOf(node)]),
    ...[...(topology.replicas?.all ?? [])].flatMap(({ address, connection }) =>
      figuresOf(`replica:${address}`, connection),
    ),
  ]
}

type Figures = Pick<EngineNode, 'isReady' | 'inFlight' | 'commandCount' | 'lostCount' | 'meanMicroseconds'>

function figuresOf(name: string, figures: Figures): Statistic[] {
  return [
    [`${name}:connected`, figures.isReady ? 'yes' : 'no'],
    [`${name}:in_flight`, String(figures.inFlight)],
    [`${name}:commands`, String(figures.commandCount)],
    [`${name}:lost`, String(figures.lostCount)],
    [`${name}:mean_us`, String(figures.meanMicroseconds)],
  ]
}

function failuresOf({ address, redirectionCount, retryCount, timeoutCount }: EngineNode): Statistic[] {
  return [
    [`${address}:redirections`, String(redirectionCount)],
    [`${address}:retries`, String(retryCount)],
    [`${address}:timeouts`, String(timeoutCount)],
  ]
}
