import { RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'
import { ClientError } from '../client-error.js'
import { expiryOf, isPast, type Ttl } from '../ttl.js'

/** How long a lock is surely held, if its server does not lose it. Throws BAD_TTL. */
export function heldMs(ttl: Ttl): number {
  const nowMs = Date.now()
  const expiry = expiryOf(ttl, nowMs)
  if (expiry === 0)
    throw new ClientError('BAD_TTL', 'a lock has a ttl: nobody else frees it if its holder dies')
  if (isPast(expiry)) throw new ClientError('BAD_TTL', 'a lock has a ttl that has not passed')
  const lengthMs = expiry <= RELATIVE_EXPIRY_MAX_SECONDS ? expiry * 1000 : expiry * 1000 - nowMs
  return lengthMs - GRANULARITY_MS
}

/** Servers count whole seconds, and expire an item up to one too early. */
const GRANULARITY_MS = 1000
