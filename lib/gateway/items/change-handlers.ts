import { wantsCas } from '../../commands/items/cas.js'
import { expiryOfNew, tellNew } from '../../commands/items/facts.js'
import { Counter } from '../../metrics/counters.js'
import { Command } from '../../request/command.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import type { GatewayCall, GatewayHandler } from '../gateway-call.js'
import type { GatewayParts } from '../gateway-parts.js'
import { COUNT, EXTEND, REMOVE, STORE } from '../scripts/change-scripts.js'
import { ownCas, wantedCas } from './conditions.js'
import { hasFailed, isStatus, tellFacts, tellNewCas } from './fill-reply.js'
import { flagsBytes } from './item-format.js'

/** Set, add and replace. */
export const store: GatewayHandler = {
  begin(parts, call) {
    const { words, value } = call
    const invalidates = (words.traits & Trait.INVALIDATE) === 0 ? '' : 'I'
    const expiry = parts.expiryText(words.expiry)
    const flags = flagsBytes(words.clientFlags)
    const mode = MODES[words.command] ?? 'S'
    const wanted = wantedCas(parts.context, words)
    parts.run(STORE, call.key, [mode, wanted, ownCas(words), flags, expiry, invalidates, value], call)
  },
  finish(parts, call, request, reply) {
    const { counters, prefixes } = parts.context
    counters.count(Counter.cmd_set)
    if (prefixes.isEnabled) prefixes.countSet(request)
    if (hasFailed(parts, call, reply)) return
    const { result } = call
    if (isStatus(result)) reply.status = result
    if (wantsCas(request)) counters.count(CAS_COUNTERS[reply.status] ?? Counter.cas_hits)
    if (isStatus(result)) return
    counters.count(Counter.total_items)
    reply.valueLength = call.value.length
    tellNewCas(parts, result as Buffer, reply)
  },
}

const MODES: Readonly<Partial<Record<Command, string>>> = { [Command.ADD]: 'A', [Command.REPLACE]: 'R' }

const CAS_COUNTERS: Readonly<Partial<Record<Status, number>>> = {
  [Status.NOT_FOUND]: Counter.cas_misses,
  [Status.EXISTS]: Counter.cas_badval,
}

/** Append and prepend. */
export const extend: GatewayHandler = {
  begin(parts, call) {
    const { context } = parts
    const { words, value, key } = call
    const mode = words.command === Command.APPEND ? 'A' : 'P'
    const ownLengthMax = context.options.itemSizeMax - context.itemSize(key.length, 0, 0)
    const lengthMax = String(Math.min(ownLengthMax, parts.valueLengthMax))
    const vivifies = (words.traits & Trait.VIVIFY) === 0 ? '' : 'V'
    const flags = flagsBytes(words.clientFlags)
    const wanted = wantedCas(context, words)
    const expiry = parts.expiryText(words.expiry)
    parts.run(EXTEND, key, [mode, wanted, ownCas(words), lengthMax, vivifies, flags, expiry, value], call)
  },
  finish(parts, call, request, reply) {
    const { counters, prefixes } = parts.context
    counters.count(Counter.cmd_set)
    if (prefixes.isEnabled) prefixes.countSet(request)
    if (hasFailed(parts, call, reply)) return
    if (isStatus(call.result)) {
      reply.status = call.result
      return
    }
    const result = call.result as Buffer
    counters.count(Counter.total_items)
    reply.valueLength = result.readUInt32BE(8)
    tellNewCas(parts, result, reply)
  },
}

export const count: GatewayHandler = {
  begin(parts, call) {
    const { words } = call
    const { traits } = words
    const isMeta = (traits & Trait.META) !== 0
    const initial = words.createsCounter ? String(bigOf(words.initialHigh, words.initialLow)) : ''
    const expiry = parts.expiryText(isMeta ? expiryOfNew(words) : words.expiry)
    const newExpiry = (traits & Trait.TOUCH) === 0 ? '' : parts.expiryText(words.expiry)
    const delta = [String(words.deltaHigh >>> 0), String(words.deltaLow >>> 0)]
    const sign = words.command === Command.INCREMENT ? '+' : '-'
    const wanted = wantedCas(parts.context, words)
    parts.run(COUNT, call.key, [sign, wanted, ownCas(words), ...delta, initial, expiry, newExpiry], call)
  },
  finish(parts, call, request, reply) {
    if (hasFailed(parts, call, reply)) return
    const { counters } = parts.context
    const isIncrement = request.command === Command.INCREMENT
    if (isStatus(call.result)) {
      reply.status = call.result
      if (reply.status === Status.NOT_FOUND)
        counters.count(isIncrement ? Counter.incr_misses : Counter.decr_misses)
      return
    }
    const [isNew, leftMs, head, digits, cas] = call.result as [number, number, Buffer, Buffer, Buffer]
    if (isNew === 1) counters.count(Counter.total_items)
    else counters.count(isIncrement ? Counter.incr_hits : Counter.decr_hits)
    if (isNew === 1) tellNew(parts.context, reply)
    else tellFacts(parts, head, leftMs, reply)
    reply.hasNumber = true
    const number = BigInt(digits.toString('latin1'))
    reply.numberHigh = Number(BigInt.asIntN(32, number >> 32n))
    reply.numberLow = Number(BigInt.asIntN(32, number))
    tellNewCas(parts, cas, reply)
  },
}

/** A plain DEL of the engine would report data of others as a deleted item. */
export const remove: GatewayHandler = {
  begin(parts, call) {
    const { words, key } = call
    const { traits } = words
    const expiry = (traits & Trait.TOUCH) === 0 ? '' : parts.expiryText(words.expiry)
    const flags = flagsBytes(words.clientFlags)
    const wanted = wantedCas(parts.context, words)
    parts.run(REMOVE, key, [howToRemove(words), wanted, ownCas(words), expiry, flags], call)
  },
  finish(parts, call, request, reply) {
    const { counters, prefixes } = parts.context
    if (prefixes.isEnabled) prefixes.countDelete(request)
    if (hasFailed(parts, call, reply)) return
    reply.status = call.result as Status
    const isMeta = (request.traits & Trait.META) !== 0
    if (reply.status === Status.OK && (request.traits & Trait.INVALIDATE) === 0) {
      counters.count(Counter.delete_hits)
    } else if (reply.status === Status.NOT_FOUND || (reply.status === Status.EXISTS && isMeta)) {
      counters.count(Counter.delete_misses)
    }
  },
}

function howToRemove({ traits }: Request): string {
  const letters = ((traits & Trait.INVALIDATE) === 0 ? '' : 'I') + ((traits & Trait.EMPTY) === 0 ? '' : 'E')
  return letters === '' ? 'D' : letters
}

/** A value that was refused: if the old one must not stay, it is deleted. */
export const removeOutdated: GatewayHandler = {
  begin(parts: GatewayParts, call: GatewayCall) {
    const { status } = call
    parts.router.send(parts.changing('del', call.key), {
      replied: () => call.settle(status),
      failed: (failure) => call.failed(failure),
    })
  },
  finish: (_parts, call, _request, reply: Reply) => {
    reply.status = call.status
  },
}

const bigOf = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
