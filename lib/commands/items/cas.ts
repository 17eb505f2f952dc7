import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import { casHigh, casLow, Flag, flagsOf, setOwnCas, versionHigh, versionLow } from '../../store/item/item.js'
import type { Context } from '../context/context.js'

/** The flags of an item when the request sets its cas. */
export const casFlags = (request: Request): number =>
  (request.traits & Trait.OWN_CAS) === 0 ? 0 : Flag.OWN_CAS

/** Sets the request's cas, if it has one, in an item that was made with `casFlags`. */
export function giveCas(context: Context, item: number, request: Request): void {
  if ((request.traits & Trait.OWN_CAS) === 0) return
  setOwnCas(context.store.words, item, request.ownCasHigh, request.ownCasLow)
}

/** Puts the item's cas into the reply, unless the server keeps none. */
export function tellCas(context: Context, item: number, reply: Reply): void {
  if (!context.options.casEnabled) return
  const { words } = context.store
  const isOwn = (flagsOf(words, item) & Flag.OWN_CAS) !== 0
  reply.casHigh = isOwn ? casHigh(words, item) : versionHigh(words, item)
  reply.casLow = isOwn ? casLow(words, item) : versionLow(words, item)
}

/** The request has the cas of an item as a condition. */
export const wantsCas = (request: Request): boolean => (request.traits & Trait.NAMES_CAS) !== 0

/** True if the item fulfils the request's condition: its cas, or none. */
export function hasWantedCas(context: Context, item: number, request: Request): boolean {
  if (!wantsCas(request) || !context.options.casEnabled) return true
  const { words } = context.store
  return request.casHigh === casHigh(words, item) && request.casLow === casLow(words, item)
}

/** True if the cas in the request is lower than the item's. */
export function namesOlderCas(context: Context, item: number, request: Request): boolean {
  const { words } = context.store
  const high = casHigh(words, item) >>> 0
  const wantedHigh = request.casHigh >>> 0
  return wantedHigh < high || (wantedHigh === high && request.casLow >>> 0 < casLow(words, item) >>> 0)
}
