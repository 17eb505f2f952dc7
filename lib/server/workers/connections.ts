import { setTimeout as sleep } from 'node:timers/promises'
import { Counter } from '../../metrics/counters.js'
import { Ending, EventType, Transport } from '../../watch/event.js'
import { Connection } from '../connection/connection.js'
import { freeWindow } from '../connection/free-window.js'
import type { Worker } from '../connection/worker.js'
import type { ListenerFacts } from '../listening/listener-facts.js'
import type { Accepted } from '../wires/open-wire.js'
import type { Encryption } from '../wires/tls-wire.js'
import type { Uring } from '../wires/uring/uring.js'
import type { Log } from './log.js'
import { Reaping } from './reaping.js'

export interface ConnectionsOptions {
  readonly listening: readonly ListenerFacts[]
  readonly log: Log
  /** How long a connection may be idle; 0 for ever. */
  readonly idleTimeoutSeconds: number
  /** How long the replies of a remote engine may take; 0 without one. */
  readonly replyMsMax: number
  /** The worker's io_uring; undefined without one. */
  readonly ring?: Uring | undefined
  /** A connection has ended, and there is room for another. */
  readonly onEnded: () => void
}

/** The connections of one worker, and its work between their requests. */
export class Connections {
  private readonly worker: Worker
  private readonly options: ConnectionsOptions
  private readonly connections = new Set<Connection>()
  /** The address of the unix socket, if the server listens on one. */
  private readonly unixAddress: string | undefined
  private readonly reaping: Reaping
  private readonly sweeping: NodeJS.Timeout | undefined

  constructor(worker: Worker, options: ConnectionsOptions) {
    this.worker = worker
    this.options = options
    this.unixAddress = options.listening.find(({ family }) => family === 'unix')?.address
    worker.pool.onEmpty = () => freeWindow(worker, this.connections)
    this.reaping = new Reaping(worker)
    if (options.idleTimeoutSeconds > 0) this.sweeping = setInterval(() => this.sweep(), SWEEP_MS).unref()
  }

  /** Serves a connection that has been accepted, and counted, by the listener of that index. */
  serve(accepted: Accepted, number: number, listener: number): void {
    const { worker, unixAddress } = this
    const { log, onEnded } = this.options
    worker.turns.othersHaveCome = true
    const connection = new Connection(worker, number, () => {
      log.say(2, `connection ${number} has ended`)
      this.connections.delete(connection)
      this.tell(EventType.CONN_CLOSE, number, remoteAddress, connection.ending)
      onEnded()
    })
    log.say(2, `connection ${number} is new`)
    connection.open(accepted, this.encryptionAt(listener), this.options.ring)
    const { remoteAddress, localAddress } = connection.wire
    connection.name(unixAddress ?? `tcp:${remoteAddress}`, unixAddress ?? `tcp:${localAddress}`)
    this.connections.add(connection)
    this.tell(EventType.CONN_NEW, number, remoteAddress)
    worker.counters.count(Counter.total_connections)
  }

  /** Closes all connections, once remote engines have replied. They have a short time to read pending replies. */
  async end(): Promise<void> {
    this.reaping.end()
    clearInterval(this.sweeping)
    for (const connection of this.connections) connection.leave()
    await this.untilReplied()
    const deadline = Date.now() + END_MS_MAX
    while (this.connections.size > 0 && Date.now() < deadline) await sleep(POLL_MS)
    for (const connection of this.connections) connection.wire.destroy()
    this.options.ring?.close()
  }

  private async untilReplied(): Promise<void> {
    const deadline = Date.now() + this.options.replyMsMax + END_MS_MAX
    const isWaiting = (): boolean => [...this.connections].some(({ awaitsReplies }) => awaitsReplies)
    while (Date.now() < deadline && isWaiting()) await sleep(POLL_MS)
  }

  /** Reports opened and closed connections to watchers. */
  private tell(
    type: typeof EventType.CONN_NEW | typeof EventType.CONN_CLOSE,
    number: number,
    address: string,
    ending: Ending = Ending.ERROR,
  ): void {
    const { events } = this.worker.watchers
    events.refresh()
    if (this.unixAddress !== undefined) {
      events.connection(type, ending, Transport.LOCAL, number, 'unix', 0)
      return
    }
    const colon = address.lastIndexOf(':')
    const host = address.slice(0, Math.max(0, colon)).replace(/^\[|\]$/g, '')
    events.connection(type, ending, Transport.TCP, number, host, Number(address.slice(colon + 1)))
  }

  /**
   * Closes connections that have been idle for too long. Rounds are counted rather than seconds: a worker that was
   * held up for a while has not read from its clients, which are not to blame.
   */
  private sweep(): void {
    const rounds = (this.options.idleTimeoutSeconds * 1000) / SWEEP_MS
    for (const connection of this.connections) {
      if (connection.countIdleRound() <= rounds) continue
      this.worker.counters.count(Counter.idle_kicks)
      connection.ending ??= Ending.IDLE_TIMEOUT
      connection.close(false)
    }
  }

  private encryptionAt(listener: number): Encryption | undefined {
    const { certificates, counters, gathered } = this.worker
    const verify = this.options.listening[listener]?.verify ?? null
    if (certificates === undefined || verify === null) return undefined
    return { secureContext: certificates.secureContext, verify, gathered, counters }
  }
}

/** A connection is closed at most this much too late: some clients wait half a second for it. */
const SWEEP_MS = 250
const END_MS_MAX = 300
const POLL_MS = 5
