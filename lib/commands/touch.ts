import { Counter } from '../metrics/counters.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { clientFlagsOf, MISSING, valueLengthOf } from '../store/item.js'
import { tellCas } from './cas.js'
import { beginCopy, TRIES_MAX, writeOriginal } from './copy.js'
import { giveItem } from './get.js'
import type { LocalEngine } from './local-engine.js'
import { refuseWithoutMemory } from './set.js'

/** The item gets another expiry. The reply tells its flags, and no value. */
export function touch(engine: LocalEngine, request: Request, reply: Reply): void {
  const item = touchItem(engine, request, reply)
  if (item === MISSING) return
  reply.hasItem = true
  reply.clientFlags = clientFlagsOf(engine.arena.words, item)
  tellCas(engine, item, reply)
}

export function getAndTouch(engine: LocalEngine, request: Request, reply: Reply): void {
  engine.counters.count(Counter.cmd_get)
  const item = touchItem(engine, request, reply)
  if (engine.prefixes.isEnabled) engine.prefixes.countGet(engine.arena, request, item !== MISSING)
  if (item === MISSING) {
    engine.counters.count(Counter.get_misses)
    return
  }
  engine.counters.count(Counter.get_hits)
  engine.store.noteHit(item)
  giveItem(engine, item, reply)
}

/** The touched item, or MISSING, when the reply says why. */
function touchItem(engine: LocalEngine, request: Request, reply: Reply): number {
  const { store, counters } = engine
  const expiry = engine.absoluteTime(request.expiry)
  counters.count(Counter.cmd_touch)
  const item = store.lock(request.keyStart, request.keyEnd - request.keyStart)
  if (item === MISSING) {
    counters.count(Counter.touch_misses)
    reply.status = Status.NOT_FOUND
    return MISSING
  }
  counters.count(Counter.touch_hits)
  return store.touch(item, expiry) ? item : copyWithExpiry(engine, request, reply, item, expiry)
}

/** An item that was to stay for ever has no word for an expiry: a copy takes its place. */
function copyWithExpiry(
  engine: LocalEngine,
  request: Request,
  reply: Reply,
  locked: number,
  expiry: number,
): number {
  const { store, arena } = engine
  const { keyStart } = request
  const keyLength = request.keyEnd - keyStart
  let item = locked
  for (let tries = 0; tries < TRIES_MAX && item !== MISSING; tries++) {
    if (store.touch(item, expiry)) return item
    const copy = beginCopy(engine, item, keyStart, keyLength, valueLengthOf(arena.words, item), expiry)
    if (copy === 'full') {
      refuseWithoutMemory(engine, request, reply)
      return MISSING
    }
    if (copy !== 'changed') {
      writeOriginal(engine, copy)
      store.substitute(copy.item, copy.original)
      copy.staged?.release()
      return copy.item
    }
    item = store.lock(keyStart, keyLength)
  }
  reply.status = Status.NOT_FOUND
  return MISSING
}
