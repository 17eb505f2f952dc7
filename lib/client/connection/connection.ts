import { COPY_LENGTH_MAX } from '../../net/codecs/output.js'
import { connect } from '../../net/connect.js'
import type { Connection as NetConnection } from '../../net/connection.js'
import { NetError } from '../../net/net-error.js'
import { binaryCodec } from '../../protocol/binary/client/binary-codec.js'
import type { ClientCodec, ReplyError } from '../../protocol/client/client-codec.js'
import { isInStep } from '../../protocol/client/may-keep.js'
import { replyError } from '../../protocol/client/reply-error.js'
import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { metaCodec } from '../../protocol/meta/client/meta-codec.js'
import { textCodec } from '../../protocol/text/client/text-codec.js'
import { Command } from '../../request/command.js'
import { Status } from '../../request/status.js'
import type { Call } from '../calls/call.js'
import { type PlainReply, ReplyCall } from '../calls/reply-call.js'
import { ClientError } from '../client-error.js'
import type { ConnectionOptions } from './connection-options.js'
import { logInBinary, logInText } from './login.js'
import { named, reasonOf } from './reason-of.js'
import { Ring } from './ring.js'

/** What a connection reports. */
export interface ConnectionOwner {
  /** It can take calls. */
  onReady(connection: Connection): void
  /** It can take calls again, after `isFull`. */
  onRoom(connection: Connection): void
  /** It has ended. Its calls have failed. */
  onClosed(connection: Connection, error: Error): void
}

/**
 * A connection to a server. Calls are sent in order, without waiting for replies; the replies settle them in the same
 * order. A call that has failed by its deadline keeps its place, so that its late reply is dropped and reaches nobody else.
 *
 *     connecting ──▶ logging in ──▶ ready ──▶ closed
 *          └──────────────┴───────────────────▲
 */
export class Connection {
  state: 'connecting' | 'ready' | 'closed' = 'connecting'
  readonly ring = new Ring()
  readonly bornMs = performance.now()
  /** Of the lifetime that the pool gives, so that connections opened together do not end together. */
  readonly lifeShare = 1 - Math.random() * LIFE_SHARE_SPREAD
  /** When the last call of a program was settled. */
  idleSinceMs = this.bornMs
  /** It has settled a call of a program. */
  hasServed = false
  /** The calls in the ring that are settled already. */
  private abandonedCount = 0
  private messageCount = 0
  private isCongested = false
  /** Nothing has arrived since a call was sent that has failed by its deadline: a server that hangs, or a dead network. */
  private isSilent = false
  private isRetired = false
  /** When it was asked for a sign of life. */
  private askedMs = 0
  /** When the last call of any kind was settled, the questions for a sign of life included. */
  private heardMs = this.bornMs
  /** At the last check: the bytes that had arrived; since when the first call has been overdue and nothing has arrived, or 0. */
  private arrivedLength = 0
  private stuckSinceMs = 0
  private nextOpaque = 1
  /** Runs from when the socket is open until calls can be taken. */
  private preparationTimer: NodeJS.Timeout | undefined = undefined
  private readonly options: ConnectionOptions
  private readonly owner: ConnectionOwner
  private readonly codec: ClientCodec
  private readonly net: NetConnection<Call>

  constructor(options: ConnectionOptions, owner: ConnectionOwner) {
    this.options = options
    this.owner = owner
    this.codec = CODECS[options.protocol]()
    this.net = connect(this.codec, this, options.net)
  }

  /** It was closed because nobody needs it any more. */
  get isRetiring(): boolean {
    return this.isRetired
  }

  /** Whether it takes one more call. */
  get isUsable(): boolean {
    return this.state === 'ready' && !this.isCongested && !this.isSilent && !this.isRetired && !this.isFull
  }

  get isFull(): boolean {
    return this.ring.length >= this.options.inFlightMax
  }

