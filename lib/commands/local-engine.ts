import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import { Command } from '../request/command.js'
import type { Engine, PartialValue } from '../request/engine.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../request/limits.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import type { Authenticator } from '../request/session.js'
import { Status } from '../request/status.js'
import type { Store } from '../store/store.js'
import { COMMANDS } from './command-table.js'
import { PrefixStatistics } from './prefix-statistics.js'
import { refuseWithoutMemory, stageValue } from './set.js'
import type { Surroundings } from './surroundings.js'

export interface EngineOptions {
  /** The largest item, as memcached reckons its size. */
  readonly itemSizeMax: number
  readonly casEnabled: boolean
  readonly flushEnabled: boolean
  /** The first of these characters in a key ends its prefix. */
  readonly prefixDelimiter: string
  readonly detailEnabled: boolean
}

/** Carries out requests on a store in this process. */
export class LocalEngine implements Engine {
  readonly arena: Arena
  readonly store: Store
  readonly counters: Counters
  readonly options: EngineOptions
  readonly prefixes: PrefixStatistics
  /** Who may come in; undefined when everybody may. */
  readonly authenticator: Authenticator | undefined
  /** What statistics tell of the server around the store. */
  readonly surroundings: Surroundings

  constructor(
    arena: Arena,
    store: Store,
    options: EngineOptions,
    authenticator: Authenticator | undefined,
    surroundings: Surroundings,
  ) {
    this.arena = arena
    this.store = store
    this.counters = store.counters
    this.options = options
    this.authenticator = authenticator
    this.surroundings = surroundings
    this.prefixes = new PrefixStatistics(options.prefixDelimiter, options.detailEnabled)
  }

  execute(request: Request, reply: Reply): void {
    reply.reset()
    if (this.mayExecute(request, reply)) COMMANDS[request.command](this, request, reply)
  }

  stage(request: Request, reply: Reply): PartialValue | undefined {
    reply.reset()
    return this.mayExecute(request, reply) ? stageValue(this, request, reply) : undefined
  }

  fail(request: Request, reply: Reply): void {
    reply.reset()
    refuseWithoutMemory(this, request, reply)
    request.staged?.discard()
    this.store.release()
  }

  release(): void {
    this.store.release()
  }

  refreshClock(): void {
    this.store.refreshClock()
  }

  get mayPin(): boolean {
    return this.store.mayPin
  }

  pin(start: number): void {
    this.store.pin(start)
  }

  unpin(start: number): void {
    this.store.unpin(start)
  }

  /** An expiry as it was sent, as absolute seconds; 0 stays 0, and what is over already is over at once. */
  absoluteTime(expiry: number): number {
    if (expiry === 0) return 0
    if (expiry < 0) return LONG_AGO
    return expiry <= RELATIVE_EXPIRY_MAX_SECONDS ? this.store.clock.now + expiry : expiry
  }

  /** True when an item is larger than allowed, by the sizes that memcached's own items would have. */
  isTooLarge(keyLength: number, valueLength: number, clientFlags: number): boolean {
    const header =
      ITEM_HEADER + (this.options.casEnabled ? ITEM_CAS : 0) + (clientFlags === 0 ? 0 : ITEM_FLAGS)
    return header + keyLength + 1 + valueLength + 2 > this.options.itemSizeMax
  }

  private mayExecute(request: Request, reply: Reply): boolean {
    if (
      this.authenticator !== undefined &&
      !request.session.isAuthenticated &&
      !isOpenToAll(request.command)
    ) {
      reply.status = Status.UNAUTHENTICATED
    } else if (request.refusal !== Status.OK) {
      reply.status = request.refusal
    } else {
      return true
    }
    reply.isLast = true
    return false
  }
}

/** What a connection may ask before it has logged in. */
const isOpenToAll = (command: Command): boolean =>
  command === Command.SASL_START ||
  command === Command.SASL_STEP ||
  command === Command.SASL_MECHANISMS ||
  command === Command.VERSION

const LONG_AGO = 1

const ITEM_HEADER = 48
const ITEM_CAS = 8
const ITEM_FLAGS = 4
