import { Call } from '../../client/calls/call.js'
import { errorOf } from '../../client/calls/error-of.js'
import { ClientError } from '../../client/client-error.js'
import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { Command } from '../../request/command.js'
import { Status } from '../../request/status.js'

/** The connection of a call, for as long as the load runs. */
export interface CallConnection {
  readonly isReady: boolean
  send(call: BenchCall): void
}

export interface CallListener {
  onReply(call: BenchCall): void
  onError(call: BenchCall, error: Error): void
  /** It can be sent again. */
  onFree(call: BenchCall): void
}

/** A place for one request at a time on a connection. It has no promise, and is sent again and again. */
export class BenchCall extends Call<void> {
  /** `lost`: with its connection, until there is another one. */
  place: 'idle' | 'sent' | 'lost' = 'lost'
  /** From when its latency counts. */
  startMs = 0
  sentMs = 0
  isHit = false
  readonly connection: CallConnection
  private readonly listener: CallListener

  constructor(connection: CallConnection, listener: CallListener) {
    super()
    this.connection = connection
    this.listener = listener
  }

  get isGet(): boolean {
    return this.command === Command.GET
  }

  begin(startMs: number, nowMs: number): void {
    this.isSettled = false
    this.damage = undefined
    this.isHit = false
    this.startMs = startMs
    this.sentMs = nowMs
    this.place = 'sent'
  }

  override accepts({ kind, opaque, hasOpaque }: ReplyMessage): boolean {
    return kind !== ReplyKind.STATISTIC && kind !== ReplyKind.LINE && (!hasOpaque || opaque === this.opaque)
  }

  /** Text: the item comes before the end of the reply. */
  override collect(): void {
    this.isHit = true
  }

  override finish(reply: ReplyMessage): void {
    const { kind, status } = reply
    this.isSettled = true
    if (kind !== ReplyKind.END && status === Status.OK) this.isHit = true
    if (status === Status.OK || (this.isGet && status === Status.NOT_FOUND)) this.listener.onReply(this)
    else this.listener.onError(this, errorOf(reply))
  }

  override fail(error: Error): void {
    if (this.isSettled) return
    this.isSettled = true
    this.place = 'lost'
    this.listener.onError(this, error)
    // Not sent at all, such as a key that is too long: the connection is as good as before.
    if (error instanceof ClientError && this.connection.isReady) setImmediate(() => this.giveBack())
  }

  /** Not before: until now the connection looks at it. */
  override giveBack(): void {
    this.listener.onFree(this)
  }
}
