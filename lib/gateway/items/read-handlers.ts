import { wantsCas } from '../../commands/items/cas.js'
import { expiryOfNew, tellNew } from '../../commands/items/facts.js'
import { Counter } from '../../metrics/counters.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import type { GatewayCall, GatewayHandler } from '../gateway-call.js'
import type { GatewayParts } from '../gateway-parts.js'
import { DESCRIBE, META_GET, TOUCH } from '../scripts/read-scripts.js'
import { ownCas } from './conditions.js'
import { giveItem, hasFailed, isStatus, tellCas, tellFacts } from './fill-reply.js'
import { casHighOf, casLowOf, clientFlagsOf, isItem, Mark, marksOf } from './item-format.js'

/** A plain GET of the engine. */
export const get: GatewayHandler = {
  begin: beginGet,
  finish(parts, call, request, reply) {
    if (hasFailed(parts, call, reply)) return
    const { counters, prefixes } = parts.context
    counters.count(Counter.cmd_get)
    const item = foundItem(call.result)
    if (prefixes.isEnabled) prefixes.countGet(request, item !== undefined)
    counters.count(item === undefined ? Counter.get_misses : Counter.get_hits)
    if (item === undefined) reply.status = Status.NOT_FOUND
    else giveItem(parts, item, reply)
  },
}

export const touch: GatewayHandler = {
  begin: (parts, call) => parts.run(TOUCH, call.key, [parts.expiryText(call.words.expiry), ''], call),
  finish(parts, call, _request, reply) {
    const item = touchedItem(parts, call, reply)
    if (item === undefined) return
    reply.hasItem = true
    reply.clientFlags = clientFlagsOf(item)
    tellCas(parts, item, reply)
  },
}

export const getAndTouch: GatewayHandler = {
  begin: (parts, call) => parts.run(TOUCH, call.key, [parts.expiryText(call.words.expiry), 'V'], call),
  finish(parts, call, request, reply) {
    const item = touchedItem(parts, call, reply)
    const { prefixes } = parts.context
    if (prefixes.isEnabled && call.status === Status.OK) prefixes.countGet(request, item !== undefined)
    if (item !== undefined) giveItem(parts, item, reply)
  },
}

/** Without anything that changes the item, a plain GET; and again by a script if the item is stale, and no client renews it. */
export const metaGet: GatewayHandler = {
  changes: needsScript,
  begin(parts, call) {
    if (call.isChange) {
      beginMetaGet(parts, call)
      return
    }
    beginGet(parts, call, {
      replied(result) {
        const item = foundItem(result)
        const isForTheTaking = item !== undefined && (marksOf(item) & RENEWAL) === Mark.STALE
        if (isForTheTaking) beginMetaGet(parts, call)
        else call.replied(item === undefined ? Status.NOT_FOUND : [0, NEVER, item])
      },
      failed: (status) => call.failed(status),
    })
  },
  finish(parts, call, request, reply) {
    if (hasFailed(parts, call, reply)) return
    const { counters } = parts.context
    const isTouch = (request.traits & Trait.TOUCH) !== 0
    if (isStatus(call.result)) {
      counters.count(Counter.cmd_get)
      counters.count(Counter.get_misses)
      reply.status = call.result
      return
    }
    counters.count(isTouch ? Counter.cmd_touch : Counter.cmd_get)
    counters.count(isTouch ? Counter.touch_hits : Counter.get_hits)
    const [outcome, leftMs, item] = call.result as [number, number, Buffer]
    if ((outcome & NEW) !== 0) {
      tellNew(parts.context, reply)
    } else {
      tellFacts(parts, item, leftMs, reply)
      reply.item.isWon = (outcome & WON) !== 0
      reply.item.isKnown = wantsCas(request) && hasCas(parts, item, request)
    }
    giveItem(parts, item, reply)
  },
}

export const describe: GatewayHandler = {
  begin: (parts, call) => parts.run(DESCRIBE, call.key, [], call),
  finish(parts, call, request, reply) {
    if (hasFailed(parts, call, reply)) return
    const { context } = parts
    context.counters.count(Counter.cmd_meta)
    if (isStatus(call.result)) {
      reply.status = call.result
      return
    }
    const [leftMs, item, valueLength] = call.result as [number, Buffer, number]
    tellFacts(parts, item, leftMs, reply)
    tellCas(parts, item, reply)
    reply.valueLength = context.itemSize(request.keyEnd - request.keyStart, valueLength, clientFlagsOf(item))
  },
}

function beginGet(
  parts: GatewayParts,
  call: GatewayCall,
  listener: Pick<GatewayCall, 'replied' | 'failed'> = call,
): void {
  const command = parts.reading('get', call.key)
  if (parts.gets === undefined) parts.router.send(command, listener)
  else parts.gets.send(call.key, command, listener)
}

function beginMetaGet(parts: GatewayParts, call: GatewayCall): void {
  const { words } = call
  const { traits } = words
  const expiry = (traits & Trait.TOUCH) === 0 ? '' : parts.expiryText(words.expiry)
  const vivify = (traits & Trait.VIVIFY) === 0 ? '' : parts.expiryText(expiryOfNew(words))
  const recache = (traits & Trait.RECACHE) === 0 ? '' : String(recacheSeconds(parts, words.recacheExpiry))
  const unseen = (traits & Trait.UNSEEN) === 0 ? '' : 'U'
  const first = (traits & Trait.TOUCH_FIRST) === 0 ? '' : 'F'
  parts.run(META_GET, call.key, [expiry, vivify, recache, ownCas(words), unseen + first], call)
}

/** Before how many seconds from now an item must expire to be renewed. */
function recacheSeconds({ context }: GatewayParts, expiry: number): number {
  return expiry > RELATIVE_EXPIRY_MAX_SECONDS ? expiry - context.store.clock.now : expiry
}

/** A request that does not come from a client asks for the time left, too. */
function needsScript(call: GatewayCall): boolean {
  if ((call.words.traits & Trait.META) === 0) return true
  return (call.words.traits & SCRIPTED) !== 0 || TELLING.test(call.flagsText)
}

const SCRIPTED = Trait.TOUCH | Trait.VIVIFY | Trait.RECACHE
/** The flags t, h and l: the time left is not in the item, and the others record a read. */
const TELLING = /(?:^| )[thl]/
const RENEWAL = Mark.STALE | Mark.TOKEN_SENT
const NEVER = -1
/** Bits of the first result of META_GET. */
const NEW = 1
const WON = 2

function hasCas({ context }: GatewayParts, item: Buffer, request: Request): boolean {
  if (!context.options.casEnabled) return true
  return casHighOf(item) === request.casHigh && casLowOf(item) === request.casLow
}

/** Undefined for a missing key, and for data that is not an item. */
const foundItem = (result: unknown): Buffer | undefined =>
  Buffer.isBuffer(result) && isItem(result) ? result : undefined

function touchedItem(parts: GatewayParts, call: GatewayCall, reply: Reply): Buffer | undefined {
  if (hasFailed(parts, call, reply)) return undefined
  const { counters } = parts.context
  const { result } = call
  counters.count(Counter.cmd_touch)
  counters.count(isStatus(result) ? Counter.touch_misses : Counter.touch_hits)
  if (!isStatus(result)) return result as Buffer
  reply.status = result
  return undefined
}
