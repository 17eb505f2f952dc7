import * as ascii from '../../arena/ascii.js'
import { digitCount, Halves, readDecimal, writeDecimal } from '../../arena/decimal.js'
import { Counter } from '../../metrics/counters.js'
import { Command } from '../../request/command.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import {
  expiryOf,
  Flag,
  flagsOf,
  isLong,
  MISSING,
  valueLengthOf,
  valueStartOf,
} from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { casFlags, giveCas, hasWantedCas, tellCas } from './cas.js'
import { expiryOfNew, tellFacts, tellNew } from './facts.js'
import { beginCopy, TRIES_MAX } from './writing/copy.js'
import { draftCopy, draftNew } from './writing/drafts.js'
import { refuseWithoutMemory } from './writing/refusal.js'

const { SPACE } = ascii

/** Adds, and wraps to 0 beyond 64 bits. */
export function increment(context: Context, request: Request, reply: Reply): void {
  change(context, request, reply)
}

/** Subtracts, and stops at 0. */
export function decrement(context: Context, request: Request, reply: Reply): void {
  change(context, request, reply)
}

/** The counter that is being changed: one at a time, so there is one record. */
const number = new Halves()

function change(context: Context, request: Request, reply: Reply): void {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const item = context.store.lock(request.keyStart, request.keyEnd - request.keyStart)
    const isDone =
      item === MISSING ? createCounter(context, request, reply) : changeCounter(context, request, reply, item)
    if (isDone) return
  }
  refuseWithoutMemory(context, request, reply)
}

/** False if another worker has changed the item meanwhile. */
function changeCounter(context: Context, request: Request, reply: Reply, item: number): boolean {
  const { store, counters } = context
  const { words, bytes } = store
  const start = valueStartOf(words, item)
  const length = valueLengthOf(words, item)
  reply.status = whyNot(context, request, item, start, length)
  if (reply.status !== Status.OK) return true
  compute(request)
  if (request.traits !== 0) tellFacts(context, item, reply)
  const before = expiryOf(words, item)
  const expiry = (request.traits & Trait.TOUCH) === 0 ? before : context.absoluteTime(request.expiry)
  const fits = digitCount(number.high, number.low) <= length
  let changed = item
  if (
    fits &&
    store.isChangeable(item) &&
    casFlags(request) === 0 &&
    (expiry === before || store.giveExpiry(item, expiry))
  ) {
    writeCounter(bytes, start, length)
    store.renew(item)
  } else {
    const draft = draftCopy(context, request, item)
    draft.valueLength = fits ? length : digitCount(number.high, number.low)
    draft.expiry = expiry
    // In memcached a number that still fits leaves the same item.
    draft.moreFlags = casFlags(request) | (fits ? flagsOf(words, item) & SAME_FLAGS : 0)
    const copy = beginCopy(context, item)
    if (copy === 'changed') return false
    if (copy === 'full') {
      refuseWithoutMemory(context, request, reply)
      return true
    }
    writeCounter(bytes, valueStartOf(words, copy.item), draft.valueLength)
    giveCas(context, copy.item, request)
    store.publish(copy.item, copy.original)
    changed = copy.item
  }
  counters.count(request.command === Command.INCREMENT ? Counter.incr_hits : Counter.decr_hits)
  tellNumber(context, changed, reply)
  return true
}

/** Checks the item in memcached's order: whether it exists, then the cas, then the digits. */
function whyNot(context: Context, request: Request, item: number, start: number, length: number): Status {
  const { words, bytes } = context.store
  if (length === 0) return Status.NOT_A_NUMBER
  if (!hasWantedCas(context, item, request)) return Status.EXISTS
  const isNumber = !isLong(words, item) && readCounter(bytes, start, start + length)
  return isNumber ? Status.OK : Status.NOT_A_NUMBER
}

/** A missing counter is created with the initial value, if the request has one. */
function createCounter(context: Context, request: Request, reply: Reply): boolean {
  const { store, counters } = context
  if (!request.createsCounter) {
    counters.count(request.command === Command.INCREMENT ? Counter.incr_misses : Counter.decr_misses)
    reply.status = Status.NOT_FOUND
    return true
  }
  const { keyStart } = request
  const keyLength = request.keyEnd - keyStart
  const isMeta = (request.traits & Trait.META) !== 0
  number.high = request.initialHigh
  number.low = request.initialLow
  const digits = digitCount(number.high, number.low)
  store.release()
  const expiry = isMeta ? context.absoluteTime(expiryOfNew(request)) : context.absoluteTime(request.expiry)
  draftNew(context, request, digits, expiry)
  if (!store.makeRoom()) {
    refuseWithoutMemory(context, request, reply)
    return true
  }
  if (store.lock(keyStart, keyLength) !== MISSING) {
    store.release()
    return false
  }
  const item = store.create()
  giveCas(context, item, request)
  writeCounter(store.bytes, valueStartOf(store.words, item), digits)
  store.publish(item, MISSING)
  if (isMeta) tellNew(context, reply)
  tellNumber(context, item, reply)
  return true
}

function tellNumber(context: Context, item: number, reply: Reply): void {
  reply.hasNumber = true
  reply.numberHigh = number.high
  reply.numberLow = number.low
  tellCas(context, item, reply)
}

/** A number as memcached reads one: white space and a plus before it, white space or a NUL behind it. */
function readCounter(bytes: Uint8Array, start: number, end: number): boolean {
  let first = start
  while (first < end && isSpace(bytes[first]!)) first++
  if (first < end && bytes[first] === PLUS) first++
  let last = first
  while (last < end && !isSpace(bytes[last]!) && bytes[last] !== 0) last++
  return readDecimal(bytes, first, last, number)
}

/** A value keeps its length if possible: spaces follow shorter digits. */
function writeCounter(bytes: Uint8Array, start: number, length: number): void {
  const digits = writeDecimal(bytes, start, number.high, number.low)
  for (let at = start + digits; at < start + length; at++) bytes[at] = SPACE
}

function compute(request: Request): void {
  if (request.command === Command.INCREMENT) {
    const low = (number.low >>> 0) + (request.deltaLow >>> 0)
    number.high = (number.high + request.deltaHigh + (low > LOW_MAX ? 1 : 0)) | 0
    number.low = low | 0
    return
  }
  const isLess =
    number.high >>> 0 < request.deltaHigh >>> 0 ||
    (number.high === request.deltaHigh && number.low >>> 0 < request.deltaLow >>> 0)
  if (isLess) {
    number.high = 0
    number.low = 0
    return
  }
  const borrow = number.low >>> 0 < request.deltaLow >>> 0 ? 1 : 0
  number.high = (number.high - request.deltaHigh - borrow) | 0
  number.low = (number.low - request.deltaLow) | 0
}

const isSpace = (byte: number): boolean => byte === SPACE || (byte >= 0x09 && byte <= 0x0d)

const SAME_FLAGS = Flag.FETCHED | Flag.STALE | Flag.TOKEN_SENT

const PLUS = 0x2b
const LOW_MAX = 0xffff_ffff
