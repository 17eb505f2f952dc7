import type { Call } from '../calls/call.js'
import { ClientError } from '../client-error.js'
import { Connection, NoMetaError } from '../connection/connection.js'
import type { ConnectionOptions } from '../connection/connection-options.js'
import { ProtocolError } from '../connection/reason-of.js'
import { Backoff } from './backoff.js'
import type { PoolOptions } from './pool-options.js'
import { createPoolStatistics, type PoolStatistics } from './pool-statistics.js'

/** What carries the calls to one server. A program may bring its own. */
export interface Pool {
  /** Sends the call, now or when a connection has room; or fails it, in a later turn. */
  execute(call: Call): void
  /** Called about once a second. */
  maintain(): void
  statistics(): PoolStatistics
  /** The server is not used any more: closes the connections when the calls under way are settled. */
  retire(): void
  /** Fails what waits or is under way. Resolves when all connections are closed. */
  close(error: Error): Promise<void>
}

/** What a pool reports about its connections. */
export interface PoolObserver {
  onConnect(): void
  onDisconnect(error: Error): void
}

/**
 * The connections to one server, from `min` to `max`. A connection carries many calls at a time. A call goes to the
 * connection that has the fewest; another one is opened while each has more than `busyAt`. When all are full, calls wait
 * in a queue that has a bound.
 */
export class ConnectionPool implements Pool {
  private connectionOptions: ConnectionOptions
  private readonly options: PoolOptions
  private readonly observer: PoolObserver
  private readonly connections = new Set<Connection>()
  /** Since when each has waited, the oldest first. */
  private readonly waiting = new Map<Call, number>()
  private readonly counts = createPoolStatistics()
  private readonly backoff: Backoff
  private lastError: Error | undefined = undefined
  private isRetired = false
  private isClosed = false

  constructor(connectionOptions: ConnectionOptions, options: PoolOptions, observer: PoolObserver) {
    this.connectionOptions = connectionOptions
    this.options = options
    this.observer = observer
    this.backoff = new Backoff(options.backoffMinMs, options.backoffMaxMs)
  }

  execute(call: Call): void {
    this.counts.acquires++
    const connection = this.leastBusy()
    if (connection === undefined) {
      this.wait(call)
      return
    }
    connection.send(call)
    if (connection.ring.length > this.options.busyAt) this.openAnother()
  }

  /** A call that waits has failed. */
  abandon(call: Call): void {
    this.waiting.delete(call)
  }

  maintain(): void {
    const nowMs = performance.now()
    const { min, idleMs, lifetimeMs, healthCheckMs } = this.options
    for (const connection of this.connections) {
      connection.checkProgress(nowMs)
      if (connection.state !== 'ready') continue
      const idleSinceMs = connection.ring.length > 0 ? nowMs : connection.idleSinceMs
      const isSpare = this.connections.size > min
      if (isOver(connection.bornMs, lifetimeMs * connection.lifeShare, nowMs)) connection.retire()
      else if (isSpare && isOver(idleSinceMs, idleMs, nowMs)) connection.retire()
      else connection.checkHealth(nowMs, healthCheckMs)
    }
    while (this.connections.size < min && this.open()) {}
  }

  statistics(): PoolStatistics {
    const all = [...this.connections]
    const active = all.filter(({ ring }) => ring.length > 0).length
    const total = all.length
    return { ...this.counts, total, active, idle: total - active, waiting: this.waiting.size }
  }

  retire(): void {
    this.isRetired = true
    if (this.waiting.size > 0) return
    for (const connection of [...this.connections]) connection.retire()
  }

  async close(error: Error): Promise<void> {
    this.isClosed = true
    this.failWaiting(error)
    await Promise.all([...this.connections].map((connection) => connection.close(error)))
  }

  onReady(): void {
    this.backoff.succeeded()
    this.observer.onConnect()
    this.onRoom()
  }

  onRoom(): void {
    for (const [call, sinceMs] of this.waiting) {
      const connection = this.leastBusy()
      if (connection === undefined) return
      this.waiting.delete(call)
      this.counts.waitedMs += performance.now() - sinceMs
      connection.send(call)
    }
    if (this.isRetired) this.retire()
  }

  onClosed(connection: Connection, error: Error): void {
    this.connections.delete(connection)
    this.counts.destroyed++
    if (this.isClosed) return
    if (error instanceof NoMetaError && this.connectionOptions.mayUseText) this.useText()
    else if (!connection.isRetiring) this.onLost(connection, error)
    if (this.waiting.size === 0) return
    this.openAnother()
    if (this.connections.size === 0) this.failWaiting(this.unreachable())
  }

  private onLost(connection: Connection, error: Error): void {
    this.counts.errors++
    this.lastError = error
    const isFinal = error instanceof ClientError && error.code === 'AUTH'
    if (!connection.hasServed) this.backoff.failed(performance.now(), isFinal)
    this.observer.onDisconnect(error)
  }

  private leastBusy(): Connection | undefined {
    let found: Connection | undefined
    for (const connection of this.connections) {
      if (!connection.isUsable) continue
      if (found === undefined || connection.ring.length < found.ring.length) found = connection
    }
    return found
  }

  private wait(call: Call): void {
    const refusal = this.refusal()
    if (refusal !== undefined) {
      failLater(call, refusal)
      return
    }
    this.counts.waits++
    this.waiting.set(call, performance.now())
    call.carrier = this
  }

  /** Why a call cannot wait for a connection. Opens one if it can. */
  private refusal(): ClientError | undefined {
    if (this.isClosed) return new ClientError('CLOSED', 'the client is closed')
    if (this.waiting.size >= this.options.waitingMax) return this.queueIsFull()
    this.openAnother()
    return this.connections.size === 0 ? this.unreachable() : undefined
  }

  private openAnother(): void {
    const isOpening = [...this.connections].some(({ state }) => state === 'connecting')
    if (!isOpening && this.connections.size < this.options.max) this.open()
  }

  /** Whether there was an attempt. */
  private open(): boolean {
    if (this.backoff.waitMs(performance.now()) > 0) return false
    this.counts.created++
    this.connections.add(new Connection(this.connectionOptions, this))
    return true
  }

  private useText(): void {
    this.connectionOptions = { ...this.connectionOptions, protocol: 'text' }
  }

  private failWaiting(error: Error): void {
    const calls = [...this.waiting.keys()]
    this.waiting.clear()
    for (const call of calls) call.fail(error)
  }

  private unreachable(): ClientError {
    const waitMs = Math.ceil(this.backoff.waitMs(performance.now()))
    const { lastError } = this
    const words = `${lastError!.message} (next attempt in ${waitMs} ms)`
    // What a server breaks before it can be asked, such as in a login, it breaks for those who wait.
    if (lastError instanceof ProtocolError) return new ProtocolError(words, lastError)
    const code = lastError instanceof ClientError && lastError.code === 'AUTH' ? 'AUTH' : 'UNREACHABLE'
    return new ClientError(code, words, { cause: lastError })
  }

  private queueIsFull(): ClientError {
    const { name } = this.connectionOptions
    return new ClientError('QUEUE_FULL', `${name}: ${this.waiting.size} calls wait already`)
  }
}

/** In a later turn: a loop that tries again at once must not starve the rest of the program. */
function failLater(call: Call, error: Error): void {
  setImmediate(() => call.fail(error))
}

const isOver = (sinceMs: number, lengthMs: number, nowMs: number): boolean =>
  lengthMs > 0 && nowMs - sinceMs >= lengthMs
