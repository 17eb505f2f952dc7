import { absoluteExpiry } from '../../client/ttl.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'

/** An item as a server has returned it. */
export interface CopiedItem {
  readonly value: Buffer
  readonly flags: number
  /** 0 if the server keeps none. */
  readonly cas: bigint
  /** Seconds that are left; NEVER; undefined if the protocol does not tell. */
  readonly ttl: number | undefined
  /** A client has marked it as out of date (meta), and the next one is to renew it. */
  readonly isStale: boolean
  /** When it was asked for: it was not read before. */
  readonly askedMs: number
}

export const NEVER = -1
/** As the protocols have it. */
const NO_EXPIRY = 0

/**
 * The expiry for a store, which is sent now; undefined if the item has expired meanwhile. What has passed counts from when the
 * item was asked for: it rather expires too early by the time of a reply than too late.
 */
export function expiryOf({ ttl, askedMs }: CopiedItem, nowMs: number, wallMs: number): number | undefined {
  if (ttl === NEVER || ttl === undefined) return NO_EXPIRY
  const left = ttl - Math.floor((nowMs - askedMs) / 1000)
  // An expiry of 0 would mean never.
  if (left <= 0) return undefined
  if (left <= RELATIVE_EXPIRY_MAX_SECONDS) return left
  return absoluteExpiry((Math.floor(wallMs / 1000) + left) * 1000, wallMs)
}
