import type { ConnectionFacts } from './connections/connection-facts.js'
import { duration, record, refuse } from './faults/checks.js'
import type { Fault } from './faults/fault.js'
import { parseFault } from './faults/parse-fault.js'
import type { Controls, TestItem } from './serving/controls.js'
import { type LoadedValue, parseLoaded } from './serving/loaded-value.js'
import type { TestRequest } from './serving/request-log.js'
import { timeOf } from './test-options.js'

/** The clock of a test server. */
export interface TestServerClock {
  readonly now: Date
  /** Seconds, or a text such as `1h`. Items expire and delayed flushes happen at once. */
  advance(by: number | string): void
  /** A later time than now. */
  set(time: Date | number | string): void
}

/** A fault that the test has added. */
export interface OrderedFault {
  /** How often it has happened. */
  readonly applied: number
  /** Resolves at once, unless the fault had connections refused. */
  remove(): Promise<void>
}

export interface TestServerFaults {
  /** Throws a TypeError that names what is wrong. */
  add(fault: Fault): OrderedFault
  /** Resolves at once, unless a fault had connections refused. */
  clear(): Promise<void>
  /** Those that have not happened, or less often than their `times`. */
  readonly unused: Fault[]
}

/** A connection to a test server. */
export interface TestConnection extends ConnectionFacts {
  /** Closes it at once. */
  drop(): void
}

/** The address of a test server. */
export interface TestServerPlace {
  readonly host: string
  readonly port: number
  readonly seed: number
  stop(): Promise<void>
}

/** A memcached for a test: see `startTestServer`. */
export class TestServer implements AsyncDisposable {
  readonly host: string
  readonly port: number
  /** The seed of random faults: pass it to `startTestServer` to repeat a run. */
  readonly seed: number
  readonly clock: TestServerClock
  readonly faults: TestServerFaults
  private readonly controls: Controls
  private readonly place: TestServerPlace

  constructor(controls: Controls, place: TestServerPlace) {
    this.controls = controls
    this.place = place
    this.host = place.host
    this.port = place.port
    this.seed = place.seed
    this.clock = clockOver(controls)
    this.faults = faultsOver(controls)
  }

  /** Where to connect to: `memcached://127.0.0.1:40123`. */
  get uri(): string {
    return `memcached://${this.address}`
  }

  private get address(): string {
    const { host, port } = this
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** The environment variables from which clients and programs read their servers. */
  env(): Record<string, string> {
    const { address, host, port, uri } = this
    return {
      MEMCACHED_SERVERS: address,
      MEMCACHE_SERVERS: address,
      MEMCACHIER_SERVERS: address,
      MEMCACHED_HOST: host,
      MEMCACHED_PORT: `${port}`,
      MEMCACHED_URL: uri,
    }
  }

  /** The latest requests, oldest first. */
  get requests(): TestRequest[] {
    return this.controls.requests()
  }

  /** Empties the log of requests. */
  forgetRequests(): void {
    this.controls.forgetRequests()
  }

  /** All live items, in the order of their keys. */
  items(): TestItem[] {
    return this.controls.items()
  }

  /** Stores values by key. They are not logged, and faults do not apply. */
  load(entries: Readonly<Record<string, LoadedValue>>): void {
    parseLoaded(entries)
    this.controls.load(entries)
  }

  /** Removes all items. */
  clear(): void {
    this.controls.clear()
  }

  get connections(): TestConnection[] {
    const { controls } = this
    return controls.connections().map((facts) => ({
      ...facts,
      drop: () => void controls.drop(facts.number),
    }))
  }

  /** The statistics that `stats` returns: the general ones, or those of a group. */
  statistics(group = ''): Record<string, string> {
    if (typeof group !== 'string') refuse('group', group, 'a group of statistics')
    return this.controls.statistics(group)
  }

  /** Closes all connections, and removes the items unless `keepItems` is true: what clients see of a restart. */
  restart(options: { readonly keepItems?: boolean } = {}): void {
    const { keepItems = false } = record('restart', options, ['keepItems'])
    if (typeof keepItems !== 'boolean') refuse('keepItems', keepItems, 'true or false')
    this.controls.restart(keepItems)
  }

  /** Closes everything. May be called again. */
  stop(): Promise<void> {
    return this.place.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

function clockOver(controls: Controls): TestServerClock {
  return {
    get now() {
      return new Date(controls.nowMs())
    },
    advance: (by) => controls.advance(duration('clock.advance', by, 1000)),
    set: (time) => controls.setTime(timeOf('clock.set', time)),
  }
}

function faultsOver(controls: Controls): TestServerFaults {
  /** How often each fault has happened, as far as is known: still so after it has been removed. */
  const counts = new WeakMap<OrderedFault, number>()
  const ordered = new Map<number, OrderedFault>()
  const look = (): void => {
    for (const { id, applied } of controls.faults()) {
      const order = ordered.get(id)
      if (order !== undefined) counts.set(order, applied)
    }
  }
  return {
    add(fault) {
      parseFault(fault)
      const [id] = controls.addFaults([fault]) as [number]
      const order: OrderedFault = {
        get applied() {
          look()
          return counts.get(order) ?? 0
        },
        async remove() {
          look()
          ordered.delete(id)
          await controls.removeFault(id)
        },
      }
      ordered.set(id, order)
      return order
    },
    async clear() {
      look()
      ordered.clear()
      await controls.clearFaults()
    },
    get unused() {
      return controls
        .faults()
        .filter(({ isUnused }) => isUnused)
        .map(({ fault }) => fault)
    },
  }
}
