import { Counter } from '../metrics/counters.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import type { LocalEngine } from './local-engine.js'

/** Ends all items, now or when the time has come. */
export function flush(engine: LocalEngine, request: Request, reply: Reply): void {
  if (!engine.options.flushEnabled) {
    reply.status = Status.UNAUTHENTICATED
    return
  }
  engine.counters.count(Counter.cmd_flush)
  const { now } = engine.store.clock
  engine.store.flushAt(Math.max(now, engine.absoluteTime(request.expiry)))
}
