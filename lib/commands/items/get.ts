import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { clientFlagsOf, MISSING, valueLengthOf } from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { tellCas } from './cas.js'

export function get(context: Context, request: Request, reply: Reply): void {
  const { store, counters } = context
  counters.count(Counter.cmd_get)
  const item = store.find(request.keyStart, request.keyEnd - request.keyStart)
  if (context.prefixes.isEnabled) context.prefixes.countGet(request, item !== MISSING)
  if (item === MISSING) {
    counters.count(Counter.get_misses)
    reply.status = Status.NOT_FOUND
    return
  }
  counters.count(Counter.get_hits)
  store.noteHit(item)
  giveItem(context, item, reply)
}

/** Puts the item into the reply: its flags, its cas and its value. */
export function giveItem(context: Context, item: number, reply: Reply): void {
  const { words } = context.store
  reply.hasItem = true
  reply.clientFlags = clientFlagsOf(words, item)
  reply.valueLength = valueLengthOf(words, item)
  context.store.items.eachPart(item, reply.value)
  tellCas(context, item, reply)
}
