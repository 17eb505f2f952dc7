import { Counter } from '../../metrics/counters.js'
import { Command } from '../../request/command.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { expiryOf, Flag, flagsOf, MISSING, setFlag } from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { giveCas, hasWantedCas, namesOlderCas, tellCas, wantsCas } from './cas.js'
import { draftStored } from './writing/drafts.js'
import { refuseDamaged, refuseTooLarge, refuseWithoutMemory } from './writing/refusal.js'
import { stage } from './writing/staging.js'

export function set(context: Context, request: Request, reply: Reply): void {
  storeValue(context, request, reply)
}

/** Stores only if there is no item. */
export function add(context: Context, request: Request, reply: Reply): void {
  storeValue(context, request, reply)
}

/** Stores only if there is an item. */
export function replace(context: Context, request: Request, reply: Reply): void {
  storeValue(context, request, reply)
}

/** The three differ only in the condition. */
function storeValue(context: Context, request: Request, reply: Reply): void {
  const { arena, store, counters } = context
  const { keyStart, valueStart, clientFlags, staged } = request
  const keyLength = request.keyEnd - keyStart
  const valueLength = request.valueEnd - valueStart
  if (valueLength > context.ordinaryLengthMax && staged === undefined) {
    if (context.isTooLarge(keyLength, valueLength, clientFlags)) {
      refuseTooLarge(context, request, reply)
      return
    }
    if (store.items.needsPieces(keyLength, valueLength)) {
      storeLongValue(context, request, reply)
      return
    }
  }
  counters.count(Counter.cmd_set)
  if (context.prefixes.isEnabled) context.prefixes.countSet(request)
  if (refuseDamaged(request, reply)) {
    staged?.discard()
    return
  }
  draftStored(context, request)
  const hasRoom = staged === undefined ? store.makeRoom() : store.prepareIndex()
  if (!hasRoom) {
    refuseWithoutMemory(context, request, reply)
    staged?.discard()
    return
  }

  const present = store.lock(keyStart, keyLength)
  reply.status = mayStore(context, request, present)
  if (reply.status !== Status.OK) {
    staged?.discard()
    return
  }
  const overwrites =
    staged === undefined && store.draft.moreFlags === 0 && present !== MISSING && store.canOverwrite(present)
  const item = overwrites ? present : (staged?.item ?? store.create())
  if (staged === undefined) arena.move(store.valueAddress(item), valueStart, valueLength)
  if (overwrites) {
    store.overwrite(item)
  } else {
    prepare(context, request, item, present)
    store.publish(item, present)
    staged?.release()
  }
  reply.valueLength = valueLength
  tellCas(context, item, reply)
}

/** Before the item is published: what it takes over from the request, and from the item whose place it takes. */
function prepare(context: Context, request: Request, item: number, present: number): void {
  if (request.traits === 0) return
  giveCas(context, item, request)
  if ((request.traits & Trait.INVALIDATE) === 0 || hasWantedCas(context, present, request)) return
  const { words } = context.store
  setFlag(words, item, Flag.STALE | (flagsOf(words, present) & Flag.TOKEN_SENT))
  context.store.giveExpiry(item, expiryOf(words, present))
}

function mayStore(context: Context, request: Request, present: number): Status {
  if (wantsCas(request)) return mayStoreWithCas(context, request, present)
  if (request.command === Command.ADD && present !== MISSING) return Status.EXISTS
  return request.command === Command.REPLACE && present === MISSING ? Status.NOT_FOUND : Status.OK
}

/** With a cas, all three have the same condition: the item that was read still exists. */
function mayStoreWithCas(context: Context, request: Request, present: number): Status {
  const { counters } = context
  if (present === MISSING) {
    counters.count(Counter.cas_misses)
    return Status.NOT_FOUND
  }
  const isWanted = hasWantedCas(context, present, request) || isStaleButWelcome(context, present, request)
  counters.count(isWanted ? Counter.cas_hits : Counter.cas_badval)
  return isWanted ? Status.OK : Status.EXISTS
}

/** A client that lost the race to renew an item may still set a stale value, which is better than none. */
const isStaleButWelcome = (context: Context, present: number, request: Request): boolean =>
  (request.traits & Trait.INVALIDATE) !== 0 && namesOlderCas(context, present, request)

/** A complete value that is too long for one range. */
function storeLongValue(context: Context, request: Request, reply: Reply): void {
  const staged = stage(context, request, false)
  if (staged === undefined) {
    refuseWithoutMemory(context, request, reply)
    return
  }
  staged.copyIn(request.valueStart, request.valueEnd - request.valueStart)
  request.staged = staged
  storeValue(context, request, reply)
}
