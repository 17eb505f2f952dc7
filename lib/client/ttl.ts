import { RELATIVE_EXPIRY_MAX_SECONDS } from '../request/limits.js'
import { ClientError } from './client-error.js'

/**
 * How long an item lives: seconds, a text such as '5m', '1h30m' or '500ms', or the time when it expires. Parts of a second
 * are rounded up. 0 or undefined: it never expires.
 */
export type Ttl = number | string | Date

/**
 * The expiry as on the wire. Up to 30 days it is seconds from now, which does not depend on this machine's clock; beyond, and
 * for a Date, it is an absolute time. The clock (`nowMs`) is read only where it is needed.
 */
export function expiryOf(ttl: Ttl | undefined, nowMs?: number): number {
  if (ttl === undefined) return NEVER
  if (typeof ttl === 'number') return afterSeconds(ttl, ttl, nowMs)
  if (typeof ttl === 'string') return afterSeconds(secondsOf(ttl), ttl, nowMs)
  // By its brand, for Dates of another realm.
  if (Object.prototype.toString.call(ttl) !== '[object Date]') throw badTtl(ttl)
  const atMs = ttl.getTime()
  if (Number.isNaN(atMs)) throw badTtl(ttl)
  const now = nowMs ?? Date.now()
  return atMs <= now ? AT_ONCE : absoluteExpiry(atMs, now)
}

/** Whether it is a Date that has passed: an item with this expiry is gone at once. */
export const isPast = (expiry: number): boolean => expiry === AT_ONCE

/** A delay of a flush as on the wire. A Date that has passed is now: memcached flushes nothing for a time before its start. */
export function delayOf(delay: Ttl, nowMs?: number): number {
  const expiry = expiryOf(delay, nowMs)
  return isPast(expiry) ? NOW : expiry
}

function afterSeconds(given: number, ttl: Ttl, nowMs: number | undefined): number {
  if (!(given >= 0 && given < Number.POSITIVE_INFINITY)) throw badTtl(ttl)
  const seconds = Math.ceil(given)
  if (seconds <= RELATIVE_EXPIRY_MAX_SECONDS) return seconds
  const now = nowMs ?? Date.now()
  return absoluteExpiry(now + seconds * MS_PER_SECOND, now)
}

/** A time that is too late to be sent becomes the last one, or seconds from now if those are longer: in 2038 the last time passes. */
export function absoluteExpiry(atMs: number, nowMs: number): number {
  const seconds = Math.ceil(atMs / MS_PER_SECOND)
  const isLastSoon = ABSOLUTE_MAX_SECONDS - nowMs / MS_PER_SECOND < RELATIVE_EXPIRY_MAX_SECONDS
  if (seconds <= ABSOLUTE_MAX_SECONDS || !isLastSoon) return Math.min(seconds, ABSOLUTE_MAX_SECONDS)
  return Math.min(Math.ceil((atMs - nowMs) / MS_PER_SECOND), RELATIVE_EXPIRY_MAX_SECONDS)
}

/** Sums numbers with units, such as '1h30m'. NaN if the text is something else. Allocates nothing. */
function secondsOf(text: string): number {
  const { length } = text
  let ms = 0
  let index = 0
  if (length === 0) return Number.NaN
  while (index < length) {
    const digitsStart = index
    let count = 0
    while (index < length && isDigit(text.charCodeAt(index)))
      count = count * 10 + text.charCodeAt(index++) - ZERO
    if (index === digitsStart) return Number.NaN
    const unit = unitAt(text, index)
    if (unit === undefined) return Number.NaN
    ms += count * unit.ms
    index += unit.name.length
  }
  return ms / MS_PER_SECOND
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE

function unitAt(text: string, index: number): Unit | undefined {
  for (const unit of UNITS) if (text.startsWith(unit.name, index)) return unit
  return undefined
}

function badTtl(ttl: unknown): ClientError {
  // Other types may not have a text at all.
  const given =
    typeof ttl === 'string'
      ? JSON.stringify(ttl.slice(0, SHOWN_LENGTH_MAX))
      : typeof ttl === 'number'
        ? `${ttl}`
        : `of type ${typeof ttl}`
  return new ClientError(
    'BAD_TTL',
    `a ttl is seconds from 0 on, a text such as '5m' or '1h30m', or a Date; not ${given}`,
  )
}

interface Unit {
  readonly name: string
  readonly ms: number
}

const MS_PER_SECOND = 1000
/** 'ms' comes before 'm', with which it begins. */
const UNITS: readonly Unit[] = [
  { name: 'ms', ms: 1 },
  { name: 's', ms: MS_PER_SECOND },
  { name: 'm', ms: 60 * MS_PER_SECOND },
  { name: 'h', ms: 60 * 60 * MS_PER_SECOND },
  { name: 'd', ms: 24 * 60 * 60 * MS_PER_SECOND },
  { name: 'w', ms: 7 * 24 * 60 * 60 * MS_PER_SECOND },
]

const NEVER = 0
/** Of a delay. */
const NOW = 0
/** An absolute time that is long over: over binary, a negative number is one in the far future. */
const AT_ONCE = RELATIVE_EXPIRY_MAX_SECONDS + 1
/** memcached reads an expiry as a signed number of 32 bits. An item may expire early, but never late. */
const ABSOLUTE_MAX_SECONDS = 0x7fff_ffff
const ZERO = 0x30
const NINE = 0x39
const SHOWN_LENGTH_MAX = 40
