import type { Key } from '../commands/command-options.js'
import type { Terms } from './get-or-set-options.js'

/** The reply of a server to a caller that asks for a value and could load it. */
export interface Lease {
  /**
   * `fresh`: there is a value. `ours`: this caller has to load it, alone. `others`: another caller loads it. In the latter
   * two there may be an old value.
   */
  readonly state: 'fresh' | 'ours' | 'others'
  /** Undefined: none. */
  readonly value: unknown
  /** Of the item that the loaded value replaces; 0n: there was none, or the server has no cas (-C). */
  readonly cas: bigint
  /** Until the item expires, at least 1; 0: never. */
  readonly secondsLeft: number
  /** On the clock of `performance`: until then no other caller gets the lease. */
  readonly endMs: number
}

/** How one caller among all processes is chosen. */
export interface Leases {
  take(key: Key, terms: Terms): Promise<Lease>
  /** Stores what was loaded, unless the item has changed meanwhile, and ends the lease. */
  store(key: Key, value: unknown, lease: Lease, terms: Terms): Promise<void>
  /** Ends the lease without a value: another caller may try. */
  free(key: Key, lease: Lease, terms: Terms): Promise<void>
}

/** Servers count whole seconds: a lease may end so much earlier than it says. */
const GRANULARITY_MS = 1000

export const leaseEndMs = (startMs: number, { lockSeconds }: Terms): number =>
  startMs + lockSeconds * 1000 - GRANULARITY_MS
