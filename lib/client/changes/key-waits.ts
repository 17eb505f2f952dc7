import type { Versioned } from '../calls/get-call.js'
import { ClientError } from '../client-error.js'
import type { CallOptions } from '../commands/executor.js'
import { Connection, type ConnectionOwner, NoMetaError } from '../connection/connection.js'
import type { ConnectionOptions } from '../connection/connection-options.js'
import { onAbort } from '../on-abort.js'
import type { WaitCall } from './wait-call.js'

export interface WaitOptions extends CallOptions {
  /** The cas that the caller knows, from `gets` or from the last wait. Default: 0n, waits until there is an item. */
  readonly after?: bigint
  /** Milliseconds to wait, at most an hour. Default: 30,000. */
  readonly timeout?: number
}

/** The changed item; 'missing': there is none any more; undefined: time is up. */
export type WaitOutcome<Value> = Versioned<Value> | 'missing' | undefined

export interface WaitParts {
  readonly connectionOptions: ConnectionOptions
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Waits for keys. While a server waits it answers nothing else on the connection, so each wait has one of its own: other calls
 * of the client are not held up.
 */
export class KeyWaits {
  private readonly open = new Set<KeyWait<unknown>>()

  async run<Value>(call: WaitCall<Value>, parts: WaitParts): Promise<WaitOutcome<Value>> {
    if (this.open.size >= WAIT_COUNT_MAX)
      throw new ClientError('QUEUE_FULL', `${this.open.size} calls wait for a key already`)
    const wait = new KeyWait(call, parts)
    this.open.add(wait)
    try {
      return await wait.outcome
    } finally {
      this.open.delete(wait)
      await wait.close()
    }
  }

  /** Fails all of them. Resolves when their sockets are closed. */
  async close(error: Error): Promise<void> {
    for (const wait of this.open) wait.fail(error)
    await Promise.all([...this.open].map((wait) => wait.close()))
  }
}

class KeyWait<Value> implements ConnectionOwner {
  readonly outcome: Promise<WaitOutcome<Value>>
  private readonly call: WaitCall<Value>
  private readonly parts: WaitParts
  private readonly connection: Connection
  private readonly timer: NodeJS.Timeout
  private isAsked = false
  private readonly unfollow: (() => void) | undefined

  constructor(call: WaitCall<Value>, parts: WaitParts) {
    this.call = call
    this.parts = parts
    this.outcome = call.promise()
    this.connection = new Connection({ ...parts.connectionOptions, protocol: 'meta' }, this)
    this.timer = setTimeout(() => this.endTime(), parts.timeoutMs)
    const { signal } = parts
    if (signal?.aborted === true) this.abort(signal)
    else this.unfollow = signal && onAbort(signal, () => this.abort(signal))
  }

  onReady(): void {
    this.isAsked = true
    this.connection.send(this.call)
  }

  onRoom(): void {}

  onClosed(_connection: Connection, error: Error): void {
    this.fail(this.isUnsupported(error) ? this.unsupported(error) : error)
  }

  fail(error: Error): void {
    this.call.fail(error)
  }

  private abort({ reason }: AbortSignal): void {
    this.fail(new ClientError('ABORTED', 'the call was aborted', { cause: reason }))
  }

  /** Resolves when the socket is closed. */
  async close(): Promise<void> {
    clearTimeout(this.timer)
    this.unfollow?.()
    await this.connection.close(new ClientError('CLOSED', 'the wait is over'))
  }

  /** A server that was not asked has not said that nothing has changed. */
  private endTime(): void {
    const { name } = this.parts.connectionOptions
    if (this.isAsked) this.call.succeed(undefined)
    else this.fail(new ClientError('TIMEOUT', `${name}: the deadline of the call has passed`))
  }

  /** A server for binary alone closes a connection that begins with text. */
  private isUnsupported(error: Error): boolean {
    if (error instanceof NoMetaError) return true
    const isClosed = error instanceof ClientError && error.code === 'UNREACHABLE' && error.cause === undefined
    return isClosed && this.parts.connectionOptions.protocol === 'binary'
  }

  private unsupported(cause: Error): ClientError {
    const { name } = this.parts.connectionOptions
    return new ClientError('UNSUPPORTED', `${name} cannot wait for a key: it does not accept meta`, { cause })
  }
}

/** Each takes a socket, here and on the server. */
const WAIT_COUNT_MAX = 1000
