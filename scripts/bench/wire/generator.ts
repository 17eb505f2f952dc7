import { cpuSeconds } from '../support/usage.js'
import type { Batch } from './batches.js'
import { Connection } from './connection.js'
import { openConnections } from './exchange.js'
import type { Target } from './open-socket.js'

/** What one run did. */
export interface Run {
  readonly requestCount: number
  readonly seconds: number
  readonly serverCpuSeconds: number
}

/** A connection that sends a batch, and reports when it is answered. */
export interface Sender {
  send(): void
}

type OnAnswered = (sender: Sender, requestCount: number) => void

const LAST_REPLIES_MS_MAX = 5_000

/** The load on one server: as many requests in flight on each connection as a batch has. */
export class Generator {
  private readonly serverPid: number
  private connections: readonly Sender[] = []
  private isOver = false
  private requestCount = 0
  private busyCount = 0
  private onAllAnswered = () => {}

  constructor(serverPid: number) {
    this.serverPid = serverPid
  }

  /** Opens the connections and distributes the batches: no two get the same. */
  async connect(target: Target, connectionCount: number, batches: readonly Batch[]): Promise<void> {
    const share = Math.floor(batches.length / connectionCount)
    if (share === 0)
      throw new Error(`${batches.length} batches are too few for ${connectionCount} connections`)
    await this.open(connectionCount, (index, onAnswered) =>
      Connection.open(target, batches.slice(index * share, (index + 1) * share), onAnswered),
    )
  }

  async open(
    connectionCount: number,
    openOne: (index: number, onAnswered: OnAnswered) => Promise<Sender>,
  ): Promise<void> {
    this.connections = await openConnections(connectionCount, (index) =>
      openOne(index, (sender, requestCount) => this.onAnswered(sender, requestCount)),
    )
  }

  /** From the first request of an idle server to its last reply, so that its CPU time is that of exactly these requests. */
  async run(seconds: number): Promise<Run> {
    this.isOver = false
    this.requestCount = 0
    this.busyCount = this.connections.length
    const allAnswered = new Promise<void>((resolve) => {
      this.onAllAnswered = resolve
    })
    const cpuBefore = cpuSeconds(this.serverPid)
    const start = performance.now()
    for (const connection of this.connections) connection.send()
    setTimeout(() => {
      this.isOver = true
    }, seconds * 1000)
    const watchdog = setTimeout(() => this.giveUp(), seconds * 1000 + LAST_REPLIES_MS_MAX)
    await allAnswered
    clearTimeout(watchdog)
    return {
      requestCount: this.requestCount,
      seconds: (performance.now() - start) / 1000,
      serverCpuSeconds: cpuSeconds(this.serverPid) - cpuBefore,
    }
  }

  private onAnswered(connection: Sender, requestCount: number): void {
    this.requestCount += requestCount
    if (!this.isOver) connection.send()
    else if (--this.busyCount === 0) this.onAllAnswered()
  }

  private giveUp(): void {
    throw new Error(`${this.busyCount} connections still wait for replies`)
  }
}
