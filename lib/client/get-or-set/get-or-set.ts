import { setTimeout as sleep } from 'node:timers/promises'
import { ClientError, type ClientErrorCode } from '../client-error.js'
import type { Key } from '../commands/command-options.js'
import type { Commands } from '../commands/commands.js'
import { copyOfKey } from '../copy-of-key.js'
import type { Ttl } from '../ttl.js'
import { waitingMs } from '../waiting-ms.js'
import { Flight } from './flight.js'
import { type GetOrSetOptions, type Load, type Terms, termsOf } from './get-or-set-options.js'
import type { Lease, Leases } from './leases.js'
import { LockLeases } from './lock-leases.js'
import { MetaLeases } from './meta-leases.js'

/** One caller's wish, complete. */
interface Wish<Value> {
  readonly key: Key
  readonly load: Load<Value>
  readonly terms: Terms
  readonly options: GetOrSetOptions
}

/**
 * Gets values, and loads those that are missing: one caller of all processes loads, the others wait for it or get the old
 * value. Callers of this process that want one key at a time are one caller.
 */
export class GetOrSet {
  private readonly leases: Leases
  private readonly flights = new Map<string, Flight<unknown>>()
  private isClosed = false

  constructor(commands: Commands) {
    const locks = new LockLeases(commands)
    this.leases = commands.settings.hasMeta ? new MetaLeases(commands, locks) : locks
  }

  async call<Value>(
    key: Key,
    ttl: Ttl | undefined,
    load: Load<Value>,
    options: GetOrSetOptions,
  ): Promise<Value> {
    if (this.isClosed) throw closed()
    if (typeof load !== 'function')
      throw new ClientError('BAD_REQUEST', `load: a function, not of type ${typeof load}`)
    const wish = { key: copyOfKey(key), load, terms: termsOf(ttl, options), options }
    const name = nameOf(key)
    let flight = this.flights.get(name) as Flight<Value> | undefined
    if (flight === undefined) {
      flight = new Flight<Value>()
      this.flights.set(name, flight)
      flight.start((own) => this.produce(wish, own).finally(() => this.flights.delete(name)))
    }
    return flight.join(options)
  }

  /** Fails all callers at once: a load may take long, and nobody stores what it returns. */
  close(): void {
    this.isClosed = true
    for (const flight of this.flights.values()) flight.fail(closed())
  }

  private async produce<Value>(wish: Wish<Value>, flight: Flight<Value>): Promise<Value> {
    const { key, load, terms } = wish
    for (let attempt = 0; ; attempt++) {
      let lease: Lease
      try {
        lease = await this.leases.take(key, terms)
      } catch (error) {
        if (mustReach(error, wish)) throw error
        return load(key)
      }
      const value = lease.value as Value
      if (lease.state === 'ours' && value === undefined) return this.loadUnder(lease, wish)
      if (lease.state === 'ours') this.refresh(lease, wish)
      if (value !== undefined || lease.state === 'fresh') return value
      await sleep(waitingMs(attempt))
      if (flight.isDeserted) throw new ClientError('TIMEOUT', 'no caller waits any more')
    }
  }

  /** Loads, stores, and ends the lease in any case. */
  private async loadUnder<Value>(lease: Lease, wish: Wish<Value>): Promise<Value> {
    const { key, load, terms } = wish
    let value: Value
    let isStored = false
    try {
      value = await load(key)
      isStored = value !== undefined && !terms.isOver
      if (isStored) await this.store(value, lease, wish)
    } catch (error) {
      await this.free(lease, wish)
      throw error
    }
    if (!isStored) await this.free(lease, wish)
    return value
  }

  /** Callers have got the old value: nobody waits for this. What the program's function throws is an uncaught exception. */
  private refresh<Value>(lease: Lease, wish: Wish<Value>): void {
    const { onRefreshError } = wish.options
    this.loadUnder(lease, wish).catch((error: Error) => {
      if (onRefreshError !== undefined) process.nextTick(onRefreshError, error)
    })
  }

  private async store<Value>(value: Value, lease: Lease, wish: Wish<Value>): Promise<void> {
    try {
      await this.leases.store(wish.key, value, lease, wish.terms)
    } catch (error) {
      if (mustReach(error, wish)) throw error
    }
  }

  /** If the lease cannot be ended, it ends by itself; the caller is to hear of the first error. */
  private async free<Value>(lease: Lease, { key, terms }: Wish<Value>): Promise<void> {
    await this.leases.free(key, lease, terms).catch(() => {})
  }
}

/** Whether an error ends the call although the value can be had without a server. */
function mustReach<Value>(error: unknown, { options }: Wish<Value>): boolean {
  if (options.whenDown === 'fail') return true
  return !(error instanceof ClientError && OUTAGES.has(error.code))
}

const closed = (): ClientError => new ClientError('CLOSED', 'the client is closed')

const OUTAGES: ReadonlySet<ClientErrorCode> = new Set<ClientErrorCode>([
  'TIMEOUT',
  'UNREACHABLE',
  'CONNECTION',
  'PROTOCOL',
  'BREAKER_OPEN',
  'QUEUE_FULL',
])

/** Bytes have one character each, so that no two keys have one name. */
const nameOf = (key: Key): string =>
  typeof key === 'string' ? `s${key}` : `b${Buffer.from(key).toString('latin1')}`
