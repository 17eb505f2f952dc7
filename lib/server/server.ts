import { Arena } from '../arena/arena.js'
import { Context } from '../commands/context.js'
import { LocalEngine } from '../commands/local-engine.js'
import type { Surroundings } from '../commands/surroundings.js'
import { Counter, Counters } from '../metrics/counters.js'
import { binary } from '../protocol/binary/binary.js'
import type { Statistic } from '../request/reply.js'
import { Clock } from '../store/clock.js'
import { Store } from '../store/store.js'
import { createAuthenticator } from './auth.js'
import { completeOptions } from './complete-options.js'
import { Connection } from './connection.js'
import { Data } from './data.js'
import { type Accept, Listener } from './listener.js'
import { MEGABYTE, type ServerOptions } from './options.js'
import { settingsStatistics } from './settings.js'
import { type Accepted, openWire, refuse } from './wire.js'
import { Worker } from './worker.js'

/** The version of memcached whose protocols we speak. */
const MEMCACHED_VERSION = '1.6.45'

/**
 * A memcached server in this process:
 *
 *     await using server = await Server.start({ port: 0 })
 *     console.log(server.host, server.port)
 *
 * Several can run side by side. Once stopped, a server keeps nothing alive.
 */
export class Server implements AsyncDisposable {
  readonly options: ServerOptions
  private readonly worker: Worker
  private readonly arena: Arena
  private readonly context: Context
  private readonly store: Store
  private data: Data | undefined
  private readonly listeners: Listener[] = []
  private readonly connections = new Set<Connection>()
  /** Connections too many, which wait until others end. Only without `maxconnsFast`. */
  private readonly waiting: Accepted[] = []
  private readonly accept: Accept = (accepted) => this.take(accepted)
  private nextNumber = FIRST_NUMBER
  private reaping: NodeJS.Timeout | undefined
  private stopped: Promise<void> | undefined

  private constructor(options: ServerOptions) {
    this.options = options
    const memoryLength = options.memoryMegabytes * MEGABYTE
    const arena = Arena.create(
      Store.regionLength(memoryLength) +
        Worker.poolRegionLength(options.connectionsMax) +
        Counters.regionLength() +
        Data.regionLength(options),
    )
    this.arena = arena
    const clock = new Clock()
    const counters = new Counters(arena)
    const pool = Worker.createPool(arena, options.connectionsMax)
    this.store = new Store(arena, counters, clock, { memoryLength, mayEvict: options.evictions })
    const authenticator = options.saslEnabled ? createAuthenticator(process.env) : undefined
    this.context = new Context(arena, this.store, options, authenticator, this.surroundings())
    const engine = new LocalEngine(this.context)
    const requestsPerTurn = options.requestsPerEvent
    this.worker = new Worker({ arena, engine, counters, protocol: binary, pool, clock, requestsPerTurn })
  }

  /**
   * Starts to serve. In a program the server listens on 127.0.0.1 unless told otherwise; port 0 is any free port. Rejects
   * with a sentence when an option is wrong or an address cannot be had.
   */
  static async start(options: Partial<ServerOptions> = {}): Promise<Server> {
    const server = new Server(completeOptions({ listen: [{ host: '127.0.0.1' }], ...options }))
    try {
      await server.openData()
      await server.listen()
      server.becomeUser()
    } catch (error) {
      await server.stop()
      throw error
    }
    server.reaping = setTimeout(() => server.reap(), REAP_MS).unref()
    return server
  }

  /** The TCP port, or 0 without TCP. */
  get port(): number {
    return this.listeners.find(({ family }) => family !== 'unix')?.port ?? 0
  }

  /** A host to connect to. */
  get host(): string {
    const [first] = this.options.listen
    return first === undefined || first.host === '*' ? '127.0.0.1' : first.host
  }

  /** What is listened on. */
  get addresses(): readonly Listener[] {
    return this.listeners
  }

  /** Takes no more connections, ends those that there are, and is gone. May be called again. */
  stop(): Promise<void> {
    this.stopped ??= this.end()
    return this.stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  private async end(): Promise<void> {
    clearTimeout(this.reaping)
    const closed = this.listeners.map((listener) => listener.close())
    for (const accepted of this.waiting.splice(0)) refuse(accepted, '')
    const { connections } = this
    for (const connection of connections) connection.close(false)
    const deadline = Date.now() + STOP_MS_MAX
    while (connections.size > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5))
    for (const connection of connections) connection.wire.destroy()
    await Promise.all(closed)
    await this.data?.close()
  }

  /** Before anybody is served: what had been kept is back, and changes are kept from now on. */
  private async openData(): Promise<void> {
    const { arena, store, worker, context, options } = this
    const log = (level: number, message: string) => this.log(level, message)
    this.data = await asUser(options.user, () => Data.open(options, arena, store, log))
    worker.journal = this.data?.journal
    context.gate = this.data?.journal
  }

