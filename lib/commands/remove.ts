import { Counter } from '../metrics/counters.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { MISSING } from '../store/item.js'
import { hasWantedCas } from './cas.js'
import type { Context } from './context.js'

/** `delete`, which is a word of the language. */
export function remove(context: Context, request: Request, reply: Reply): void {
  const { store, counters } = context
  if (context.prefixes.isEnabled) context.prefixes.countDelete(context.arena, request)
  const item = store.lock(request.keyStart, request.keyEnd - request.keyStart)
  if (item === MISSING) {
    counters.count(Counter.delete_misses)
    store.forget(request.keyStart, request.keyEnd - request.keyStart)
    reply.status = Status.NOT_FOUND
  } else if (hasWantedCas(context, item, request)) {
    counters.count(Counter.delete_hits)
    store.remove(item)
  } else {
    reply.status = Status.EXISTS
  }
}
