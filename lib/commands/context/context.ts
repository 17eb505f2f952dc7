import type { Arena } from '../../arena/arena.js'
import type { Feed } from '../../feed/feed.js'
import type { Counters } from '../../metrics/counters.js'
import type { Insight } from '../../metrics/insight.js'
import { KEY_LENGTH_MAX, RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'
import type { Authenticator, PasswordCheck } from '../../request/session.js'
import type { Store } from '../../store/store.js'
import type { Watchers } from '../../watch/watchers.js'
import { PrefixStatistics } from './prefix-statistics.js'
import type { ServerControl } from './server-control.js'

export interface CommandOptions {
  /** The largest item, in memcached's measure of its size. */
  readonly itemSizeMax: number
  readonly casEnabled: boolean
  readonly flushEnabled: boolean
  /** The first of these characters in a key ends its prefix. */
  readonly prefixDelimiter: string
  readonly detailEnabled: boolean
  /** Whether clients may list all keys. */
  readonly dumpEnabled: boolean
  /** Whether clients may end the server. */
  readonly shutdownEnabled: boolean
  /** Whether clients may move the clock. */
  readonly debugTime: boolean
  /** Whether clients may watch what other clients do. */
  readonly watchEnabled?: boolean
  /** Some statistics are shown only with the feature that they are about. */
  readonly idleTimeoutSeconds: number
  readonly sslEnabled: boolean
  readonly sslSessionCache: boolean
}

/** Keeps changes beyond the end of the process. */
export interface ChangeGate {
  /** False: a change is refused. On a full disk, one that only removes may still be accepted. */
  readonly isTaking: boolean
  readonly isTakingRemovals: boolean
  /** Flushes are accepted longer than other removals. */
  readonly isTakingFlushes: boolean
}

/** Everything that commands may use. */
export class Context {
  readonly arena: Arena
  readonly store: Store
  readonly counters: Counters
  readonly options: CommandOptions
  readonly prefixes: PrefixStatistics
  /** The mechanisms for logins; undefined without logins. */
  readonly authenticator: Authenticator | undefined
  /** The check of passwords; undefined if none are required. */
  readonly passwords: PasswordCheck | undefined
  /** What statistics show of the server around the store. */
  readonly serverControl: ServerControl
  /** Receives events of commands; undefined if watching is not possible. */
  readonly watchers: Watchers | undefined
  /** The feed of changes; undefined if they are not recorded. */
  readonly feed: Feed | undefined
  /** Observes how long requests take, and which keys they are about; undefined if nobody is to be shown that. */
  readonly insight: Insight | undefined
  /** Keeps changes, and may have to refuse them; undefined if nothing is kept. */
  gate: ChangeGate | undefined = undefined
  /** Values up to this length are not too large, and fit into one range, whatever their keys and flags. */
  readonly ordinaryLengthMax: number

  constructor(
    arena: Arena,
    store: Store,
    options: CommandOptions,
    authenticator: Authenticator | undefined,
    serverControl: ServerControl,
    passwords?: PasswordCheck,
    watchers?: Watchers,
    feed?: Feed,
    insight?: Insight,
  ) {
    this.arena = arena
    this.store = store
    this.counters = store.counters
    this.options = options
    this.authenticator = authenticator
    this.serverControl = serverControl
    this.passwords = passwords
    this.watchers = watchers
    this.feed = feed
    this.insight = insight
    this.prefixes = new PrefixStatistics(arena, options.prefixDelimiter, options.detailEnabled)
    this.ordinaryLengthMax = Math.min(
      options.itemSizeMax - this.itemSize(KEY_LENGTH_MAX, 0, 1),
      store.items.shortLengthMax - KEY_LENGTH_MAX,
    )
  }

  static readonly regionLength = (workerCount: number): number => PrefixStatistics.regionLength(workerCount)

  /** An expiry as sent, in absolute seconds; 0 stays 0, and one that has passed expires the item at once. */
  absoluteTime(expiry: number): number {
    if (expiry === 0) return 0
    if (expiry < 0) return LONG_AGO
    return expiry <= RELATIVE_EXPIRY_MAX_SECONDS ? this.store.clock.now + expiry : expiry
  }

  /** The size that memcached's own item would have. */
  itemSize(keyLength: number, valueLength: number, clientFlags: number): number {
    const header =
      ITEM_HEADER + (this.options.casEnabled ? ITEM_CAS : 0) + (clientFlags === 0 ? 0 : ITEM_FLAGS)
    return header + keyLength + 1 + valueLength + 2
  }

  /** True if an item is larger than allowed, in memcached's measure. */
  isTooLarge(keyLength: number, valueLength: number, clientFlags: number): boolean {
    return this.itemSize(keyLength, valueLength, clientFlags) > this.options.itemSizeMax
  }
}

const LONG_AGO = 1

const ITEM_HEADER = 48
const ITEM_CAS = 8
const ITEM_FLAGS = 4