  /** Sends a call. The first one of an idle connection leaves at once, others together at the end of the turn. */
  send(call: Call): void {
    const { ring, net } = this
    call.opaque = this.takeOpaques(call.opaqueCount)
    call.messageCountBefore = this.messageCount
    try {
      if (!net.send(call)) this.isCongested = true
    } catch (error) {
      call.fail(notSent(error as Error))
      return
    }
    if (call.value.length > COPY_LENGTH_MAX) call.sentEnd = net.sentLength + net.queuedLength
    call.carrier = this
    ring.push(call)
    if (ring.length === 1) net.flush()
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.net.pause()
  }

  resume(): void {
    this.net.resume()
  }

  /**
   * A call that was sent here has failed: its reply is still to come. Only a deadline says something about the server; the
   * caller may abort a call at any time.
   */
  abandon(call: Call, isOverdue: boolean): void {
    this.abandonedCount++
    if (isOverdue && call.messageCountBefore === this.messageCount) this.isSilent = true
    const isHopeless = this.isSilent && this.abandonedCount === this.ring.length
    if (isHopeless || this.abandonedCount > this.options.abandonedMax) {
      this.close(new ClientError('CONNECTION', 'the server does not reply'))
    } else if (this.isBeingSent(call)) {
      this.close(new ClientError('CONNECTION', 'a call has failed while its value was being sent'))
    }
  }

  /** Called about once a second. Closes a connection whose first call has failed, and on which nothing has arrived for so long. */
  checkProgress(nowMs: number): void {
    const arrivedLength = this.net.socket?.bytesRead ?? 0
    const hasArrived = arrivedLength !== this.arrivedLength
    this.arrivedLength = arrivedLength
    if (hasArrived || this.ring.first?.isSettled !== true) this.stuckSinceMs = 0
    else if (this.stuckSinceMs === 0) this.stuckSinceMs = nowMs
    else if (nowMs - this.stuckSinceMs >= this.options.silentMsMax)
      this.close(new ClientError('CONNECTION', `${this.options.name} has stopped to reply`))
  }

  /** Asks a connection that was idle for so long for a sign of life, and closes it if none comes until the next check. */
  checkHealth(nowMs: number, intervalMs: number): void {
    if (this.askedMs > 0) {
      if (nowMs - this.askedMs < SIGN_OF_LIFE_MS) return
      this.close(new ClientError('CONNECTION', `${this.options.name} gives no sign of life`))
    } else if (intervalMs > 0 && this.ring.length === 0 && nowMs - this.heardMs >= intervalMs) {
      this.askedMs = nowMs
      const answered = () => {
        this.askedMs = 0
      }
      this.ask(noop()).then(answered, answered)
    }
  }

  /** Takes no more calls, and is closed when those that it has are settled. Called again about once a second. */
  retire(): void {
    this.isRetired = true
    if (this.ring.length === this.abandonedCount)
      this.close(new ClientError('CLOSED', 'the connection is not needed any more'))
  }

  /** Fails its calls at once. Resolves when the socket is closed. */
  close(error: Error): Promise<void> {
    this.net.destroy()
    this.onClose(this.net, error)
    return this.net.end()
  }

  onConnect(): void {
    const { name, net } = this.options
    const giveUp = () => {
      const cause = new NetError('READ_TIMEOUT', 'no reply')
      this.close(new ClientError('UNREACHABLE', `${name} accepts connections, and does not reply`, { cause }))
    }
    this.preparationTimer = setTimeout(giveUp, net.connectTimeoutMs).unref()
    this.prepare().then(
      () => this.beReady(),
      (error: Error) => this.close(named(error, this.options.name)),
    )
  }

  onMessage(reply: ReplyMessage): void {
    const { ring } = this
    const call = ring.first
    if (call === undefined || !this.codec.mayAnswer(call, reply) || !call.accepts(reply)) {
      this.close(outOfStep(reply))
      return
    }
    this.messageCount++
    const wasSilent = this.isSilent
    this.isSilent = false
    const isLast = call.isLast(reply)
    const isLate = call.isSettled
    if (isLast) this.shift(call)
    if (!isLate) call.read(reply, isLast)
    if (reply.status !== Status.OK && !isInStep(call, reply)) this.close(this.lost())
    else {
      if (isLast) this.afterReply(call)
      if (wasSilent) this.owner.onRoom(this)
    }
    if (isLast && !isLate) call.giveBack()
  }

