import type { Socket } from 'node:net'
import { types } from 'node:util'
import type { Backoff } from '../backoff.js'
import type { Codec } from '../codecs/codec.js'
import type { Connection, ConnectionState, Handlers } from '../connection.js'
import { NetError } from '../net-error.js'
import type { Settings } from '../options.js'
import { type DeadlineOwner, Deadlines, type Timeout } from './deadlines.js'
import { Delivery, type DeliveryOwner } from './delivery.js'
import type { Inbox } from './inbox.js'
import { Outbox } from './outbox.js'

/** What a connection is made from. */
export interface ConnectionParts<Incoming, Outgoing> {
  readonly codec: () => Codec<Incoming, Outgoing>
  readonly handlers: Handlers<Incoming, Outgoing>
  readonly settings: Settings<Outgoing>
  /** Begins an attempt to connect; undefined for a connection that was accepted. */
  readonly dial?: ((connection: SocketConnection<Incoming, Outgoing>) => void) | undefined
  readonly backoff?: Backoff | undefined
}

/** A connection over Node's sockets, one after the other if it connects again. */
export class SocketConnection<Incoming, Outgoing>
  implements Connection<Outgoing>, DeadlineOwner, DeliveryOwner<Incoming>
{
  state: ConnectionState = 'connecting'
  socket: Socket | undefined = undefined
  private readonly parts: ConnectionParts<Incoming, Outgoing>
  private readonly handlers: Handlers<Incoming, Outgoing>
  private readonly settings: Settings<Outgoing>
  private readonly deadlines: Deadlines
  private codec: Codec<Incoming, Outgoing>
  private readonly delivery: Delivery<Incoming>
  private outbox: Outbox
  private isFlushScheduled = false
  /** Whether `send` has returned false, so that `onDrain` is owed. */
  private owesDrain = false
  /** Whether the program has called `end`: then the connection does not connect again. */
  private isEndWanted = false
  private isHalfClosed = false
  private isReferenced = true
  /** Heartbeats since the last byte arrived. */
  private missedCount = 0
  /** Whether the last `onClose` was called. */
  private isFinished = false
  private readonly closedListeners: (() => void)[] = []
  private readonly onSent = (): void => this.afterSent()

  constructor(parts: ConnectionParts<Incoming, Outgoing>) {
    this.parts = parts
    this.handlers = parts.handlers
    this.settings = parts.settings
    this.codec = parts.codec()
    this.outbox = new Outbox(this.onSent)
    this.delivery = new Delivery(this, parts.settings.messageLengthMax)
    this.deadlines = new Deadlines(parts.settings, this)
  }

  get queuedLength(): number {
    return this.outbox.length
  }

  get sentLength(): number {
    return this.outbox.sentLength
  }

  get isPaused(): boolean {
    return this.delivery.isPaused
  }

  get isWriting(): boolean {
    return this.outbox.isWriting
  }

  send(message: Outgoing): boolean {
    const { outbox, settings } = this
    if (this.state !== 'open' && this.state !== 'connecting') return false
    if (outbox.length >= settings.queueLengthMax)
      throw new NetError('QUEUE_FULL', `${outbox.length} bytes wait to be sent`)
    this.codec.encode(message, outbox.output)
    if (outbox.length >= settings.highWaterMark) {
      this.flush()
      if (outbox.length >= settings.highWaterMark) {
        this.owesDrain = true
        return false
      }
    } else if (!this.isFlushScheduled) {
      this.isFlushScheduled = true
      // A microtask would run before the rest of the turn, setImmediate only after other sockets were polled.
      process.nextTick(flushAtEndOfTurn, this)
    }
    return true
  }

  flush(): void {
    const { outbox } = this
    if (outbox.isWriting || outbox.length === 0) return
    outbox.flush()
    if (outbox.isWriting) this.deadlines.noteProgress()
    else if (this.deadlines.isTimed) this.deadlines.noteSent()
  }

  flushScheduled(): void {
    this.isFlushScheduled = false
    this.flush()
  }

  pause(): void {
    this.delivery.pause()
    this.socket?.pause()
  }

  resume(): void {
    if (!this.isPaused) return
    this.delivery.isPaused = false
    this.deadlines.noteResumed()
    // Not at once: the caller is not ready for messages before its turn is over.
    process.nextTick(deliverHeld, this)
  }

  ref(): void {
    this.refer(true)
  }

  unref(): void {
    this.refer(false)
  }

  end(): Promise<void> {
    const closed = this.whenClosed()
    this.isEndWanted = true
    if (this.state === 'connecting' && this.outbox.length === 0) this.destroy()
    if (this.state === 'open') this.beginClosing()
    return closed
  }

  destroy(error?: Error): void {
    if (this.state === 'closed') return
    this.dropSocket()
    this.close(error)
  }

  whenClosed(): Promise<void> {
    if (this.isFinished) return Promise.resolve()
    return new Promise((resolve) => this.closedListeners.push(resolve))
  }

  // What happens to the socket.

  /** An attempt to connect begins. */
  onAttempt(socket: Socket, inbox: Inbox): void {
    this.socket = socket
    this.delivery.begin(this.codec, inbox)
    if (!this.isReferenced) socket.unref()
    this.deadlines.enter('CONNECT_TIMEOUT', this.settings.connectTimeoutMs)
  }

  /** Bytes go both ways from now on. */
  onOpen(socket: Socket): void {
    this.socket = socket
    this.state = 'open'
    this.isHalfClosed = false
    this.missedCount = 0
    this.deadlines.open()
    this.outbox.hold()
    if (!this.tell('onConnect')) return
    this.outbox.attach(socket)
    this.delivery.open()
    this.flush()
    this.afterFlush()
    if (this.isEndWanted && this.state === 'open') this.beginClosing()
  }

  /** The inbox has got bytes. */
  onReceived(): void {
    this.missedCount = 0
    this.parts.backoff?.succeed()
    if (this.deadlines.isTimed) this.deadlines.noteReceived()
    this.delivery.deliver()
  }

  onPeerEnd(): void {
    this.delivery.onPeerEnd()
  }

  /** The socket is gone, with an error or because both sides have ended. */
  onLost(error: Error | undefined): void {
    const wasOpen = this.state !== 'connecting'
    this.dropSocket()
    const { backoff } = this.parts
    const waitMs = this.isEndWanted ? undefined : backoff?.next()
    if (waitMs === undefined) {
      this.close(error)
      return
    }
    this.state = 'connecting'
    if (wasOpen) this.outbox = new Outbox(this.onSent)
    this.deadlines.enter('RETRY', waitMs)
    process.nextTick(announce, this, error, wasOpen)
  }

  onTimeout(what: Timeout): void {
    this.onLost(new NetError(what, TIMEOUT_TEXTS[what]))
  }

  onRetry(): void {
    this.codec = this.parts.codec()
    this.parts.dial?.(this)
  }

  onBeat(): void {
    const { heartbeat } = this.settings
    if (heartbeat === undefined || this.state !== 'open') return
    // While the program has paused, answers are not read: the beats only tell the peer that this side lives.
    if (!this.isPaused) {
      if (this.missedCount > heartbeat.missedMax) {
        this.onLost(new NetError('HEARTBEAT', `${this.missedCount} heartbeats without an answer`))
        return
      }
      this.missedCount++
    }
    // Bytes that wait already make the peer answer as well.
    if (this.outbox.length < this.settings.highWaterMark) this.send(heartbeat.message)
  }

  /** Tells the handlers why and that the socket is gone. What they throw is a defect of the program. */
  announceLoss(error: Error | undefined, isEnd: boolean): void {
    const { handlers } = this
    try {
      if (error !== undefined) handlers.onError?.(error, this)
      if (isEnd) handlers.onClose?.(this, error)
    } finally {
      if (this.state === 'closed') this.finish()
    }
  }

  deliverHeld(): void {
    if (this.delivery.resume()) this.socket?.resume()
  }

  onDecoded(message: Incoming): void {
    try {
      const result: unknown = this.handlers.onMessage?.(message, this)
      if (result !== undefined) this.follow(result)
    } catch (error) {
      this.onHandlerError(error)
    }
  }

  onBadBytes(error: unknown): void {
    this.onLost(asError(error))
  }

  onDelivered(): void {
    if (this.state !== 'open') return
    if (this.handlers.onEnd === undefined) this.beginClosing()
    else this.tell('onEnd')
  }

  /** Returns whether the connection still has its socket. */
  private tell(name: 'onConnect' | 'onDrain' | 'onEnd'): boolean {
    const { socket } = this
    try {
      const result: unknown = this.handlers[name]?.(this)
      if (result !== undefined) this.follow(result)
    } catch (error) {
      this.onHandlerError(error)
    }
    return socket !== undefined && this.socket === socket
  }

  /** What a handler has returned: a promise that rejects is as if the handler had thrown. */
  private follow(result: unknown): void {
    if (types.isPromise(result)) result.catch((error: unknown) => this.onHandlerError(error))
  }

  /** The handler of an earlier message may fail when the connection is closed already. */
  private onHandlerError(thrown: unknown): void {
    const error = asError(thrown)
    if (this.handlers.onError === undefined)
      process.nextTick(() => {
        throw error
      })
    else if (this.state === 'closed') process.nextTick(tellLate, this.handlers, error, this)
    this.destroy(error)
  }

  private afterSent(): void {
    this.deadlines.noteProgress()
    this.flush()
    this.afterFlush()
  }

  private afterFlush(): void {
    if (this.owesDrain && this.outbox.length < this.settings.highWaterMark) {
      this.owesDrain = false
      if (this.state === 'open' && !this.tell('onDrain')) return
    }
    this.halfCloseIfSent()
  }

  private beginClosing(): void {
    this.state = 'closing'
    this.deadlines.enter('CLOSE_TIMEOUT', this.settings.closeTimeoutMs)
    this.flush()
    this.halfCloseIfSent()
  }

  private halfCloseIfSent(): void {
    if (this.state !== 'closing' || this.isHalfClosed || this.outbox.length > 0) return
    this.isHalfClosed = true
    this.socket?.end()
  }

  private finish(): void {
    this.isFinished = true
    for (const listener of this.closedListeners.splice(0)) listener()
  }

  private dropSocket(): void {
    const { socket } = this
    this.socket = undefined
    this.delivery.close()
    this.outbox.detach()
    this.deadlines.stop()
    socket?.destroy()
  }

  private close(error: Error | undefined): void {
    this.state = 'closed'
    process.nextTick(announce, this, error, true)
  }

  private refer(isReferenced: boolean): void {
    this.isReferenced = isReferenced
    this.deadlines.reference(isReferenced)
    if (isReferenced) this.socket?.ref()
    else this.socket?.unref()
  }
}

const TIMEOUT_TEXTS: Record<Timeout, string> = {
  CLOSE_TIMEOUT: 'The peer has not closed the connection in time',
  CONNECT_TIMEOUT: 'The connection was not open in time',
  IDLE_TIMEOUT: 'No byte went either way for too long',
  READ_TIMEOUT: 'No byte arrived for too long',
  WRITE_TIMEOUT: 'The peer takes no byte for too long',
}

interface Flushable {
  flushScheduled(): void
}

function flushAtEndOfTurn(connection: Flushable): void {
  connection.flushScheduled()
}

function deliverHeld(connection: { deliverHeld(): void }): void {
  connection.deliverHeld()
}

interface Announcer {
  announceLoss(error: Error | undefined, isEnd: boolean): void
}

function announce(connection: Announcer, error: Error | undefined, isEnd: boolean): void {
  connection.announceLoss(error, isEnd)
}

function tellLate<Incoming, Outgoing>(
  handlers: Handlers<Incoming, Outgoing>,
  error: Error,
  connection: Connection<Outgoing>,
): void {
  handlers.onError?.(error, connection)
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
