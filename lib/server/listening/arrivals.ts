import type { Census } from '../../metrics/census.js'
import type { ConnectionTable } from '../../metrics/connection-table.js'
import { Counter, type Counters } from '../../metrics/counters.js'
import type { ServerOptions } from '../../options/table/options.js'
import { type Accepted, refuse } from '../wires/open-wire.js'
import type { Accept, Listener } from './listener.js'

/** A connection, and the listener that accepted it. */
interface Arrival {
  readonly accepted: Accepted
  readonly listener: Listener
}

type Limits = Pick<ServerOptions, 'connectionsMax' | 'maxconnsFast' | 'backlog'>

/** Gives the connection to a worker. */
type Give = (accepted: Accepted, listener: Listener, worker: number) => void

/**
 * The accepted connections until a worker has them. Those that come before the workers can serve wait, and so do those beyond
 * the limit of connections, until others end. The rest are refused.
 */
export class Arrivals {
  readonly accept: Accept = (accepted, listener) => this.take({ accepted, listener })
  /** How many connections this process has files for. */
  room = Number.POSITIVE_INFINITY
  private readonly limits: Limits
  private readonly counters: Counters
  private readonly give: Give
  private table: ConnectionTable | undefined = undefined
  private readonly early: Arrival[] = []
  /** Only without `maxconnsFast`. */
  private readonly waiting: Arrival[] = []
  /** Rises with each connection that comes. */
  private count = 0

  constructor(limits: Limits, counters: Counters, give: Give) {
    this.limits = limits
    this.counters = counters
    this.give = give
  }

  /** The connections that came before the workers could serve. */
  get earlyCount(): number {
    return this.early.length
  }

  get areServed(): boolean {
    return this.table !== undefined
  }

  /** The workers serve those that have come so far, and from now on each as it comes. */
  serve(table: ConnectionTable): void {
    this.table = table
    for (const arrival of this.early.splice(0)) this.take(arrival)
  }

  /** One of the connections has ended. */
  takeWaiting(): void {
    const next = this.waiting.shift()
    if (next !== undefined) this.take(next)
  }

  close(): void {
    for (const { accepted } of [...this.early.splice(0), ...this.waiting.splice(0)]) refuse(accepted, '')
  }

  /**
   * Resolves after a round of the event loop without a new connection: one round accepts at most one. Those that had
   * connected before the request are accepted after as many rounds as the backlog is long, however many connect meanwhile.
   */
  answerCensus(census: Census, roundsMax = this.limits.backlog): void {
    const { count } = this
    setImmediate(() => {
      if (this.count === count || roundsMax === 0) census.answer()
      else this.answerCensus(census, roundsMax - 1)
    })
  }

  private take(arrival: Arrival): void {
    const { table, early, waiting, room } = this
    const { connectionsMax, maxconnsFast, backlog } = this.limits
    this.count++
    if (table === undefined) {
      if (early.length < Math.min(connectionsMax, room)) early.push(arrival)
      else this.turnAway(arrival)
    } else if (table.counts.sum + waiting.length >= room) {
      this.turnAway(arrival)
    } else if (table.counts.sum < connectionsMax) {
      const worker = table.counts.leastBusy
      table.counts.add(worker, 1)
      this.give(arrival.accepted, arrival.listener, worker)
    } else if (!maxconnsFast && waiting.length < backlog) {
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
}
