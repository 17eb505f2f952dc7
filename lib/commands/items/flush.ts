import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import type { Context } from '../context/context.js'

/** Flushes all items, now or at a later time. */
export function flush(context: Context, request: Request, reply: Reply): void {
  if (!context.options.flushEnabled) {
    reply.status = Status.UNAUTHENTICATED
    return
  }
  context.counters.count(Counter.cmd_flush)
  const { now } = context.store.clock
  context.store.flushAt(Math.max(now, context.absoluteTime(request.expiry)))
}
