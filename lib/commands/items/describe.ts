import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { clientFlagsOf, keyLengthOf, MISSING, valueLengthOf } from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { tellCas } from './cas.js'
import { tellFacts } from './facts.js'

/** Describes an item. Does not count as a read. */
export function describe(context: Context, request: Request, reply: Reply): void {
  context.counters.count(Counter.cmd_meta)
  const item = context.store.find(request.keyStart, request.keyEnd - request.keyStart)
  if (item === MISSING) {
    reply.status = Status.NOT_FOUND
    return
  }
  const { words } = context.store
  tellFacts(context, item, reply)
  tellCas(context, item, reply)
  // The size is memcached's, because users compare it with their limits.
  reply.valueLength = context.itemSize(
    keyLengthOf(words, item),
    valueLengthOf(words, item),
    clientFlagsOf(words, item),
  )
}
