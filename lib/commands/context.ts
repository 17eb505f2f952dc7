import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../request/limits.js'
import type { Authenticator, PasswordCheck } from '../request/session.js'
import type { Store } from '../store/store.js'
import type { Watchers } from '../watch/watchers.js'
import { PrefixStatistics } from './prefix-statistics.js'
import type { ServerControl } from './server-control.js'

export interface CommandOptions {
  /** The largest item, as memcached reckons its size. */
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
  /** Whether clients may watch what others do. */
  readonly watchEnabled?: boolean
  /** Some statistics are there only with what they are about. */
  readonly idleTimeoutSeconds: number
  readonly sslEnabled: boolean
  readonly sslSessionCache: boolean
}

/** Whoever keeps changes beyond the end of the process. */
export interface ChangeGate {
  readonly isTaking: boolean
}

/** What commands have at hand. */
export class Context {
  readonly arena: Arena
  readonly store: Store
  readonly counters: Counters
  readonly options: CommandOptions
  readonly prefixes: PrefixStatistics
  /** Who may come in; undefined when everybody may. */
  readonly authenticator: Authenticator | undefined
  /** Which passwords are right; undefined when nobody is asked for one. */
  readonly passwords: PasswordCheck | undefined
  /** What statistics tell of the server around the store. */
  readonly serverControl: ServerControl
  /** Who hears of what is done; undefined where nobody can. */
  readonly watchers: Watchers | undefined
  /** Who keeps changes, and may have to refuse them; undefined when nobody does. */
  gate: ChangeGate | undefined = undefined

  constructor(
    arena: Arena,
    store: Store,
    options: CommandOptions,
    authenticator: Authenticator | undefined,
    serverControl: ServerControl,
    passwords?: PasswordCheck,
    watchers?: Watchers,
  ) {
    this.arena = arena
    this.store = store
    this.counters = store.counters
    this.options = options
    this.authenticator = authenticator
    this.serverControl = serverControl
    this.passwords = passwords
    this.watchers = watchers
    this.prefixes = new PrefixStatistics(arena, options.prefixDelimiter, options.detailEnabled)
  }

  static readonly regionLength = (workerCount: number): number => PrefixStatistics.regionLength(workerCount)

  /** An expiry as it was sent, as absolute seconds; 0 stays 0, and what is over already is over at once. */
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

  /** True when an item is larger than allowed, as memcached reckons. */
  isTooLarge(keyLength: number, valueLength: number, clientFlags: number): boolean {
    return this.itemSize(keyLength, valueLength, clientFlags) > this.options.itemSizeMax
  }
}

const LONG_AGO = 1

const ITEM_HEADER = 48
const ITEM_CAS = 8
const ITEM_FLAGS = 4
