import os from 'node:os'
import type { Arena } from '../arena/arena.js'
import { Counter, type Counters } from '../metrics/counters.js'
import { arenaFor, buildWorker } from './build-worker.js'
import { completeOptions } from './complete-options.js'
import type { ConnectionTable } from './connection-table.js'
import { Connections } from './connections.js'
import { canHandOver } from './hand-over.js'
import { type Accept, Listener } from './listener.js'
import { FIRST_NUMBER, type ListenerFacts, tcpPortOf } from './listener-facts.js'
import { Log } from './log.js'
import type { ServerOptions } from './options.js'
import { type Accepted, type Handle, refuse } from './wire.js'
import { WorkerThreads } from './worker-threads.js'

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
  /** Resolves when the server has stopped, whoever stopped it: a client may, where that is allowed. */
  readonly ended: Promise<void>
  /** Resolves when a worker thread has died. The server has stopped then: nobody knows what that one held locked. */
  readonly failed: Promise<Error>
  private readonly listeners: Listener[] = []
  /** Connections that came before there was anybody to serve them. */
  private readonly early: Accepted[] = []
  /** Connections too many, which wait until others end. Only without `maxconnsFast`. */
  private readonly waiting: Accepted[] = []
  private readonly accept: Accept = (accepted) => this.take(accepted)
  private table: ConnectionTable | undefined = undefined
  private counters: Counters | undefined = undefined
  /** One of the two serves. */
  private connections: Connections | undefined = undefined
  private threads: WorkerThreads | undefined = undefined
  private nextNumber = FIRST_NUMBER
  private stopped: Promise<void> | undefined
  private readonly arena: Arena
  private readonly log: Log
  private reloadAlone: () => void = () => undefined
  private tellEnd!: () => void
  private tellFailure!: (error: Error) => void

  private constructor(options: ServerOptions) {
    this.options = options
    this.arena = arenaFor(options, runningCount(options.workers))
    this.log = new Log(this.arena, options.verbosity)
    this.ended = new Promise((resolve) => {
      this.tellEnd = resolve
    })
    this.failed = new Promise((resolve) => {
      this.tellFailure = resolve
    })
  }

  /**
   * Starts to serve. In a program the server listens on 127.0.0.1 and serves in the program's own thread unless told
   * otherwise; port 0 is any free port. Rejects with a sentence when an option is wrong or an address cannot be had.
   * `onListening` hears of the addresses as soon as clients can connect, which is before anybody answers them.
   */
  static async start(
    options: Partial<ServerOptions> = {},
    onListening: (addresses: readonly ListenerFacts[]) => void = () => undefined,
  ): Promise<Server> {
    const server = new Server(completeOptions({ listen: [{ host: '127.0.0.1' }], workers: 1, ...options }))
    try {
      await server.listen()
      onListening(server.addresses)
      await server.work()
      server.becomeUser()
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  /** The TCP port, or 0 without TCP. */
  get port(): number {
    return tcpPortOf(this.listeners)
  }

  /** A host to connect to. */
  get host(): string {
    const [first] = this.options.listen
    return first === undefined || first.host === '*' ? '127.0.0.1' : first.host
  }

  /** What is listened on. */
  get addresses(): readonly ListenerFacts[] {
    return this.listeners
  }

  /** Reads the files again that may change while the server runs. */
  reload(): void {
    this.reloadAlone()
    this.threads?.reload()
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
    const closed = this.listeners.map((listener) => listener.close())
    for (const accepted of [...this.early.splice(0), ...this.waiting.splice(0)]) refuse(accepted, '')
    await Promise.all([this.connections?.end(), this.threads?.stop(), ...closed])
    this.tellEnd()
  }

  // ─── starting ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private async listen(): Promise<void> {
    const { inheritedSockets, socketPath, socketMask, backlog, port, listen } = this.options
    if (inheritedSockets.length > 0) {
      for (const fd of inheritedSockets)
        this.listeners.push(await Listener.openInherited(fd, backlog, this.accept))
    } else if (socketPath !== null) {
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
    for (const { address } of this.listeners) this.log.say(1, `listening on ${address}`)
  }

  /** The first worker over an arena sets it up. It serves when it is alone; else threads do, each with a worker of its own. */
  private async work(): Promise<void> {
    const { arena, log, options } = this
    const listening = this.listeners.map(({ address, family, port }) => ({ address, family, port }))
    const shutDown = () => setImmediate(() => this.stop())
    const onEnded = () => this.takeWaiting()
    const worker = buildWorker({ arena, log, options, listening, shutDown })
    if (arena.seat.workerCount === 1) {
      this.connections = new Connections(worker, { listening, log, onEnded })
      this.reloadAlone = () => worker.reload()
    } else {
      const { memory, seat } = arena
      const task = { memory, options, listening, workerCount: seat.workerCount }
      this.threads = await WorkerThreads.start(task, {
        onEnded,
        shutDown,
        // Who came before the question may stand behind it in this round of the event loop.
        onCensus: () => setImmediate(() => worker.table.answerCensus()),
        onDeath: (error) => this.die(error),
      })
    }
    this.counters = worker.counters.forAcceptor()
    this.table = worker.table
    for (const accepted of this.early.splice(0)) this.take(accepted)
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

  private die(error: Error): void {
    this.tellFailure(error)
    void this.stop()
  }

  // ─── connections ───────────────────────────────────────────────────────────────────────────────────────────────────

  private take(accepted: Accepted): void {
    if (this.table === undefined) {
      this.early.push(accepted)
    } else if (this.table.count < this.options.connectionsMax) {
      this.serve(accepted, this.table)
    } else if (!this.options.maxconnsFast && this.waiting.length < this.options.backlog) {
      this.waiting.push(accepted)
    } else {
      this.counters?.count(Counter.rejected_connections)
      refuse(accepted, 'ERROR Too many open connections\r\n')
    }
  }

  private serve(accepted: Accepted, table: ConnectionTable): void {
    const worker = table.leastBusy
    table.add(worker, 1)
    const number = this.nextNumber++
    // Threads are started only where handles are accepted.
    if (this.threads === undefined) this.connections?.serve(accepted, number)
    else this.threads.give(worker, accepted as Handle, number)
  }

  private takeWaiting(): void {
    const next = this.waiting.shift()
    if (next !== undefined) this.take(next)
  }
}

/** As many as were asked for, but no more than can run at once. */
function runningCount(asked: number): number {
  const count = Math.min(asked, os.availableParallelism())
  if (count === 1 || canHandOver()) return count
  process.stderr.write(
    'keepcached: this Node cannot give connections to other threads: one thread serves them all\n',
  )
  return 1
}
