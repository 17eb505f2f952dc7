import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Trait } from '../request/trait.js'
import { casHigh, casLow, Flag, flagsOf, setOwnCas, versionHigh, versionLow } from '../store/item.js'
import type { Context } from './context.js'

/** Flags of the item that a change with a cas of its own makes. */
export const casFlags = (request: Request): number =>
  (request.traits & Trait.OWN_CAS) === 0 ? 0 : Flag.OWN_CAS

/** Gives an item that was made with `casFlags` the cas that the request brings, if it brings one. */
export function giveCas(context: Context, item: number, request: Request): void {
  if ((request.traits & Trait.OWN_CAS) === 0) return
  setOwnCas(context.arena.words, item, request.ownCasHigh, request.ownCasLow)
}

/** The reply tells the item's cas, unless the server was told to keep none. */
export function tellCas(context: Context, item: number, reply: Reply): void {
  if (!context.options.casEnabled) return
  const { words } = context.arena
  const isOwn = (flagsOf(words, item) & Flag.OWN_CAS) !== 0
  reply.casHigh = isOwn ? casHigh(words, item) : versionHigh(words, item)
  reply.casLow = isOwn ? casLow(words, item) : versionLow(words, item)
}

/** The request wants a certain cas. */
export const wantsCas = (request: Request): boolean => (request.traits & Trait.NAMES_CAS) !== 0

/** True when the item is the one that the request wants: it names its cas, or none. */
export function hasWantedCas(context: Context, item: number, request: Request): boolean {
  if (!wantsCas(request) || !context.options.casEnabled) return true
  const { words } = context.arena
  return request.casHigh === casHigh(words, item) && request.casLow === casLow(words, item)
}

/** True when the cas that the request names is lower than the item's. */
export function namesOlderCas(context: Context, item: number, request: Request): boolean {
  const { words } = context.arena
  const high = casHigh(words, item) >>> 0
  const wantedHigh = request.casHigh >>> 0
  return wantedHigh < high || (wantedHigh === high && request.casLow >>> 0 < casLow(words, item) >>> 0)
}
