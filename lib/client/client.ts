import { EventEmitter } from 'node:events'
import type { BreakerChange } from './breaker/breaker.js'
import type { Versioned } from './calls/get-call.js'
import type { ChangesOptions, ClientChange } from './changes/client-change.js'
import { Feeds } from './changes/feeds.js'
import type { WaitOptions, WaitOutcome } from './changes/key-waits.js'
import { type ClientOptions, serverSettings } from './client-options.js'
import { Cluster } from './cluster/cluster.js'
import { ServerFactory } from './cluster/server-factory.js'
import type { Key } from './commands/command-options.js'
import { Commands } from './commands/commands.js'
import { GetOrSet } from './get-or-set/get-or-set.js'
import type { GetOrSetOptions, Load } from './get-or-set/get-or-set-options.js'
import { KeyEncoder } from './keys/key-encoder.js'
import type { Lock } from './locks/lock.js'
import { type LockOptions, takeLock } from './locks/take-lock.js'
import { type ClientStatistics, statisticsOf } from './observe/client-statistics.js'
import { createServerSource, hasLogin, type ServersGiven } from './servers/create-server-source.js'
import type { Ttl } from './ttl.js'
import { createValueFormat } from './values/create-value-format.js'

/** What a client reports beside the results of its calls. */
export interface ClientEvents {
  /** A connection to this server can take calls. */
  connect: [server: string]
  /** A connection was lost, or could not be made. */
  disconnect: [server: string, error: Error]
  breaker: [server: string, change: BreakerChange]
  /** The list of servers has changed. */
  servers: [names: readonly string[]]
  /** The list of servers could not be renewed. */
  listError: [error: Error]
}

/**
 * A client of one or more memcached servers.
 *
 * ```js
 * const client = new Client('127.0.0.1:11211')
 * await client.set('sky', { colour: 'blue' }, { ttl: '10m' })
 * console.log(await client.get('sky')) // { colour: 'blue' }
 * await client.close()
 * ```
 */
export class Client extends Commands {
  readonly events: EventEmitter<ClientEvents>
  private readonly cluster: Cluster
  private readonly factory: ServerFactory
  private readonly timer: NodeJS.Timeout
  private readonly loading = new GetOrSet(this)
  private readonly feeds: Feeds

  /** Throws a ClientError (BAD_OPTION). Connections are opened by the first calls. */
  constructor(servers: ServersGiven = '127.0.0.1:11211', options: ClientOptions = {}) {
    const settings = serverSettings(options, hasLogin(servers))
    // Before the cluster, which begins to look up its list at once: a wrong option leaves nothing behind.
    const keys = new KeyEncoder(settings.protocol, options)
    const format = createValueFormat(options)
    const events = new EventEmitter<ClientEvents>()
    const factory = new ServerFactory(settings, {
      onConnect: (server) => later(() => events.emit('connect', server)),
      onDisconnect: (server, error) => later(() => events.emit('disconnect', server, error)),
      onBreaker: (server, change) => later(() => events.emit('breaker', server, change)),
    })
    const listFollowers = new Set<() => void>()
    const { discovery, distribution = 'ketama', failover = 'fail' } = options
    const cluster = new Cluster({
      source: createServerSource(servers, discovery),
      distribution,
      failover,
      timeoutMs: settings.timeoutMs,
      createServer: (address) => factory.create(address),
      onServers: (names) => {
        for (const onChange of listFollowers) onChange()
        later(() => events.emit('servers', names))
      },
      onListError: (error) => later(() => events.emit('listError', error)),
    })
    super(cluster, { keys, format, hasMeta: settings.protocol === 'meta' })
    this.events = events
    this.factory = factory
    this.cluster = cluster
    this.feeds = new Feeds({
      settings: this.settings,
      prefix: options.prefix ?? '',
      servers: {
        whenReady: (signal) => cluster.whenReady(signal && { signal }),
        current: () => cluster.targets().map(({ connectionOptions }) => connectionOptions),
        follow: (onChange) => {
          listFollowers.add(onChange)
          return () => listFollowers.delete(onChange)
        },
        onConnect: (server) => later(() => events.emit('connect', server)),
        onDisconnect: (server, error) => later(() => events.emit('disconnect', server, error)),
      },
      connectionOptionsOf: (key) => cluster.targetOf(key).connectionOptions,
    })
    this.timer = setInterval(() => setImmediate(maintain, cluster), MAINTENANCE_MS).unref()
  }

  /**
   * The value, or what `load` returns, which is stored for `ttl`. Of all callers in all processes one loads; the others wait
   * for it. An error of `load` reaches the callers of this process, and another one may load.
   */
  getOrSet<Value>(
    key: string,
    ttl: Ttl | undefined,
    load: Load<Value, string>,
    options?: GetOrSetOptions,
  ): Promise<Value>
  getOrSet<Value, K extends Key = Key>(
    key: K,
    ttl: Ttl | undefined,
    load: Load<Value, K>,
    options?: GetOrSetOptions,
  ): Promise<Value>
  getOrSet<Value>(
    key: Key,
    ttl: Ttl | undefined,
    load: Load<Value, never>,
    options: GetOrSetOptions = {},
  ): Promise<Value> {
    return this.loading.call(key, ttl, load as Load<Value>, options)
  }

  /** Takes a lock, or returns undefined if another holder has it. See `locks/README.md` for what it promises. */
  lock(key: Key, ttl: Ttl, options?: LockOptions): Promise<Lock | undefined> {
    return takeLock(this, key, ttl, options)
  }

  /**
   * What changes on all servers, for `for await`: see `changes/README.md`. A lost connection is made again, and resumes where
   * it was. The loop ends with `break`, with its signal (ABORTED), or when the client is closed.
   */
  changes<Value = unknown>(options: ChangesOptions = {}): AsyncIterableIterator<ClientChange<Value>> {
    return this.feeds.changes<Value>(options)
  }

  /**
   * Waits until there is an item; with `after`, until it has another cas or is missing. Returns undefined when time is up.
   */
  waitFor<Value = unknown>(
    key: Key,
    options?: WaitOptions & { readonly after?: never },
  ): Promise<Versioned<Value> | undefined>
  waitFor<Value = unknown>(key: Key, options: WaitOptions): Promise<WaitOutcome<Value>>
  waitFor<Value>(key: Key, options: WaitOptions = {}): Promise<WaitOutcome<Value>> {
    return this.feeds.waitFor<Value>(key, options)
  }

  /** What happened so far, and how it stands, server by server. */
  statistics(): ClientStatistics {
    return statisticsOf(this.cluster.targets())
  }

  /** Fails the calls under way, and closes all connections. */
  async close(): Promise<void> {
    clearInterval(this.timer)
    this.factory.deadlines.close()
    this.loading.close()
    await Promise.all([this.feeds.close(), this.cluster.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const MAINTENANCE_MS = 1000

/** Behind the reads of the turn: in a program that was busy, a sign of life that has arrived counts. */
function maintain(cluster: Cluster): void {
  cluster.maintain()
}

/** Listeners run in a turn of their own: what they throw is an uncaught exception, and breaks no call. */
function later(emit: () => void): void {
  process.nextTick(emit)
}
