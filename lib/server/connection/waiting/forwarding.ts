import { detectProtocol } from '../../../protocol/detect.js'
import { BROKEN, LONG_LINE, NEED_MORE, type Protocol } from '../../../protocol/protocol.js'
import { text } from '../../../protocol/text/text.js'
import { Command } from '../../../request/command.js'
import { BATCH_LENGTH_MAX, FORWARDED_COUNT_MAX } from '../../../request/limits.js'
import type { EngineRoomWaiter, RemoteCall, RemoteEngine } from '../../../request/remote-engine.js'
import { Status } from '../../../request/status.js'
import { EventType } from '../../../watch/event.js'
import type { Answering } from '../answering.js'
import { Awaited, Phase } from '../phase.js'
import type { Worker } from '../worker.js'
import type { Deliverable } from './deliveries.js'
import type { Parkable } from './parking.js'

/** The connection, as the loop over its forwarded requests sees it. */
export interface Forwarded extends Parkable {
  /** The client will send nothing more, and everything is answered. */
  ended(): void
  close(mayBeUnread: boolean): void
  /** Other connections need the memory that it holds. */
  drop(): void
  /** A defect outside the commands. */
  giveUp(error: unknown): void
}

/**
 * The requests of one connection whose replies come later, in order. They leave as they are decoded; replies are encoded from
 * the first open one on, as far as they are done:
 *
 *     decode ─▶ prepare ─▶ open requests ─┬─ start ─▶ engine
 *                          ┌────┬────┬────┤
 *     encode ◀── finish ◀──┤ done    open └─ done ◀── engine
 *                          └────┴────┴────┘
 *
 * A request is begun at once, unless an open request changes the same key, or it must run alone. Then nothing behind it is
 * decoded until it is done.
 */
export class Forwarding implements Answering, EngineRoomWaiter, Deliverable {
  /** The client will send nothing more. */
  hasEnded = false
  /** The server stops: what was read is answered, and nothing more is read. */
  isLeaving = false
  private readonly worker: Worker
  private readonly remote: RemoteEngine
  private readonly connection: Forwarded
  private readonly open: RemoteCall[] = []
  /** The last open request has not been started. */
  private isHeldUp = false
  private isWaitingForRoom = false
  /** A key of the current line could not be looked up: its end must say so (text). */
  private hasLineFailed = false
  private readonly onDone = () => this.worker.deliveries.add(this)

  constructor(worker: Worker, remote: RemoteEngine, connection: Forwarded) {
    this.worker = worker
    this.remote = remote
    this.connection = connection
  }

  get isBusy(): boolean {
    return this.open.length > 0
  }

  /** Whether decoding may continue: a full pipeline is emptied by half first. */
  get mayGoOn(): boolean {
    return this.open.length <= FORWARDED_COUNT_MAX / 2 && !this.mustStop()
  }

  /** Forwards every whole request in a range. Returns where the unread rest begins. */
  answerRequests(start: number, end: number): number {
    const { connection, worker } = this
    const { arena, request, reply, watchers } = worker
    connection.protocol ??= detectProtocol(worker.protocol, arena.bytes[start]!)
    const isTold = connection.protocol === text && watchers.events.isWanted(EventType.COMMAND)
    const protocol = isTold ? worker.watchedText : connection.protocol
    let cursor = start
    for (;;) {
      if (this.mustStop()) return this.stopAt(cursor)
      const next = protocol.decodeRequest(arena, cursor, end, request)
      if (next === NEED_MORE) return cursor
      if (next === LONG_LINE || next === BROKEN) {
        if (this.isBusy) return this.stopAt(cursor)
        if (next === LONG_LINE) connection.inbox.beginLine(cursor, end)
        else connection.enter(Phase.BROKEN)
        if (connection.inbox.isBroken) connection.abort()
        return end
      }
      if (next > end) {
        connection.inbox.beginValue(protocol, end, next)
        return end
      }
      cursor = next
      this.answer(protocol)
      if (!this.isBusy && reply.isLast) return connection.endRequests(cursor, end)
      if (worker.output.byteLength >= BATCH_LENGTH_MAX) connection.outbox.flush()
      if (connection.isWaiting || connection.isEnding) return cursor
    }
  }

  /** Sends the reply to the request in the worker's record, in its turn. */
  answer(protocol: Protocol): void {
    const { remote, worker } = this
    const { request, reply } = worker
    if (this.isBusy || !remote.isLocal(request)) {
      this.add(remote.prepare(request, reply))
      reply.isLast = false
      return
    }
    remote.execute(request, reply)
    worker.putReply(protocol)
  }

