import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import {
  casHigh,
  casLow,
  clearFlag,
  expiryOf,
  Flag,
  flagsOf,
  MISSING,
  setFlag,
  setOwnCas,
} from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { casFlags, giveCas, hasWantedCas } from './cas.js'
import { beginCopy, TRIES_MAX, writeOriginal } from './writing/copy.js'
import { draftCopy } from './writing/drafts.js'
import { refuseWithoutMemory } from './writing/refusal.js'

/** The locked item is not deleted, but marked as stale, or emptied, or both. */
export function invalidate(context: Context, request: Request, reply: Reply, locked: number): void {
  const { traits } = request
  if ((traits & Trait.INVALIDATE) === 0) context.counters.count(Counter.delete_hits)
  if ((traits & Trait.EMPTY) === 0 && isMarked(context, request, locked)) return
  let item = locked
  for (let tries = 0; tries < TRIES_MAX && item !== MISSING; tries++) {
    const outcome = replaceByCopy(context, request, item)
    if (outcome === 'done') return
    if (outcome === 'full') {
      refuseWithoutMemory(context, request, reply)
      return
    }
    item = context.store.lock(request.keyStart, request.keyEnd - request.keyStart)
    if (item !== MISSING && !hasWantedCas(context, item, request)) {
      reply.status = Status.EXISTS
      return
    }
  }
  reply.status = Status.NOT_FOUND
}

/** Marks the item in place; false if it lacks a word that it needs. */
function isMarked(context: Context, request: Request, item: number): boolean {
  const { store } = context
  const { words } = store
  const { traits } = request
  const hasOwnCas = (flagsOf(words, item) & Flag.OWN_CAS) !== 0
  if ((traits & Trait.OWN_CAS) !== 0 && !hasOwnCas) return false
  if ((traits & Trait.TOUCH) !== 0 && !store.giveExpiry(item, context.absoluteTime(request.expiry)))
    return false
  setFlag(words, item, Flag.STALE)
  // The next client that reads it is asked to renew it.
  clearFlag(words, item, Flag.TOKEN_SENT)
  giveCas(context, item, request)
  store.renew(item, (traits & Trait.OWN_CAS) !== 0)
  return true
}

function replaceByCopy(context: Context, request: Request, item: number): 'done' | 'changed' | 'full' {
  const { store } = context
  const { words } = store
  const { traits } = request
  const becomesStale = (traits & Trait.INVALIDATE) !== 0
  const becomesEmpty = (traits & Trait.EMPTY) !== 0
  // An item that is only emptied keeps its cas, though the change is recorded.
  const keptFlags = becomesStale ? flagsOf(words, item) & Flag.FETCHED : Flag.OWN_CAS
  const flags = casFlags(request) | (becomesStale ? Flag.STALE : 0) | keptFlags
  const [high, low] = [casHigh(words, item), casLow(words, item)]
  const draft = draftCopy(context, request, item)
  draft.expiry = expiryFor(context, request, item)
  draft.moreFlags = flags
  if (becomesEmpty) {
    draft.valueLength = 0
    draft.clientFlags = request.clientFlags
  }
  const copy = beginCopy(context, item)
  if (copy === 'changed' || copy === 'full') return copy
  if (!becomesEmpty) writeOriginal(context, copy)
  if (flags & Flag.OWN_CAS) setOwnCas(words, copy.item, high, low)
  giveCas(context, copy.item, request)
  store.publish(copy.item, copy.original)
  copy.staged?.release()
  return 'done'
}

/** An emptied item is a new one, and has no expiry unless the request sets one. */
function expiryFor(context: Context, request: Request, item: number): number {
  if ((request.traits & Trait.TOUCH) !== 0) return context.absoluteTime(request.expiry)
  return (request.traits & Trait.EMPTY) !== 0 ? 0 : expiryOf(context.store.words, item)
}
