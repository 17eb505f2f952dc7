import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import {
  casHigh,
  casLow,
  clientFlagsOf,
  Flag,
  flagsOf,
  KEPT_FLAGS,
  MISSING,
  setOwnCas,
} from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { tellCas } from './cas.js'
import { tellFacts } from './facts.js'
import { giveItem } from './get.js'
import { beginCopy, TRIES_MAX, writeOriginal } from './writing/copy.js'
import { draftCopy } from './writing/drafts.js'
import { refuseWithoutMemory } from './writing/refusal.js'

/** Sets another expiry of the item, and counts a read. The reply has its flags, and no value. */
export function touch(context: Context, request: Request, reply: Reply): void {
  const item = touchItem(context, request, reply)
  if (item === MISSING) return
  context.store.noteHit(item)
  reply.hasItem = true
  reply.clientFlags = clientFlagsOf(context.store.words, item)
  tellCas(context, item, reply)
}

/** Counts as a touch, and not as a get. */
export function getAndTouch(context: Context, request: Request, reply: Reply): void {
  const item = touchItem(context, request, reply)
  if (context.prefixes.isEnabled) context.prefixes.countGet(request, item !== MISSING)
  if (item === MISSING) return
  context.store.noteHit(item)
  giveItem(context, item, reply)
}

/** The touched item, or MISSING; then the reply has the reason. */
function touchItem(context: Context, request: Request, reply: Reply): number {
  const { store, counters } = context
  const expiry = context.absoluteTime(request.expiry)
  counters.count(Counter.cmd_touch)
  const item = store.lock(request.keyStart, request.keyEnd - request.keyStart)
  if (item === MISSING) {
    counters.count(Counter.touch_misses)
    reply.status = Status.NOT_FOUND
    return MISSING
  }
  counters.count(Counter.touch_hits)
  return store.touch(item, expiry) ? item : copyWithExpiry(context, request, reply, item, expiry)
}

/** An item without an expiry has no word for one: a copy replaces it. */
export function copyWithExpiry(
  context: Context,
  request: Request,
  reply: Reply,
  locked: number,
  expiry: number,
): number {
  const { store } = context
  const { keyStart } = request
  const keyLength = request.keyEnd - keyStart
  let item = locked
  for (let tries = 0; tries < TRIES_MAX && item !== MISSING; tries++) {
    if (store.touch(item, expiry)) return item
    const { words } = store
    const flags = flagsOf(words, item) & (KEPT_FLAGS | Flag.FETCHED)
    const draft = draftCopy(context, request, item)
    draft.expiry = expiry
    draft.moreFlags = flags
    const copy = beginCopy(context, item)
    if (copy === 'full') {
      refuseWithoutMemory(context, request, reply)
      return MISSING
    }
    if (copy !== 'changed') {
      writeOriginal(context, copy)
      if (flags & Flag.OWN_CAS)
        setOwnCas(words, copy.item, casHigh(words, copy.original), casLow(words, copy.original))
      store.substitute(copy.item, copy.original)
      copy.staged?.release()
      return copy.item
    }
    item = store.lock(keyStart, keyLength)
    // The reply describes the item as it was before.
    if (item !== MISSING && (request.traits & Trait.META) !== 0) tellFacts(context, item, reply)
  }
  reply.status = Status.NOT_FOUND
  return MISSING
}