  /** Sends the reply to a request that was refused already, in its turn. */
  putReply(): void {
    const { request, reply } = this.worker
    this.add(this.remote.prepareRefused(request, reply))
    reply.isLast = false
  }

  /** The connection is closed: replies that still come are dropped. */
  end(): void {
    for (const call of this.open.splice(0)) this.remote.drop(call)
  }

  /** The server stops. */
  leave(): void {
    this.isLeaving = true
    this.hasEnded = true
    this.connection.pause()
  }

  private stopAt(cursor: number): number {
    this.connection.awaited = Awaited.REPLIES
    return cursor
  }

  private mustStop(): boolean {
    const last = this.open.at(-1)
    if (this.isHeldUp || last?.isAlone === true || this.open.length >= FORWARDED_COUNT_MAX) return true
    if (this.remote.hasRoom) return false
    if (!this.isWaitingForRoom) this.remote.waitForRoom(this)
    this.isWaitingForRoom = true
    return true
  }

  roomMade(): void {
    this.isWaitingForRoom = false
    if (this.isBusy) this.onDone()
    else this.goOn()
  }

  private add(call: RemoteCall): void {
    this.isHeldUp = this.isBusy && (call.isAlone || this.conflicts(call))
    this.open.push(call)
    if (!this.isHeldUp) this.remote.start(call, this.onDone)
  }

  /** An open request and this one are about the same key, and one of them changes it: the order of both must stay. */
  private conflicts({ keyHash, isChange }: RemoteCall): boolean {
    return this.open.some((other) => other.keyHash === keyHash && (isChange || other.isChange))
  }

  // ─── replies come ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends the replies that are next in turn and done. */
  deliver(): void {
    const { connection } = this
    if (connection.isEnding) return
    if (connection.outbox.isWaiting) {
      // Its client does not read, and others need the memory.
      if (this.remote.isShort) connection.drop()
      return
    }
    try {
      this.deliverDone()
    } catch (error) {
      connection.giveUp(error)
    }
  }

  private deliverDone(): void {
    const { worker, connection } = this
    const { outbox } = connection
    worker.request.session = connection.session
    this.remote.refreshClock()
    worker.isAnswering = true
    try {
      while (this.startNext() && !outbox.isWaiting && !connection.isEnding) {
        if (!this.putNext()) continue
        outbox.flush()
        this.finishRequests()
        return
      }
      outbox.flush()
      this.remote.endBatch()
    } finally {
      worker.isAnswering = false
    }
    this.goOn()
  }

  /** The last reply was sent: the connection ends, or sends no more requests. */
  private finishRequests(): void {
    const { connection } = this
    connection.endRequests(0, 0)
    connection.inbox.keep(0, 0)
    if (connection.isEnding) connection.close(true)
  }

  /** Replies were sent, or more may be begun. */
  private goOn(): void {
    const { connection } = this
    if (connection.isEnding) return
    if (connection.awaited === Awaited.REPLIES && this.mayGoOn) connection.awaited = Awaited.NOTHING
    if (connection.isWaiting) connection.pause()
    else connection.goOnIfPaused()
    if (this.hasEnded && !this.isBusy) connection.ended()
  }

  /** Whether the first open request is done. It is started if it was held up. */
  private startNext(): boolean {
    const [next] = this.open
    if (next === undefined) return false
    if (this.isHeldUp && this.open.length === 1) {
      this.isHeldUp = false
      this.remote.start(next, this.onDone)
    }
    return next.isDone
  }

  /** Encodes the reply to the first open request. True if it is the connection's last. */
  private putNext(): boolean {
    const { worker, connection, remote } = this
    const { arena, request, reply, output } = worker
    remote.finish(this.open.shift()!, request, reply)
    this.noteFailure()
    connection.protocol!.encodeReply(arena, request, reply, output, BATCH_LENGTH_MAX)
    const isDeferred = output.linkCount > 0
    if (isDeferred) connection.outbox.defer(remote.defer(request))
    remote.release()
    if (isDeferred || output.byteLength >= BATCH_LENGTH_MAX) connection.outbox.flush()
    return reply.isLast
  }

  /** A line of keys is answered key by key; a key that was not looked up must not pass for a missing one. */
  private noteFailure(): void {
    const { request, reply } = this.worker
    const { command } = request
    const isKey = command === Command.GET || command === Command.GET_AND_TOUCH
    if (!isKey || this.connection.protocol !== text) return
    if (reply.status === Status.TEMPORARY_FAILURE) this.hasLineFailed = true
    if (!request.isLastKey) return
    if (this.hasLineFailed) reply.status = Status.TEMPORARY_FAILURE
    this.hasLineFailed = false
  }
}
