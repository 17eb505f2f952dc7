import os from 'node:os'
import { Counter, type Counters } from '../metrics/counters.js'
import { arenaFor, buildWorker } from './build-worker.js'
import { completeOptions } from './complete-options.js'
import type { ConnectionTable } from './connection-table.js'
import { Connections } from './connections.js'
import { Datagrams } from './datagrams.js'
import { canHandOver } from './hand-over.js'
import type { ListenAddress } from './listen-address.js'
import { type Accept, Listener } from './listener.js'
import { FIRST_NUMBER, type ListenerFacts, tcpPortOf } from './listener-facts.js'
import type { ServerOptions } from './options.js'
import type { Certificates } from './tls/certificates.js'
import { verificationAt } from './tls/listener-rules.js'
import type { Handle } from './wires/handle.js'
import { type Accepted, refuse } from './wires/open-wire.js'
import { WorkerThreads } from './worker-threads.js'

/** A connection, and where it came to. */
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
  /** Settles when a worker thread has died. The server has stopped then: nobody knows what that one held locked. */
  readonly failed: Promise<Error>
  private readonly listeners: Listener[] = []
  /** What is known of the listeners, and behind them of the sockets for datagrams. */
  private readonly listening: ListenerFacts[] = []
  /** Connections that came before there was anybody to serve them. */
  private readonly early: Arrival[] = []
  /** Connections too many, which wait until others end. Only without `maxconnsFast`. */
  private readonly waiting: Arrival[] = []
  private readonly accept: Accept = (accepted, listener) => this.take({ accepted, listener })
  private table: ConnectionTable | undefined = undefined
  private counters: Counters | undefined = undefined
  /** Who serves: this thread, or others. */
  private connections: Connections | undefined = undefined
  private datagrams: Datagrams | undefined = undefined
  private threads: WorkerThreads | undefined = undefined
  private readonly reloads: (() => void)[] = []
  private nextNumber = FIRST_NUMBER
  private stopped: Promise<void> | undefined
  private fail!: (error: Error) => void

  private constructor(options: ServerOptions) {
    this.options = options
    this.failed = new Promise((resolve) => {
      this.fail = resolve
    })
  }

  /**
   * Starts to serve. In a program the server listens on 127.0.0.1 and serves in the program's own thread unless told
   * otherwise; port 0 is any free port. Rejects with a sentence when an option is wrong or an address cannot be had.
   */
  static async start(options: Partial<ServerOptions> = {}): Promise<Server> {
    const server = new Server(completeOptions({ listen: [{ host: '127.0.0.1' }], workers: 1, ...options }))
    try {
      await server.listen()
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
    return this.listening
  }

  /** Adds to what `reload` does. Whoever keeps what a file said reads it again here. */
  onReload(readAgain: () => void): void {
    this.reloads.push(readAgain)
  }

  /** Reads files again. Of one that cannot be read, what it said before goes on to count. */
  reload(): void {
    for (const readAgain of this.reloads) {
      try {
        readAgain()
      } catch (error) {
        this.log(0, (error as Error).message)
      }
    }
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
    for (const { accepted } of [...this.early.splice(0), ...this.waiting.splice(0)]) refuse(accepted, '')
    await Promise.all([this.connections?.end(), this.datagrams?.close(), this.threads?.stop(), ...closed])
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

  /** The first worker over an arena sets it up. It serves when it is alone; else threads do, each with a worker of its own. */
  private async work(): Promise<void> {
    const { options } = this
    const { verbosity, idleTimeoutSeconds } = options
    const { listening } = this
    const arena = arenaFor(options, this.workerCount)
    const worker = buildWorker(arena, options, listening)
    const onEnded = () => this.takeWaiting()
    if (arena.seat.workerCount === 1) {
      this.datagrams = await Datagrams.open(worker, options)
      listening.push(...this.datagrams.facts)
      this.connections = new Connections(worker, { listening, verbosity, idleTimeoutSeconds, onEnded })
    } else {
      const onDeath = (error: Error) => this.die(error)
      this.threads = await WorkerThreads.start(arena, options, listening, onEnded, onDeath)
    }
    this.nextNumber += listening.length
    for (const { address } of listening) this.log(1, `listening on ${address}`)
    this.counters = worker.counters.forAcceptor()
    this.table = worker.table
    if (worker.certificates !== undefined) this.reloadCertificates(worker.certificates)
    for (const arrival of this.early.splice(0)) this.take(arrival)
  }

  private reloadCertificates(certificates: Certificates): void {
    this.onReload(() => {
      const failure = certificates.refresh()
      if (failure !== undefined) throw new Error(failure)
    })
  }

  /** As many as were asked for, but no more than can run at once. */
  private get workerCount(): number {
    const count = Math.min(this.options.workers, os.availableParallelism())
    if (count === 1 || canHandOver()) return count
    this.log(0, 'this Node cannot give connections to other threads: one thread serves them all')
    return 1
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
    this.fail(error)
    void this.stop()
  }

  // ─── connections ───────────────────────────────────────────────────────────────────────────────────────────────────

  private take(arrival: Arrival): void {
    if (this.table === undefined) {
      this.early.push(arrival)
    } else if (this.table.count < this.options.connectionsMax) {
      this.serve(arrival, this.table)
    } else if (!this.options.maxconnsFast && this.waiting.length < this.options.backlog) {
      this.waiting.push(arrival)
    } else {
      this.counters?.count(Counter.rejected_connections)
      // Where TLS is spoken, nobody would understand it.
      const isPlain = arrival.listener.verify === null
      refuse(arrival.accepted, isPlain ? 'ERROR Too many open connections\r\n' : '')
    }
  }

  private serve({ accepted, listener }: Arrival, table: ConnectionTable): void {
    const worker = table.leastBusy
    table.add(worker, 1)
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

  /** Says what is worth saying at this level of `verbosity`. */
  private log(level: number, message: string): void {
    if (this.options.verbosity >= level) process.stderr.write(`keepcached: ${message}\n`)
  }
}

const ANYWHERE: ListenAddress = { host: '*' }
