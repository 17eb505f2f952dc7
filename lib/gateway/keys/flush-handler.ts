import { randomUUID } from 'node:crypto'
import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import type { GatewayCall, GatewayHandler } from '../gateway-call.js'
import type { GatewayParts } from '../gateway-parts.js'
import { ORDER_FLUSH } from '../scripts/flush-scripts.js'
import { flushKeys } from './flush-keys.js'

/**
 * Deletes every key with the prefix, on all primaries. The key that is nothing but the prefix belongs to no item: it names the
 * flush that is due later, so that a later flush of any gateway replaces it.
 */
export const flush: GatewayHandler = {
  begin(parts, call) {
    const { context } = parts
    const delay = context.absoluteTime(call.words.expiry) - context.store.clock.now
    if (mayFlush(parts, call))
      settleBy(call, delay > 0 ? flushLater(parts, delay) : flushKeys(parts, parts.prefix))
  },
  finish: finishFlush,
}

/** The same for the keys that begin with that of the request. */
export const flushPrefix: GatewayHandler = {
  begin(parts, call) {
    if (mayFlush(parts, call)) settleBy(call, flushKeys(parts, parts.engineKey(call.key)))
  },
  finish: finishFlush,
}

function mayFlush({ context }: GatewayParts, call: GatewayCall): boolean {
  const { flushEnabled } = context.options
  if (!flushEnabled) call.replied(Status.UNAUTHENTICATED)
  return flushEnabled
}

function settleBy(call: GatewayCall, done: Promise<void>): void {
  done.then(
    () => call.replied(Status.OK),
    () => call.failed(Status.TEMPORARY_FAILURE),
  )
}

function finishFlush({ context }: GatewayParts, call: GatewayCall, _request: Request, reply: Reply): void {
  reply.status = call.status === Status.OK ? (call.result as Status) : call.status
  if (reply.status === Status.OK) context.counters.count(Counter.cmd_flush)
}

/** Whichever gateway runs then carries it out: see delayed-flush.ts. */
function flushLater(parts: GatewayParts, delay: number): Promise<void> {
  return new Promise((resolve, reject) => {
    parts.run(ORDER_FLUSH, NO_KEY, [String(delay), randomUUID()], {
      replied: () => resolve(),
      failed: () => reject(new Error('the engine has failed')),
    })
  })
}

/** Behind the prefix. */
const NO_KEY = Buffer.alloc(0)
