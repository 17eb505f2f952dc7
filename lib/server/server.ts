import os from 'node:os'
import type { Arena } from '../arena/arena.js'
import type { Change } from '../feed/change.js'
import { iterateChanges } from '../feed/changes-iterator.js'
import { type ChangesOptions, checkChangesOptions } from '../feed/changes-options.js'
import type { Gateway } from '../gateway/gateway.js'
import type { Census } from '../metrics/census.js'
import type { ConnectionCounts } from '../metrics/connection-counts.js'
import type { ConnectionTable } from '../metrics/connection-table.js'
import { Counter, type Counters } from '../metrics/counters.js'
import { completeOptions, type StartOptions } from '../options/complete-options.js'
import type { ListenAddress } from '../options/kinds/listen-address.js'
import { MEGABYTE, type ServerOptions } from '../options/table/options.js'
import { Segments } from '../store/segments/segments.js'
import { AdminDoor } from './admin-door.js'
import { asUser, becomeUser } from './become-user.js'
import type { Worker } from './connection/worker.js'
import { Data } from './data.js'
import { Datagrams } from './datagrams/datagrams.js'
import { connectionRoom, startingTogether } from './listening/file-room.js'
import { type Accept, Listener } from './listening/listener.js'
import { FIRST_NUMBER, type ListenerFacts, tcpPortOf } from './listening/listener-facts.js'
import { ServerAccess } from './server-access.js'
import { verificationAt } from './tls/secure-context.js'
import type { Handle } from './wires/handle.js'
import { type Accepted, refuse } from './wires/open-wire.js'
import { arenaFor, buildWorker } from './workers/build-worker.js'
import { Connections } from './workers/connections.js'
import { HandOver } from './workers/hand-over.js'
import { Log } from './workers/log.js'
import { openWorkerGateway } from './workers/worker-gateway.js'
import { WorkerThreads } from './workers/worker-threads.js'

