import type { Admin } from '../admin.js'
import type { MetricHead, Sample } from './exposition.js'
import type { OwnMetric } from './own-metrics.js'

/** Metrics of each node of the engine behind a gateway, by worker. A server without one has none of them. */
export const GATEWAY_METRICS: readonly OwnMetric[] = [
  ofNodes('gauge', 'connected', 'Whether commands can be sent to the node.', ({ isConnected }) =>
    isConnected ? 1 : 0,
  ),
  ofNodes('gauge', 'in_flight', 'Commands without a reply yet.', ({ inFlight }) => inFlight),
  ofNodes('counter', 'commands_total', 'Commands sent.', ({ commandCount }) => commandCount),
  ofNodes('counter', 'replies_total', 'Replies, errors among them.', ({ replyCount }) => replyCount),
  ofNodes(
    'counter',
    'reply_seconds_total',
    'Time from sending commands to their replies.',
    ({ replyMs }) => replyMs / 1000,
  ),
  ofNodes('counter', 'lost_total', 'Commands whose connection was lost.', ({ lostCount }) => lostCount),
  ofNodes(
    'counter',
    'redirections_total',
    'Commands that the node has sent elsewhere.',
    ({ failures }) => failures?.redirectionCount,
  ),
  ofNodes(
    'counter',
    'retries_total',
    'Commands that waited until the node could be used.',
    ({ failures }) => failures?.retryCount,
  ),
  ofNodes(
    'counter',
    'timeouts_total',
    'Commands without a reply in time.',
    ({ failures }) => failures?.timeoutCount,
  ),
]

type Node = Admin['access']['engineNodes'][number][number]

function ofNodes(
  type: MetricHead['type'],
  name: string,
  help: string,
  read: (node: Node) => number | undefined,
): OwnMetric {
  return [{ name: `keepcached_gateway_node_${name}`, type, help }, ({ access }) => samples(access, read)]
}

function samples({ engineNodes }: Admin['access'], read: (node: Node) => number | undefined): Sample[] {
  return engineNodes.flatMap((nodes, worker) =>
    nodes.flatMap((node) => {
      const value = read(node)
      const { address, role } = node
      return value === undefined ? [] : [{ labels: { node: address, role, worker: String(worker) }, value }]
    }),
  )
}
