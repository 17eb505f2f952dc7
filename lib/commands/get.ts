import { Counter } from '../metrics/counters.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { clientFlagsOf, MISSING, valueLengthOf } from '../store/item.js'
import { tellCas } from './cas.js'
import type { LocalEngine } from './local-engine.js'

export function get(engine: LocalEngine, request: Request, reply: Reply): void {
  const { store, counters } = engine
  counters.count(Counter.cmd_get)
  const item = store.find(request.keyStart, request.keyEnd - request.keyStart)
  if (engine.prefixes.isEnabled) engine.prefixes.countGet(engine.arena, request, item !== MISSING)
  if (item === MISSING) {
    counters.count(Counter.get_misses)
    reply.status = Status.NOT_FOUND
    return
  }
  counters.count(Counter.get_hits)
  store.noteHit(item)
  giveItem(engine, item, reply)
}

/** The reply carries the item: its flags, its cas and its value. */
export function giveItem(engine: LocalEngine, item: number, reply: Reply): void {
  const { words } = engine.arena
  reply.hasItem = true
  reply.clientFlags = clientFlagsOf(words, item)
  reply.valueLength = valueLengthOf(words, item)
  engine.store.eachPart(item, reply.value)
  tellCas(engine, item, reply)
}
