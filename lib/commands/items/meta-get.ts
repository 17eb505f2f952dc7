import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { expiryOf, Flag, flagsOf, MISSING, setFlag } from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { giveCas, hasWantedCas, wantsCas } from './cas.js'
import { expiryOfNew, tellFacts, tellNew } from './facts.js'
import { giveItem } from './get.js'
import { copyWithExpiry } from './touch.js'
import { draftNew } from './writing/drafts.js'

/** For these traits the item has to be locked. */
const CHANGES = Trait.TOUCH | Trait.VIVIFY | Trait.RECACHE

/** A get that returns more of the item, and may touch it, create it, or choose the client that renews it. */
export function metaGet(context: Context, request: Request, reply: Reply): void {
  const found = find(context, request)
  let item = found
  if (item !== MISSING) tellFacts(context, item, reply)
  else if ((request.traits & Trait.VIVIFY) !== 0) item = vivify(context, request, reply)
  if (item === MISSING) {
    context.counters.count(Counter.cmd_get)
    context.counters.count(Counter.get_misses)
    if (reply.status === Status.OK) reply.status = Status.NOT_FOUND
    return
  }
  if ((request.traits & Trait.TOUCH) !== 0) {
    item = touchFound(context, request, reply, item)
    if (item === MISSING) return
  } else {
    context.counters.count(Counter.cmd_get)
    context.counters.count(Counter.get_hits)
  }
  settleToken(context, request, reply, item)
  if ((request.traits & Trait.UNSEEN) === 0) context.store.noteHit(item)
  reply.item.isKnown = wantsCas(request) && !reply.item.isNew && hasWantedCas(context, item, request)
  giveItem(context, item, reply)
}

/** The item is locked if this request may change it. */
function find(context: Context, request: Request): number {
  const { store } = context
  const { keyStart } = request
  const keyLength = request.keyEnd - keyStart
  if ((request.traits & CHANGES) !== 0) return store.lock(keyStart, keyLength)
  const item = store.find(keyStart, keyLength)
  if (item === MISSING || !isForTheTaking(store.words, item)) return item
  store.release()
  return store.lock(keyStart, keyLength)
}

/** Stale, and no client has been asked yet to renew it. */
const isForTheTaking = (words: Int32Array, item: number): boolean =>
  (flagsOf(words, item) & (Flag.STALE | Flag.TOKEN_SENT)) === Flag.STALE

/** An empty item, for the client to fill. MISSING if there is no room for it: then the reply says so. */
function vivify(context: Context, request: Request, reply: Reply): number {
  const { store } = context
  const { keyStart } = request
  const keyLength = request.keyEnd - keyStart
  draftNew(context, request, 0, context.absoluteTime(expiryOfNew(request)))
  store.release()
  if (!store.makeRoom()) {
    context.counters.count(Counter.store_no_memory)
    return MISSING
  }
  const present = store.lock(keyStart, keyLength)
  if (present !== MISSING) {
    tellFacts(context, present, reply)
    return present
  }
  const item = store.create()
  giveCas(context, item, request)
  store.publish(item, MISSING)
  store.lockPublished(item)
  tellNew(context, reply)
  return item
}

function touchFound(context: Context, request: Request, reply: Reply, item: number): number {
  const { counters, store } = context
  counters.count(Counter.cmd_touch)
  counters.count(Counter.touch_hits)
  if (reply.item.isNew) return item
  const expiry = context.absoluteTime(request.expiry)
  return store.touch(item, expiry) ? item : copyWithExpiry(context, request, reply, item, expiry)
}

/** Decides whether this client renews the item, and records that. */
function settleToken(context: Context, request: Request, reply: Reply, item: number): void {
  const facts = reply.item
  if (!facts.wasWon && !facts.isNew) {
    facts.isWon =
      facts.isStale || ((request.traits & Trait.RECACHE) !== 0 && endsSoon(context, request, reply, item))
  }
  if (facts.isWon) setFlag(context.store.words, item, Flag.TOKEN_SENT)
}

function endsSoon(context: Context, request: Request, reply: Reply, item: number): boolean {
  const isTouchedFirst = (request.traits & Trait.TOUCH_FIRST) !== 0
  const expiry = isTouchedFirst ? expiryOf(context.store.words, item) : reply.item.expiry
  return expiry !== 0 && expiry < context.absoluteTime(request.recacheExpiry)
}