  onDrain(): void {
    this.isCongested = false
    this.owner.onRoom(this)
  }

  onError(): void {}

  onClose(_connection: unknown, error?: Error): void {
    if (this.state === 'closed') return
    const reason = reasonOf(error, this.state === 'ready', this.options.name)
    this.state = 'closed'
    clearTimeout(this.preparationTimer)
    for (const call of this.ring.takeAll()) call.fail(reason)
    this.owner.onClosed(this, reason)
  }

  private lost(): ClientError {
    return new ClientError(
      'CONNECTION',
      `${this.options.name} refused a request, and may have read its value as commands`,
    )
  }

  /** Whether the socket may still read the value of the call from the memory of the caller, which the caller may use again now. */
  private isBeingSent(call: Call): boolean {
    return call.value.length > COPY_LENGTH_MAX && call.sentEnd > this.net.sentLength
  }

  private shift(call: Call): void {
    this.ring.shift()
    if (call.isSettled) this.abandonedCount--
  }

  private afterReply(call: Call): void {
    const { length } = this.ring
    const isOfProgram = !(call instanceof ReplyCall)
    if (isOfProgram) this.hasServed = true
    if (length === 0) {
      this.heardMs = performance.now()
      if (isOfProgram) this.idleSinceMs = this.heardMs
      if (this.isRetired) this.retire()
    }
    if (length === this.options.inFlightMax - 1) this.owner.onRoom(this)
  }

  private beReady(): void {
    if (this.state !== 'connecting') return
    this.state = 'ready'
    clearTimeout(this.preparationTimer)
    this.owner.onReady(this)
  }

  /** Logs in, and asks a server whether it knows the meta commands. */
  private async prepare(): Promise<void> {
    const { credentials, protocol } = this.options
    const ask = (call: ReplyCall) => this.ask(call)
    if (credentials !== undefined) await (protocol === 'binary' ? logInBinary : logInText)(ask, credentials)
    if (protocol !== 'meta') return
    const { error, status } = await this.ask(noop())
    if (status === Status.UNKNOWN_COMMAND) throw new NoMetaError(this.options.name)
    if (error !== undefined) throw error
  }

  private ask(call: ReplyCall): Promise<PlainReply> {
    const promise = call.promise()
    this.send(call)
    return promise
  }

  private takeOpaques(count: number): number {
    if (this.nextOpaque + count > OPAQUE_MAX) this.nextOpaque = 1
    const opaque = this.nextOpaque
    this.nextOpaque += count
    return opaque
  }
}

/** The server is too old for meta commands. */
export class NoMetaError extends ClientError {
  constructor(name: string) {
    super('SERVER', `${name} does not know meta commands: it is older than memcached 1.6`)
  }
}

const CODECS = { binary: binaryCodec, meta: metaCodec, text: textCodec } as const

const LIFE_SHARE_SPREAD = 0.1

/** Shorter than the time between two checks. */
const SIGN_OF_LIFE_MS = 900

/** Too many bytes wait to be sent, or the codec cannot express the request, whatever it throws: another attempt is no use. */
function notSent(error: Error): ClientError {
  const code = error instanceof NetError && error.code === 'QUEUE_FULL' ? 'QUEUE_FULL' : 'BAD_REQUEST'
  return new ClientError(code, error.message, { cause: error })
}

function noop(): ReplyCall {
  const call = new ReplyCall()
  call.command = Command.NOOP
  return call
}

/** Short numbers are short on the wire (meta). */
const OPAQUE_MAX = 99_999

const outOfStep = (reply: ReplyMessage): ReplyError =>
  replyError('the server replied to another request', reply)