/** A connection, and the listener that accepted it. */
interface Arrival {
  readonly accepted: Accepted
  readonly listener: Listener
}

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
  /** Resolves when the server has stopped, also if a client has stopped it, which `shutdownEnabled` allows. */
  readonly ended: Promise<void>
  /** Resolves when a worker thread has died. The server has stopped then, because keys may have stayed locked. */
  readonly failed: Promise<Error>
  /**
   * The first worker over the arena, which initializes it. It serves if it is the only one; otherwise threads serve,
   * each with a worker of its own.
   */
  private readonly worker: Worker
  /** The data directory, if there is one. */
  private readonly data: Data | undefined
  private readonly listeners: Listener[] = []
  /** The facts about the listeners, and after them those about the sockets for datagrams. */
  private readonly listening: ListenerFacts[] = []
  /** Connections that were accepted before a worker could serve them. */
  private readonly early: Arrival[] = []
  /** Connections beyond the limit, which wait until others end. Only without `maxconnsFast`. */
  private readonly waiting: Arrival[] = []
  private readonly accept: Accept = (accepted, listener) => this.take({ accepted, listener })
  /** Requested by a client, whose reply is sent first. */
  private readonly shutDown = () => setImmediate(() => this.stop())
  private table: ConnectionTable | undefined = undefined
  private readonly counters: Counters
  /** The connections of this thread, if it serves. */
  private connections: Connections | undefined = undefined
  private datagrams: Datagrams | undefined = undefined
  /** Open if this thread serves. */
  private readonly gateway: Gateway | undefined
  private threads: WorkerThreads | undefined = undefined
  private admin: AdminDoor | undefined = undefined
  private readonly access: ServerAccess
  private nextNumber = FIRST_NUMBER
  /** How many connections this process has files for. */
  private room = Number.POSITIVE_INFINITY
  /** Rises with each connection that comes. */
  private arrivalCount = 0
  private hasDied = false
  private stopped: Promise<void> | undefined
  private readonly arena: Arena
  private readonly log: Log
  private readonly checkLogins: () => void
  private reloadAlone: () => void = () => undefined
  private tellEnd!: () => void
  private tellFailure!: (error: Error) => void

  private constructor(options: ServerOptions, workerCount: number, gateway: Gateway | undefined) {
    this.options = options
    this.gateway = gateway
    this.arena = arenaFor(options, workerCount)
    this.log = new Log(this.arena, options.verbosity)
    const { arena, log, listening, shutDown } = this
    const {
      worker,
      data: own,
      checkLogins,
      statistics,
      insight,
    } = buildWorker({ arena, log, options, listening, shutDown, gateway })
    this.worker = worker
    this.checkLogins = checkLogins
    this.data = own && new Data({ arena, store: worker.store, log, options, own })
    this.counters = this.worker.counters.forAcceptor()
    this.access = new ServerAccess({
      options,
      listening,
      worker,
      data: this.data,
      statistics,
      insight,
      threads: () => this.threads,
      isServing: () => this.table !== undefined && this.stopped === undefined,
    })
    this.ended = new Promise((resolve) => {
      this.tellEnd = resolve
    })
    this.failed = new Promise((resolve) => {
      this.tellFailure = resolve
    })
  }

  /**
   * Starts to serve: by default on 127.0.0.1, port 11211, in the program's own thread. Port 0 is any free port. Rejects with a
   * sentence if an option is wrong or an address cannot be opened; the error has the system's `code`, such as `EADDRINUSE`.
   * `onListening` is called with the addresses once clients can connect, which is before they are answered.
   */
  static async start(
    options: StartOptions = {},
    onListening: (addresses: readonly ListenerFacts[]) => void = () => undefined,
  ): Promise<Server> {
    const { listen = '127.0.0.1', workers = 1 } = options
    const complete = completeOptions({ ...options, listen, workers })
    const handOver = prepareHandOver(complete)
    let server: Server | undefined
    try {
      const gateway = await openWorkerGateway(complete)
      // With several threads each opens its own: then this one has only shown that it can be done.
      if (handOver !== undefined) gateway?.close()
      server = new Server(complete, handOver?.workerCount ?? 1, handOver === undefined ? gateway : undefined)
      server.admin = await AdminDoor.open(complete, server.access)
      await server.openData()
      const threadsAtOnce = startingTogether(handOver?.workerCount ?? 0)
      server.room = connectionRoom(threadsAtOnce)
      await server.listen()
      // The sockets for datagrams are known only once their worker has opened them.
      const takesDatagrams = server.options.udpPort !== null
      if (!takesDatagrams) onListening(server.addresses)
      await server.work(handOver, threadsAtOnce)
      if (takesDatagrams) onListening(server.addresses)
      becomeUser(server.options.user)
      // As this user, because logins read the file as this user.
      server.checkLogins()
      server.admitClients()
    } catch (error) {
      await server?.stop()
      handOver?.close()
      throw error
    }
    return server
  }

  /** The TCP port, or 0 without TCP. */
  get port(): number {
    return tcpPortOf(this.listeners)
  }

  /** A host to connect to; the path of the socket if the server listens on a unix socket. */
  get host(): string {
    const { listen, socketPath } = this.options
    if (socketPath !== null) return socketPath
    const [first] = listen
    return first === undefined || first.host === '*' ? '127.0.0.1' : first.host
  }

  /** Where to connect to: `memcached://127.0.0.1:11211`, or `memcached:///path` of a unix socket. */
  get uri(): string {
    const { host, port, options } = this
    if (options.socketPath !== null) return `memcached://${host}`
    return `memcached://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** The address of the admin listener, as `http://127.0.0.1:8080`; undefined without one. */
  get adminUri(): string | undefined {
    return this.admin?.uri
  }

  /** The addresses that the server listens on. */
  get addresses(): readonly ListenerFacts[] {
    return this.listening
  }

  /** Reads again the files that may change while the server runs. */
  reload(): void {
    this.reloadAlone()
    this.threads?.reload()
    this.checkLogins()
    // Workers in other threads notice that these are new.
    for (const failure of [this.worker.certificates?.refresh(), this.admin?.reload()])
      if (failure !== undefined) this.log.say(0, failure)
  }

  /**
   * The changes of the store, once `changes` has a size: see lib/feed. Throws if it has none, or if `since` is no position. The
   * iteration ends with the server.
   */
  changes(options: ChangesOptions = {}): AsyncIterableIterator<Change> {
    const { feed } = this.worker
    checkChangesOptions(feed, options)
    return iterateChanges(feed, options)
  }

  /** Accepts no more connections, closes the open ones, and stops. May be called again. */
  stop(): Promise<void> {
    this.stopped ??= this.end()
    return this.stopped
  }

  /** Lets the process end although the server still runs, unless connections are open. Nothing is stopped then: see `stop`. */
  unref(): this {
    return this.keepAlive('unref')
  }

  /** Undoes `unref`. */
  ref(): this {
    return this.keepAlive('ref')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  private keepAlive(act: 'ref' | 'unref'): this {
    for (const each of [...this.listeners, this.datagrams, this.threads, this.admin]) each?.keepAlive(act)
    return this
  }

  private async end(): Promise<void> {
    const closed = this.listeners.map((listener) => listener.close())
    for (const { accepted } of [...this.early.splice(0), ...this.waiting.splice(0)]) refuse(accepted, '')
    this.worker.feed?.close()
    const rest = this.data === undefined || this.hasDied ? this.threads?.stop() : this.threads?.rest()
    await Promise.all([
      this.admin?.close(),
      this.connections?.end(),
      this.datagrams?.close(),
      rest,
      ...closed,
    ])
    this.gateway?.close()
    if (!this.hasDied) await this.data?.close()
    await this.threads?.stop()
    if (this.hasDied) await this.data?.leave()
    this.tellEnd()
  }

  // ─── starting ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private async listen(): Promise<void> {
    const { options, accept } = this
    const { inheritedSockets, socketPath, socketMask, backlog, port, listen } = options
    const use = { backlog, accept, verify: verificationAt(undefined, options) }
    if (inheritedSockets.length > 0) {
      for (const fd of inheritedSockets) this.listeners.push(await Listener.openInherited(fd, use))
    } else if (socketPath !== null) {
      this.listeners.push(await Listener.openUnix(socketPath, socketMask, use))
    } else {
      for (const { host, port: own, tls } of listen.length === 0 ? [ANYWHERE] : listen) {
        const wanted = own ?? port
        if (wanted === null) continue
        const where = host === '*' ? undefined : host
        const verify = verificationAt(tls, options)
        this.listeners.push(...(await Listener.openTcp(where, wanted, { ...use, verify })))
      }
    }
    for (const { address, family, port, isDatagram, verify } of this.listeners)
      this.listening.push({ address, family, port, isDatagram, verify })
  }

  /** Before any client can connect: recovers the items, and keeps changes from now on. */
  private async openData(): Promise<void> {
    const { data, options } = this
    if (data !== undefined) await asUser(options.user, () => data.open())
  }

  private async work(handOver: HandOver | undefined, threadsAtOnce: number): Promise<void> {
    const { arena, log, options, worker, listening } = this
    const { idleTimeoutSeconds } = options
    const onEnded = () => this.takeWaiting()
    if (handOver === undefined) {
      await this.data?.start()
      worker.feed?.listen(this.data?.journal)
      this.datagrams = await Datagrams.open(worker, options)
      listening.push(...this.datagrams.facts)
      this.connections = new Connections(worker, { listening, log, idleTimeoutSeconds, onEnded })
      this.reloadAlone = () => worker.reload()
    } else {
      const { memory } = arena
      const task = { memory, options, listening, journals: this.data?.handOut() ?? [], threadsAtOnce }
      this.threads = await WorkerThreads.start(task, handOver, {
        onEnded,
        shutDown: this.shutDown,
        // The first is due in this round of the event loop, which may have looked for connections before the request came.
        onCensus: () => setImmediate(() => this.answerCensus(worker.table.census, options.backlog)),
        onDeath: (error) => this.die(error),
      })
      await this.data?.start()
    }
    this.nextNumber += listening.length
    for (const { address } of listening) log.say(1, `listening on ${address}`)
    if (this.admin !== undefined) log.say(1, `${this.admin.uri} for administration`)
    this.boundConnections()
  }

  /** Serves the connections that have come so far, and from now on each as it comes. */
  private admitClients(): void {
    this.table = this.worker.table
    for (const arrival of this.early.splice(0)) this.take(arrival)
  }

  private boundConnections(): void {
    const { log, options, early } = this
    // Files of early connections are open already.
    this.room = Math.max(1, connectionRoom(0) + early.length - (this.admin?.connectionCountMax ?? 0))
    if (this.room >= options.connectionsMax) return
    log.say(0, `-c: this process may open files for ${this.room} connections only`)
  }

  private die(error: Error): void {
    this.hasDied = true
    this.tellFailure(error)
    this.data?.giveUp()
    // The others may wait for a lock of that one, even if the server was stopping already.
    void this.threads?.stop()
    void this.stop()
  }

  // ─── connections ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Resolves after a round of the event loop without a new connection: one round accepts at most one. Those that
   * had connected before the request are accepted after `roundsMax`, however many connect meanwhile.
   */
  private answerCensus(census: Census, roundsMax: number): void {
    const { arrivalCount } = this
    setImmediate(() => {
      if (this.arrivalCount === arrivalCount || roundsMax === 0) census.answer()
      else this.answerCensus(census, roundsMax - 1)
    })
  }

  private take(arrival: Arrival): void {
    const { table, early, waiting, options } = this
    this.arrivalCount++
    if (table === undefined) {
      if (early.length < Math.min(options.connectionsMax, this.room)) early.push(arrival)
      else this.turnAway(arrival)
    } else if (table.counts.sum + waiting.length >= this.room) {
      this.turnAway(arrival)
    } else if (table.counts.sum < options.connectionsMax) {
      this.serve(arrival, table.counts)
    } else if (!options.maxconnsFast && waiting.length < options.backlog) {
      waiting.push(arrival)
    } else {
      this.turnAway(arrival)
    }
  }

  private turnAway({ accepted, listener }: Arrival): void {
    this.counters.count(Counter.rejected_connections)
    // A TLS client would not understand it.
    const isPlain = listener.verify === null
    refuse(accepted, isPlain ? 'ERROR Too many open connections\r\n' : '')
  }

  private serve({ accepted, listener }: Arrival, counts: ConnectionCounts): void {
    const worker = counts.leastBusy
    counts.add(worker, 1)
    const number = this.nextNumber++
    const listenerIndex = this.listeners.indexOf(listener)
    // Threads are started only where handles are accepted.
    if (this.threads === undefined) this.connections?.serve(accepted, number, listenerIndex)
    else this.threads.give(worker, accepted as Handle, number, listenerIndex)
  }

  private takeWaiting(): void {
    const next = this.waiting.shift()
    if (next !== undefined) this.take(next)
  }
}

/**
 * For as many threads as requested, but no more than can run at once, and no more than the memory has room for.
 * Undefined if one worker serves, in this thread.
 */
function prepareHandOver({ workers, memoryMegabytes }: ServerOptions): HandOver | undefined {
  const memoryCount = Segments.workerCountMax(memoryMegabytes * MEGABYTE)
  const count = Math.min(workers, os.availableParallelism(), memoryCount)
  const handOver = count === 1 ? undefined : HandOver.prepare(count)
  if (typeof handOver !== 'string') return handOver
  process.stderr.write(`keepcached: ${handOver}: one thread serves all connections\n`)
  return undefined
}

const ANYWHERE: ListenAddress = { host: '*' }
