import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Trait } from '../request/trait.js'
import { expiryOf, Flag, flagsOf } from '../store/item.js'
import type { Context } from './context.js'

/** The reply tells of an item as it is now, before the request does anything to it. */
export function tellFacts(context: Context, item: number, reply: Reply): void {
  const { words } = context.arena
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

/** The reply tells of an item that the request has made. */
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

/** When an item ends that the request makes, because there was none. */
export const expiryOfNew = (context: Context, request: Request): number =>
  context.absoluteTime((request.traits & Trait.TOUCH_LAST) === 0 ? request.vivifyExpiry : request.expiry)
