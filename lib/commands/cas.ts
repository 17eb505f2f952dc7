import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { versionHigh, versionLow } from '../store/item.js'
import type { LocalEngine } from './local-engine.js'

/** The reply tells the item's cas, unless the server was told to keep none. */
export function tellCas(engine: LocalEngine, item: number, reply: Reply): void {
  if (!engine.options.casEnabled) return
  reply.casHigh = versionHigh(engine.arena.words, item)
  reply.casLow = versionLow(engine.arena.words, item)
}

/** The request wants a certain cas. */
export const wantsCas = (request: Request): boolean => request.casHigh !== 0 || request.casLow !== 0

/** True when the item is the one that the request wants: it names its cas, or none. */
export function hasWantedCas(engine: LocalEngine, item: number, request: Request): boolean {
  if (!wantsCas(request) || !engine.options.casEnabled) return true
  const { words } = engine.arena
  return request.casHigh === versionHigh(words, item) && request.casLow === versionLow(words, item)
}
