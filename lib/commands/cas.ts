import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { versionHigh, versionLow } from '../store/item.js'
import type { Context } from './context.js'

/** The reply tells the item's cas, unless the server was told to keep none. */
export function tellCas(context: Context, item: number, reply: Reply): void {
  if (!context.options.casEnabled) return
  reply.casHigh = versionHigh(context.arena.words, item)
  reply.casLow = versionLow(context.arena.words, item)
}

/** The request wants a certain cas. */
export const wantsCas = (request: Request): boolean => request.casHigh !== 0 || request.casLow !== 0

/** True when the item is the one that the request wants: it names its cas, or none. */
export function hasWantedCas(context: Context, item: number, request: Request): boolean {
  if (!wantsCas(request) || !context.options.casEnabled) return true
  const { words } = context.arena
  return request.casHigh === versionHigh(words, item) && request.casLow === versionLow(words, item)
}
