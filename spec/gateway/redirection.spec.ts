import { expect } from 'chai'
import { redirectionIn } from '../../lib/gateway/engines/engine-error.js'
import { Effect, type NodeCommand } from '../../lib/gateway/engines/node-command.js'
import { Router } from '../../lib/gateway/engines/router.js'
import type { Topology } from '../../lib/gateway/engines/topology.js'
import type { Counters } from '../../lib/metrics/counters.js'
import { Status } from '../../lib/request/status.js'

describe('The address of a redirection', () => {
  for (const [message, host, port] of [
    ['MOVED 3999 10.0.0.1:6381', '10.0.0.1', 6381],
    ['ASK 3999 ::1:6381', '::1', 6381],
    ['MOVED 3999 :6381', 'own', 6381],
    // The node does not know the name of the other one.
    ['MOVED 3999 ?:6381', 'own', 6381],
  ] as const)
    it(`is read from ${message}`, () =>
      expect(redirectionIn(new Error(message), 'own')).deep.equal({ slot: 3999, host, port }))
})

describe('A router whose nodes send a command to each other', () => {
  for (const word of ['MOVED', 'ASK'])
    it(`follows a few ${word} at once, and gives up at the deadline`, async () => {
      const node = new Redirecting(`${word} 1 h:1`)
      const topology = { nodeOf: () => node, nodeAt: () => node, move: () => node, refreshSoon() {} }
      const counters = { count() {} }
      const router = new Router(
        topology as unknown as Topology,
        counters as unknown as Counters,
        { timeoutMs: 100 },
        () => undefined,
      )
      const status = await new Promise((resolve) =>
        router.send(
          { slot: 1, effect: Effect.ONCE, words: ['get', 'k'] },
          { replied: resolve, failed: resolve },
        ),
      )
      expect(status).equal(Status.TEMPORARY_FAILURE)
      // Five behind the first, and as many in each tick. Without the bound there are thousands.
      expect(node.sentCount).within(6, 40)
    })
})

/** A node that has no slot. */
class Redirecting {
  readonly endpoint = { host: 'h', port: 1 }
  redirectionCount = 0
  retryCount = 0
  timeoutCount = 0
  sentCount = 0
  private readonly error: Error

  constructor(reply: string) {
    this.error = Object.assign(new Error(reply), { name: 'ReplyError' })
  }

  isReadyFor(): boolean {
    return true
  }

  send(command: NodeCommand): void {
    this.sentCount++
    setImmediate(() => command.failed(this.error))
  }

  noteTimeout(): void {}
}
