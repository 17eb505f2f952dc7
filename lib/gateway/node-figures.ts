import type { EngineNode } from './engines/engine-node.js'
import type { Topology } from './engines/topology.js'

/** What one worker has counted for one node of the engine. */
export interface NodeFigures {
  readonly address: string
  readonly role: 'primary' | 'replica'
  readonly isConnected: boolean
  readonly inFlight: number
  readonly commandCount: number
  readonly replyCount: number
  /** From sending commands to their replies, all together. */
  readonly replyMs: number
  readonly lostCount: number
  /** Undefined for a replica: what it does not answer is sent to its primary. */
  readonly failures: NodeFailures | undefined
}

export interface NodeFailures {
  readonly redirectionCount: number
  readonly retryCount: number
  readonly timeoutCount: number
}

/** All nodes that a worker uses. The result can be sent to another thread. */
export function nodeFigures({ primaries, replicas }: Topology): NodeFigures[] {
  return [
    ...primaries.map((node) => ({
      ...figuresOf(node.address, 'primary', node),
      failures: failuresOf(node),
    })),
    ...[...(replicas?.all ?? [])].map(({ address, connection }) => ({
      ...figuresOf(address, 'replica', connection),
      failures: undefined,
    })),
  ]
}

type Counted = Pick<
  EngineNode,
  'isReady' | 'inFlight' | 'commandCount' | 'repliedCount' | 'totalMs' | 'lostCount'
>

function figuresOf(address: string, role: NodeFigures['role'], counted: Counted) {
  const { isReady, inFlight, commandCount, repliedCount, totalMs, lostCount } = counted
  return {
    address,
    role,
    isConnected: isReady,
    inFlight,
    commandCount,
    replyCount: repliedCount,
    replyMs: totalMs,
    lostCount,
  }
}

const failuresOf = ({ redirectionCount, retryCount, timeoutCount }: EngineNode): NodeFailures => ({
  redirectionCount,
  retryCount,
  timeoutCount,
})