  private async listen(): Promise<void> {
    const { socketPath, socketMask, backlog, port, listen } = this.options
    if (socketPath !== null) {
      this.listeners.push(await Listener.openUnix(socketPath, socketMask, backlog, this.accept))
    } else {
      const addresses = listen.length === 0 ? [{ host: '*' }] : listen
      for (const { host, port: own } of addresses) {
        const wanted = own ?? port
        if (wanted === null) continue
        const where = host === '*' ? undefined : host
        this.listeners.push(...(await Listener.openTcp(where, wanted, backlog, this.accept)))
      }
    }
    this.nextNumber += this.listeners.length
    for (const { address } of this.listeners) this.log(1, `listening on ${address}`)
  }

  /** Only root can become someone else; for others the option means nothing, as with memcached. */
  private becomeUser(): void {
    const { user } = this.options
    if (user === null || user === 'root' || process.getuid?.() !== 0) return
    try {
      process.setgroups?.([])
      process.setgid?.(user)
    } catch {
      // A user need not have a group of the same name.
    }
    try {
      process.setuid?.(user)
    } catch {
      throw new Error(`there is no user ${user} to become`)
    }
  }

  // ─── connections ───────────────────────────────────────────────────────────────────────────────────────────────────

  private take(accepted: Accepted): void {
    const { counters } = this.worker
    if (this.connections.size < this.options.connectionsMax) {
      this.connect(accepted)
    } else if (!this.options.maxconnsFast && this.waiting.length < this.options.backlog) {
      this.waiting.push(accepted)
    } else {
      counters.count(Counter.rejected_connections)
      refuse(accepted, 'ERROR Too many open connections\r\n')
    }
  }

  private connect(accepted: Accepted): void {
    const { worker } = this
    const connection = new Connection(worker, this.nextNumber++, () => {
      this.log(2, `connection ${connection.number} has ended`)
      this.connections.delete(connection)
      this.takeWaiting()
    })
    this.log(2, `connection ${connection.number} is new`)
    connection.wire = openWire(accepted, connection)
    this.connections.add(connection)
    worker.counters.count(Counter.total_connections)
  }

  private takeWaiting(): void {
    const next = this.waiting.shift()
    if (next !== undefined) this.take(next)
  }

  /** Says what is worth saying at this level of `verbosity`. */
  private log(level: number, message: string): void {
    if (this.options.verbosity >= level) process.stderr.write(`keepcached: ${message}\n`)
  }

  // ─── time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  private reap(): void {
    this.store.refreshClock()
    const isMore = this.store.reap(REAPED_AT_ONCE)
    this.reaping = setTimeout(() => this.reap(), isMore ? REAP_MORE_MS : REAP_MS).unref()
  }

  // ─── what statistics tell ──────────────────────────────────────────────────────────────────────────────────────────

  private surroundings(): Surroundings {
    const server = this
    return {
      memcachedVersion: MEMCACHED_VERSION,
      threadCount: this.options.workers,
      connectionCountMax: this.options.connectionsMax,
      get connectionCount() {
        return server.connections.size
      },
      get windowCount() {
        return server.worker.pool.takenCount
      },
      get windowCountMax() {
        return server.worker.pool.touchedCount
      },
      get windowLength() {
        return server.worker.pool.windowLength
      },
      settings: (detailEnabled) => this.settings(detailEnabled),
      connections: () => this.connectionStatistics(),
      journal: () => this.data?.statistics(),
    }
  }

  private settings(detailEnabled: boolean): Statistic[] {
    const { verbosity } = this.options
    return settingsStatistics(
      { ...this.options, detailEnabled },
      { tcpPort: this.port, udpPort: 0, verbosity },
    )
  }

  private connectionStatistics(): Statistic[] {
    const lines: Statistic[] = []
    this.listeners.forEach(({ address }, index) => {
      const number = FIRST_NUMBER + index
      lines.push([`${number}:addr`, address])
      lines.push([`${number}:state`, 'conn_listening'])
      lines.push([`${number}:secs_since_last_cmd`, `${this.store.clock.uptime}`])
    })
    const unixAddress = this.listeners.find(({ family }) => family === 'unix')?.address
    for (const { number, wire, state, lastTime } of this.connections) {
      lines.push([`${number}:addr`, unixAddress ?? `tcp:${wire.remoteAddress}`])
      lines.push([`${number}:listen_addr`, unixAddress ?? `tcp:${wire.localAddress}`])
      lines.push([`${number}:state`, state])
      lines.push([`${number}:secs_since_last_cmd`, `${this.store.clock.now - lastTime}`])
    }
    return lines
  }
}

/** Files are made as the user that the server is going to become. */
async function asUser<Result>(user: string | null, action: () => Promise<Result>): Promise<Result> {
  if (user === null || user === 'root' || process.getuid?.() !== 0) return action()
  try {
    process.seteuid?.(user)
  } catch {
    throw new Error(`there is no user ${user} to become`)
  }
  try {
    return await action()
  } finally {
    process.seteuid?.(0)
  }
}

/** Listeners and connections are numbered from here on: memcached's numbers are those of files, and a few are open. */
const FIRST_NUMBER = 26

const REAP_MS = 1000
const REAP_MORE_MS = 5
/** About 2 ms of work. */
const REAPED_AT_ONCE = 20_000
/** Connections have so long to take what is on its way to them. */
const STOP_MS_MAX = 300
