import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import { expiryOf, Flag, flagsOf } from '../../store/item/item.js'
import type { Context } from '../context/context.js'

/** Puts the item's state into the reply, before the request changes it. */
export function tellFacts(context: Context, item: number, reply: Reply): void {
  const { words } = context.store
  const facts = reply.item
  const flags = flagsOf(words, item)
  facts.expiry = expiryOf(words, item)
  facts.now = context.store.clock.now
  facts.accessTime = context.store.items.accessTime(item)
  facts.wasFetched = (flags & Flag.FETCHED) !== 0
  facts.isStale = (flags & Flag.STALE) !== 0
  facts.wasWon = (flags & Flag.TOKEN_SENT) !== 0
  facts.isWon = false
  facts.isNew = false
  facts.isKnown = false
}

/** Puts the state of an item that the request has created into the reply. */
export function tellNew(context: Context, reply: Reply): void {
  const facts = reply.item
  facts.expiry = 0
  facts.now = context.store.clock.now
  facts.accessTime = facts.now
  facts.wasFetched = false
  facts.isStale = false
  facts.wasWon = false
  facts.isWon = true
  facts.isNew = true
  facts.isKnown = false
}

/** The expiry, as it was given, of an item that the request creates because there was none. */
export const expiryOfNew = ({ traits, vivifyExpiry, expiry }: Request): number =>
  (traits & Trait.TOUCH_LAST) === 0 ? vivifyExpiry : expiry
