import { Counter, type Counters } from '../metrics/counters.js'
import type { Statistic } from '../request/reply.js'
import type { EngineFacts } from './engines/start-check.js'
import type { NodeFailures, NodeFigures } from './node-figures.js'

/** `stats gateway`: the engine, what all workers count, and the connections of this worker to its nodes. */
export function gatewayStatistics(
  { name, version, isCluster }: EngineFacts,
  nodes: readonly NodeFigures[],
  counters: Counters,
): Statistic[] {
  const primaryCount = nodes.filter(({ role }) => role === 'primary').length
  return [
    ['engine', name],
    ['engine_version', version],
    ['cluster', isCluster ? 'yes' : 'no'],
    ['nodes', String(primaryCount)],
    ['redirections', String(counters.read(Counter.gateway_redirections))],
    ['retries', String(counters.read(Counter.gateway_retries))],
    ['timeouts', String(counters.read(Counter.gateway_timeouts))],
    ['unacknowledged', String(counters.read(Counter.gateway_unacknowledged))],
    ['replica_reads', String(counters.read(Counter.gateway_replica_reads))],
    ['joined', String(counters.read(Counter.gateway_joined))],
    ...nodes.flatMap(linesOf),
  ]
}

function linesOf(node: NodeFigures): Statistic[] {
  const name = node.role === 'primary' ? node.address : `replica:${node.address}`
  return [
    [`${name}:connected`, node.isConnected ? 'yes' : 'no'],
    [`${name}:in_flight`, String(node.inFlight)],
    [`${name}:commands`, String(node.commandCount)],
    [`${name}:lost`, String(node.lostCount)],
    [`${name}:mean_us`, String(meanMicroseconds(node))],
    ...(node.failures === undefined ? [] : failureLines(name, node.failures)),
  ]
}

/** From sending a command to its reply. */
function meanMicroseconds({ replyCount, replyMs }: NodeFigures): number {
  return replyCount === 0 ? 0 : Math.round((replyMs / replyCount) * 1000)
}

function failureLines(
  name: string,
  { redirectionCount, retryCount, timeoutCount }: NodeFailures,
): Statistic[] {
  return [
    [`${name}:redirections`, String(redirectionCount)],
    [`${name}:retries`, String(retryCount)],
    [`${name}:timeouts`, String(timeoutCount)],
  ]
}
