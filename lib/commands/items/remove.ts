import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { MISSING } from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { hasWantedCas } from './cas.js'
import { invalidate } from './invalidate.js'

/** The `delete` command; that word is reserved in JavaScript. */
export function remove(context: Context, request: Request, reply: Reply): void {
  const { store, counters } = context
  if (context.prefixes.isEnabled) context.prefixes.countDelete(request)
  const item = store.lock(request.keyStart, request.keyEnd - request.keyStart)
  if (item === MISSING) {
    counters.count(Counter.delete_misses)
    store.forget(request.keyStart, request.keyEnd - request.keyStart)
    reply.status = Status.NOT_FOUND
  } else if (!hasWantedCas(context, item, request)) {
    if ((request.traits & Trait.META) !== 0) counters.count(Counter.delete_misses)
    reply.status = Status.EXISTS
  } else if ((request.traits & (Trait.INVALIDATE | Trait.EMPTY)) !== 0) {
    invalidate(context, request, reply, item)
  } else {
    counters.count(Counter.delete_hits)
    store.remove(item)
  }
}
