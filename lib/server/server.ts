import os from 'node:os'
import type { Arena } from '../arena/arena.js'
import type { Change } from '../feed/change.js'
import { iterateChanges } from '../feed/changes-iterator.js'
import type { ChangesOptions } from '../feed/changes-options.js'
import { checkChangesOptions } from '../feed/check-changes-options.js'
import type { Gateway } from '../gateway/gateway.js'
import type { Shadow } from '../gateway/shadow/shadow.js'
import { checkIsObject, completeOptions, type StartOptions } from '../options/complete-options.js'
import type { ListenAddress } from '../options/kinds/listen-address.js'
import type { ServerOptions } from '../options/table/options.js'
import { Segments } from '../store/segments/segments.js'
import { AdminDoor } from './admin-door.js'
import { asUser, becomeUser } from './become-user.js'
import type { Worker } from './connection/worker.js'
import type { Data } from './data.js'
import { Datagrams } from './datagrams/datagrams.js'
import { Arrivals } from './listening/arrivals.js'
import { connectionRoom, startingTogether } from './listening/file-room.js'
import { Listener } from './listening/listener.js'
import { FIRST_NUMBER, type ListenerFacts, tcpPortOf } from './listening/listener-facts.js'
import { resolve } from './listening/open-each.js'
import { type DataClasses, loadData } from './load-data.js'
import { ServerAccess } from './server-access.js'
import { verificationAt } from './tls/secure-context.js'
import type { Handle } from './wires/handle.js'
import type { Accepted } from './wires/open-wire.js'
import type { RingMemory } from './wires/uring/ring-memory.js'
import { arenaFor, buildWorker } from './workers/build-worker.js'
import { Connections } from './workers/connections.js'
import { closeLeftRing, loadUring, USUAL_IO_URING } from './workers/load-uring.js'
import { Log } from './workers/log.js'
import { beyondMachine, machineMegabytes, memoryFor } from './workers/memory-for.js'
import { HandOver } from './workers/threads/hand-over.js'
import { WorkerThreads } from './workers/threads/worker-threads.js'
import { gatewayReplyMsMax, openShadow, openWorkerGateway } from './workers/worker-gateway.js'

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
  private readonly arrivals: Arrivals
  /** Requested by a client, whose reply is sent first. */
  private readonly shutDown = () => setImmediate(() => this.stop())
  /** The connections of this thread, if it serves. */
  private connections: Connections | undefined = undefined
  private datagrams: Datagrams | undefined = undefined
  /** Open if this thread serves. */
  private readonly gateway: Gateway | undefined
  private shadow: Shadow | undefined = undefined
  private threads: WorkerThreads | undefined = undefined
  private admin: AdminDoor | undefined = undefined
  private readonly access: ServerAccess
  private nextNumber = FIRST_NUMBER
  private hasDied = false
  private stopped: Promise<void> | undefined
  private readonly arena: Arena
  private readonly log: Log
  private readonly checkLogins: () => void
  private readonly ringMemory: RingMemory | undefined
  private reloadAlone: () => void = () => undefined
  private tellEnd!: () => void
  private tellFailure!: (error: Error) => void

  private constructor(
    options: ServerOptions,
    workerCount: number,
    gateway: Gateway | undefined,
    dataClasses: DataClasses | undefined,
  ) {
    this.options = options
    this.gateway = gateway
    this.arena = arenaFor(options, workerCount, dataClasses?.WorkerData)
    this.log = new Log(this.arena, options.verbosity)
    const warning = beyondMachine(options.memoryMegabytes, machineMegabytes())
    if (warning !== undefined) this.log.say(0, warning)
    const { arena, log, listening, shutDown } = this
    const workerData = dataClasses?.WorkerData
    const {
      worker,
      data: own,
      checkLogins,
      statistics,
      insight,
      ringMemory,
    } = buildWorker({ arena, log, options, listening, shutDown, gateway, workerData })
    this.worker = worker
    this.checkLogins = checkLogins
    this.ringMemory = ringMemory
    this.data = dataClasses && own && new dataClasses.Data({ arena, store: worker.store, log, options, own })
    const give = this.give.bind(this)
    this.arrivals = new Arrivals(options, worker.counters.forAcceptor(), give)
    this.access = new ServerAccess({
      options,
      listening,
      worker,
      data: this.data,
      statistics,
      insight,
      gateway,
      threads: () => this.threads,
      isServing: () => this.arrivals.areServed && this.stopped === undefined,
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
   * sentence if an option is wrong or an address cannot be opened; the error has the system's `code`, such as `EADDRINUSE`. It
   * is `EBUSY` if another server uses the data directory.
   * `onListening` is called with the addresses once clients can connect, which is before they are answered.
   */
  static async start(
    options: StartOptions = {},
    onListening: (addresses: readonly ListenerFacts[]) => void = () => undefined,
  ): Promise<Server> {
    checkIsObject(options)
    if (typeof onListening !== 'function') throw new TypeError('onListening: a function is needed')
    const { listen = '127.0.0.1', workers = 1 } = options
    const ioUring = options.ioUring ?? USUAL_IO_URING
    const complete = completeOptions({ ...options, listen, workers, ioUring })
    const handOver = prepareHandOver(complete)
    let server: Server | undefined
    try {
      const dataClasses = await loadData(complete)
      const gateway = await openWorkerGateway(complete)
      // With several threads each opens its own: then this one has only shown that it can be done.
      if (handOver !== undefined) gateway?.close()
      const ownGateway = handOver === undefined ? gateway : undefined
      server = new Server(complete, handOver?.workerCount ?? 1, ownGateway, dataClasses)
      server.admin = await AdminDoor.open(complete, server.access)
      await server.openData()
      const threadsAtOnce = startingTogether(handOver?.workerCount ?? 0)
      server.arrivals.room = connectionRoom(threadsAtOnce)
      await server.listen()
      // The sockets for datagrams are known only once their worker has opened them.
      const takesDatagrams = server.options.udpPort !== null
      if (!takesDatagrams) onListening(server.addresses)
      await server.work(handOver, threadsAtOnce)
      if (takesDatagrams) onListening(server.addresses)
      server.shadow = await openShadow(complete, server.worker, server.log)
      becomeUser(server.options.user)
      // As this user, because logins read the file as this user.
      server.checkLogins()
      server.arrivals.serve(server.worker.table)
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
    this.arrivals.close()
    // The shadow reads on until the last client has left.
    if (this.shadow === undefined) this.worker.feed?.close()
    const mayRest = (this.data !== undefined || this.options.gateway !== null) && !this.hasDied
    const rest = mayRest ? this.threads?.rest() : this.threads?.stop()
    await Promise.all([
      this.admin?.close(),
      this.connections?.end(),
      this.datagrams?.close(),
      rest,
      ...closed,
    ])
    this.gateway?.close()
    await this.shadow?.close()
    this.worker.feed?.close()
    if (!this.hasDied) await this.data?.close()
    await this.threads?.stop()
    if (this.hasDied) await this.data?.leave()
    this.tellEnd()
  }

  // ─── starting ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private async listen(): Promise<void> {
    const { options, arrivals } = this
    const { inheritedSockets, socketPath, socketMask, backlog, port, listen } = options
    const use = { backlog, accept: arrivals.accept, verify: verificationAt(undefined, options) }
    if (inheritedSockets.length > 0) {
      for (const fd of inheritedSockets) this.listeners.push(await Listener.openInherited(fd, use))
    } else if (socketPath !== null) {
      this.listeners.push(await Listener.openUnix(socketPath, socketMask, use))
    } else {
      for (const { host, port: own, tls } of listen.length === 0 ? [ANYWHERE] : listen) {
        const wanted = own ?? port
        const where = host === '*' ? undefined : host
        // Also a name that nothing listens on is refused if it is none.
        if (wanted === null) {
          if (where !== undefined) await resolve(where, (nameOf) => `${where} (${nameOf('listen')})`)
          continue
        }
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
    const { arena, log, options, worker, listening, arrivals } = this
    const { idleTimeoutSeconds } = options
    const replyMsMax = gatewayReplyMsMax(options)
    const onEnded = () => arrivals.takeWaiting()
    if (handOver === undefined) {
      await this.data?.start()
      worker.feed?.listen(this.data?.journal)
      this.datagrams = await Datagrams.open(worker, options)
      listening.push(...this.datagrams.facts)
      const ring = await loadUring(this.ringMemory, log)
      this.connections = new Connections(worker, {
        listening,
        log,
        idleTimeoutSeconds,
        replyMsMax,
        onEnded,
        ring,
      })
      this.reloadAlone = () => worker.reload()
    } else {
      const { memory } = arena
      const itemMemories = arena.itemMemories.map((items) => items.memory)
      const task = {
        memory,
        itemMemories,
        options,
        listening,
        journals: this.data?.handOut() ?? [],
        threadsAtOnce,
      }
      this.threads = await WorkerThreads.start(task, handOver, {
        onEnded,
        shutDown: this.shutDown,
        // The first is due in this round of the event loop, which may have looked for connections before the request came.
        onCensus: () => setImmediate(() => arrivals.answerCensus(worker.table.census)),
        onExit: (worker) => void closeLeftRing(this.ringMemory, worker),
        onDeath: (error) => this.die(error),
      })
      await this.data?.start()
    }
    this.nextNumber += listening.length
    for (const { address } of listening) log.say(1, `listening on ${address}`)
    if (this.admin !== undefined) log.say(1, `${this.admin.uri} for administration`)
    this.boundConnections()
  }

  private boundConnections(): void {
    const { log, options, arrivals } = this
    // Files of early connections are open already.
    const room = connectionRoom(0) + arrivals.earlyCount - (this.admin?.connectionCountMax ?? 0)
    arrivals.room = Math.max(1, room)
    if (arrivals.room >= options.connectionsMax) return
    log.say(0, `-c: this process may open files for ${arrivals.room} connections only`)
  }

  private die(error: Error): void {
    this.hasDied = true
    this.tellFailure(error)
    this.data?.giveUp()
    // The others may wait for a lock of that one, even if the server was stopping already.
    void this.threads?.stop()
    void this.stop()
  }

  /** Called by the arrivals: the worker serves the connection. */
  private give(accepted: Accepted, listener: Listener, worker: number): void {
    const number = this.nextNumber++
    const listenerIndex = this.listeners.indexOf(listener)
    // Threads are started only where handles are accepted.
    if (this.threads === undefined) this.connections?.serve(accepted, number, listenerIndex)
    else this.threads.give(worker, accepted as Handle, number, listenerIndex)
  }
}

/**
 * For as many threads as requested, but no more than can run at once, and no more than the memory has room for.
 * Undefined if one worker serves, in this thread.
 */
function prepareHandOver(options: ServerOptions): HandOver | undefined {
  const { memoryLength, memoryCount } = memoryFor(options)
  const countMax = Segments.workerCountMax(Math.floor(memoryLength / memoryCount))
  const count = Math.min(options.workers, os.availableParallelism(), countMax)
  const handOver = count === 1 ? undefined : HandOver.prepare(count)
  if (typeof handOver !== 'string') return handOver
  process.stderr.write(`keepcached: ${handOver}: one thread serves all connections\n`)
  return undefined
}

const ANYWHERE: ListenAddress = { host: '*' }
