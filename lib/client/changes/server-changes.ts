import { Backoff } from '../../net/backoff.js'
import { lines } from '../../net/codecs/lines.js'
import { connect } from '../../net/connect.js'
import type { Connection } from '../../net/connection.js'
import { NetError } from '../../net/net-error.js'
import { ClientError } from '../client-error.js'
import type { ConnectionOptions } from '../connection/connection-options.js'
import { reasonOf } from '../connection/reason-of.js'
import { Handshake } from './handshake.js'
import { type LineChange, readChange, UNKNOWN_GAP } from './read-change.js'

/** What the changes of a server are told to. */
export interface ServerChangesOwner {
  /** Returns whether the server should be read on. */
  onChange(server: ServerChanges, change: LineChange): boolean
  onConnect(server: string): void
  /** The connection was lost, or could not be made: there will be another attempt. */
  onDisconnect(server: string, error: Error): void
  /** There is no point in another attempt. */
  onFailure(error: Error): void
}

export interface ServerChangesParts {
  readonly connectionOptions: ConnectionOptions
  /** `watch changes` without `since`. */
  readonly request: string
  readonly since: string | undefined
  /** The program waits for this server: if it cannot be reached at first, that is an error. */
  readonly isRequired: boolean
  readonly owner: ServerChangesOwner
}

/**
 * Follows the changes of one server, over connections of its own, one after the other. Each resumes after the last change
 * that was received.
 *
 *     connecting ──▶ asking ──▶ following ──▶ lost ──▶ waiting ─┐
 *         ▲                                                     │
 *         └─────────────────────────────────────────────────────┘
 */
export class ServerChanges {
  readonly name: string
  /** Where to resume; undefined while items are listed, and before the first line. */
  position: string | undefined
  private readonly parts: ServerChangesParts
  private readonly backoff = new Backoff(BACKOFF)
  private net: Connection<string> | undefined = undefined
  private handshake: Handshake | undefined = undefined
  private hasFollowed = false
  private failedCount = 0
  private isPaused = false
  private isClosed = false
  /** Runs until the request is accepted, and then until the next attempt. */
  private timer: NodeJS.Timeout | undefined = undefined

  constructor(parts: ServerChangesParts) {
    this.parts = parts
    this.name = parts.connectionOptions.name
    this.position = parts.since
  }

  /** Begins to connect. */
  open(): void {
    const { credentials } = this.parts.connectionOptions
    const { heartbeat: _, ...net } = this.parts.connectionOptions.net
    const since = this.position === undefined ? '' : ` since=${this.position}`
    this.handshake = new Handshake(this.name, credentials, `${this.parts.request}${since}`)
    this.net = connect(lines({ encoding: 'latin1', end: '\r\n', maxLength: LINE_LENGTH_MAX }), this, {
      ...net,
      messageLengthMax: LINE_LENGTH_MAX,
      readTimeoutMs: SILENCE_MS,
    })
  }

  pause(): void {
    this.isPaused = true
    this.net?.pause()
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.net?.resume()
  }

  /** Resolves when nothing is left of the connection. */
  async close(): Promise<void> {
    this.isClosed = true
    clearTimeout(this.timer)
    this.net?.destroy()
    await this.net?.whenClosed()
  }

  // ─── called by the connection ──────────────────────────────────────────────────────────────────────────────────────

  onConnect(net: Connection<string>): void {
    const { connectTimeoutMs } = this.parts.connectionOptions.net
    const giveUp = () => net.destroy(new NetError('READ_TIMEOUT', 'no reply'))
    this.timer = setTimeout(giveUp, connectTimeoutMs)
    this.sendAll(this.handshake!.begin())
  }

  onMessage(line: string): void {
    if (this.isClosed) return
    const { handshake } = this
    if (handshake === undefined) {
      this.read(line)
      return
    }
    const next = handshake.read(line)
    if (next instanceof ClientError) this.fail(next)
    else if (next === 'accepted') this.follow()
    else this.sendAll(next)
  }

  onError(): void {}

  onClose(_net: unknown, error?: Error): void {
    clearTimeout(this.timer)
    if (this.isClosed) return
    const wasFollowing = this.handshake === undefined
    const reason = this.reasonOfLoss(error, wasFollowing)
    if (isFinal(error)) {
      this.fail(reason)
      return
    }
    this.failedCount++
    if (!this.hasFollowed && this.parts.isRequired && this.failedCount === FIRST_ATTEMPTS) {
      this.fail(reason)
      return
    }
    this.parts.owner.onDisconnect(this.name, reason)
    // Without a position nothing can be resumed: the server will begin anew, and would not say that something is missing.
    if (wasFollowing && this.position === undefined) this.tell(UNKNOWN_GAP)
    if (!this.isClosed) this.timer = setTimeout(() => this.open(), this.backoff.next())
  }

  private follow(): void {
    clearTimeout(this.timer)
    this.handshake = undefined
    this.hasFollowed = true
    if (this.isPaused) this.net?.pause()
    this.parts.owner.onConnect(this.name)
  }

  private read(line: string): void {
    let change: LineChange | undefined
    try {
      change = readChange(line)
    } catch (error) {
      const { message } = error as Error
      this.fail(new ClientError('PROTOCOL', `${this.name}: ${message}`, { cause: error }))
      return
    }
    this.backoff.succeed()
    if (change === undefined) return
    this.position = change.position
    this.tell(change)
  }

  private tell(change: LineChange): void {
    if (!this.parts.owner.onChange(this, change)) this.pause()
  }

  private fail(error: Error): void {
    if (this.isClosed) return
    void this.close()
    this.parts.owner.onFailure(error)
  }

  private reasonOfLoss(error: Error | undefined, wasFollowing: boolean): Error {
    if (error === undefined && this.handshake?.isUnanswered === true) return this.handshake.silence()
    return reasonOf(error, wasFollowing, this.name)
  }

  private sendAll(requests: readonly string[]): void {
    for (const request of requests) this.net?.send(request)
  }
}

/** Bytes that another attempt would bring again. */
const isFinal = (error: Error | undefined): boolean =>
  error !== undefined && 'code' in error && FINAL_CODES.has(error.code)

const FINAL_CODES: ReadonlySet<unknown> = new Set(['MESSAGE_TOO_LONG', 'ERR_STRING_TOO_LONG'])

/** A value of 300 MB in base64. V8 allows no string above 512 MiB. */
const LINE_LENGTH_MAX = 400 * 1024 * 1024
/** Servers tell their position every 15 seconds: after two of them and some time to spare a server has vanished. */
const SILENCE_MS = 40_000
/** A connection that was cut at once may be an accident. */
const FIRST_ATTEMPTS = 3
const BACKOFF = { minMs: 50, maxMs: 2_000, factor: 2, jitter: 0.5, attempts: Number.POSITIVE_INFINITY }
