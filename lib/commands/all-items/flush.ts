import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import type { Context } from '../context/context.js'

/** Flushes all items, now or at a later time. */
export function flush(context: Context, request: Request, reply: Reply): void {
  if (!mayFlush(context, reply)) return
  context.counters.count(Counter.cmd_flush)
  const { now } = context.store.clock
  context.store.flushAt(Math.max(now, context.absoluteTime(request.expiry)))
}

/**
 * Flushes all items whose keys begin with the request's key. While too many prefixes are being swept, the connection is parked: the
 * caller runs the request again. Datagrams have no connection to be parked.
 */
export function flushPrefix(context: Context, request: Request, reply: Reply): void {
  if (!mayFlush(context, reply)) return
  const { keyStart, keyEnd, session } = request
  if (context.store.flushPrefix(keyStart, keyEnd - keyStart)) {
    context.counters.count(Counter.cmd_flush)
  } else if (session.mayWatch) {
    session.isParked = true
    reply.status = Status.CONTINUE
    reply.isLast = true
  } else {
    reply.status = Status.TEMPORARY_FAILURE
  }
}

function mayFlush({ options }: Context, reply: Reply): boolean {
  if (!options.flushEnabled) reply.status = Status.UNAUTHENTICATED
  return options.flushEnabled
}
