import type { RoomWaiter } from '../../journal/writing/waiters.js'
import { ConnectionState } from '../../metrics/connection-table.js'
import { Counter } from '../../metrics/counters.js'
import type { Protocol } from '../../protocol/protocol.js'
import { text } from '../../protocol/text/text.js'
import { Command } from '../../request/command.js'
import { READ_LENGTH } from '../../request/limits.js'
import { Session } from '../../request/session.js'
import { Status } from '../../request/status.js'
import { Ending } from '../../watch/event.js'
import { type Accepted, openWire } from '../wires/open-wire.js'
import type { Encryption } from '../wires/tls-wire.js'
import type { Uring } from '../wires/uring/uring.js'
import type { Wire, WireListener } from '../wires/wire.js'
import { answerRequests } from './answer-requests.js'
import type { Answering } from './answering.js'
import { ConnectionCloser } from './connection-closer.js'
import type { ValueOwner } from './input/arriving-value.js'
import { Inbox } from './input/inbox.js'
import type { ConnectionJournal } from './output/group-commit.js'
import { Outbox, type OutboxOwner } from './output/outbox.js'
import { Awaited, Phase } from './phase.js'
import { readAhead } from './read-ahead.js'
import type { Yielding } from './turns.js'
import { type Forwarded, Forwarding } from './waiting/forwarding.js'
import { Parking } from './waiting/parking.js'
import { Watching } from './watching.js'
import type { Worker } from './worker.js'

/**
 * One connection: bytes in, replies out. It owns memory only for what cannot be finished at once, which
 * waits in its inbox and its outbox.
 *
 *     wire ─▶ inbox ─▶ decode ─▶ execute ─▶ encode ─▶ outbox ─▶ wire
 *                      └─────────── answer ────────┘
 */
export class Connection implements WireListener, OutboxOwner, RoomWaiter, ValueOwner, Yielding, Forwarded {
  readonly session = new Session()
  wire!: Wire
  /** Why the connection ends, for watchers; the first reason counts. */
  ending: Ending | undefined = undefined
  private readonly worker: Worker
  /** In the table of connections. */
  private readonly row: number
  private readonly onClosed: () => void
  readonly inbox: Inbox
  readonly outbox: Outbox
  private readonly closer: ConnectionCloser
  /** Unknown before the first byte. */
  protocol: Protocol | undefined = undefined
  /** Requests whose replies come later; undefined with an engine in this process. */
  private readonly forwarding: Forwarding | undefined
  readonly answering: Answering
  /** What is sent in the phase WATCHING. */
  private watching: Watching | undefined = undefined
  private readonly parking: Parking
  private phase: Phase = Phase.SERVING
  awaited: Awaited = Awaited.NOTHING
  /** Nothing is read, because the connection had to wait. */
  private isPaused = false
  /** The number of rounds in a row in which nothing arrived. */
  private idleRounds = 0
  /** The last read emptied the kernel's buffer: it was short, and nothing had to wait since. */
  private hasReadAll = true

  /** Takes a row of the table of connections, and frees it at the end. */
  constructor(worker: Worker, number: number, onClosed: () => void) {
    this.worker = worker
    this.onClosed = onClosed
    this.inbox = new Inbox(worker, this)
    this.outbox = new Outbox(worker, this)
    this.closer = new ConnectionCloser(worker, this, this.inbox, this.outbox)
    this.parking = new Parking(worker, this)
    this.forwarding = worker.remote && new Forwarding(worker, worker.remote, this)
    this.answering = this.forwarding ?? worker
    this.row = worker.table.enter(number)
    worker.table.setLastTime(this.row, worker.clock.now)
    this.session.mustLogIn = worker.asksForLogin
    this.session.number = number
  }

  /** Connects it to its socket. */
  open(accepted: Accepted, encryption: Encryption | undefined, ring?: Uring): void {
    this.wire = openWire(accepted, this, encryption, ring)
  }

  /** Sets the addresses that statistics show. */
  name(remoteAddress: string, localAddress: string): void {
    this.worker.table.setAddresses(this.row, remoteAddress, localAddress)
  }

  /** How many of the worker's windows it holds. */
  get windowCount(): number {
    return this.inbox.windowCount + this.outbox.windowCount
  }

  /** Whether the client could send, and does not. */
  get isIdle(): boolean {
    return !this.isPaused
  }

  /** When the last bytes arrived, in absolute seconds. */
  get lastTime(): number {
    return this.worker.table.lastTime(this.row)
  }

  /** Counts a round in which the connection was idle. Returns how many there were since the last bytes arrived. */
  countIdleRound(): number {
    const isIdle = this.state === ConnectionState.READING && !this.isWaiting && !this.awaitsReplies
    this.idleRounds = isIdle ? this.idleRounds + 1 : 0
    return this.idleRounds
  }

  get isEnding(): boolean {
    return this.phase >= Phase.ENDING
  }

  /** Goes to this phase, unless the connection is in a later one. */
  enter(phase: Phase): void {
    if (phase > this.phase) this.phase = phase
  }

  private get state(): ConnectionState {
    const { inbox, outbox } = this
    if (this.isEnding) return ConnectionState.CLOSING
    if (this.phase === Phase.WATCHING) return ConnectionState.WATCHING
    if (outbox.isWaiting) return ConnectionState.SENDING
    return inbox.isReceiving(this.protocol === text) ? ConnectionState.RECEIVING : ConnectionState.READING
  }

  /** Nothing may be read or answered now. */
  get isWaiting(): boolean {
    return this.awaited !== Awaited.NOTHING || this.outbox.isWaiting
  }

  // ─── calls from the wire ───────────────────────────────────────────────────────────────────────────────────────────

  nextBuffer(): Buffer {
    return this.inbox.nextBuffer(this.isWaiting || this.isEnding)
  }

  received(length: number): boolean {
    try {
      return this.read(length)
    } catch (error) {
      this.giveUp(error)
      return false
    }
  }

  private read(length: number): boolean {
    if (this.isEnding) return this.closer.discard(length, this.phase === Phase.BROKEN)
    if (this.phase === Phase.WATCHING) return true
    this.worker.counters.add(Counter.bytes_read, length)
    this.worker.turns.othersHaveCome = true
    this.prepare()
    this.hasReadAll = length < READ_LENGTH
    if (this.awaited === Awaited.KEY) this.parking.keepForLater(length)
    else this.take(length)
    if (this.inbox.backlog !== undefined) this.takeBacklog()
    this.isPaused = this.isWaiting && !this.parking.mayReadAhead
    return !this.isPaused
  }

  ended(): void {
    // Earlier requests have been answered, or wait; then reading is paused, and the end is reported on resume.
    if (!this.isEnding) {
      if (this.forwarding?.isBusy === true) {
        this.forwarding.hasEnded = true
        return
      }
      this.ending ??= Ending.NORMAL
      this.close(this.isPaused)
    } else {
      this.closer.peerEnded()
    }
  }

  drained(): void {
    this.outbox.drained()
    if (this.outbox.isSending) return
    // Other replies may be held already: a connection that ends or watches sends them first.
    if (!this.outbox.isHeld) {
      this.watching?.drained()
      if (this.isEnding) this.closer.finish()
    }
    this.forwarding?.deliver()
    this.goOnIfPaused()
  }

  closed(): void {
    this.enter(Phase.CLOSED)
    this.outbox.release()
    this.inbox.release()
    this.closer.end()
    this.worker.table.leave(this.row)
    this.watching?.end()
    this.forwarding?.end()
    this.parking.end()
    this.onClosed()
  }

  // ─── calls from the journal ────────────────────────────────────────────────────────────────────────────────────────

  released(): void {
    this.watching?.sendHeldLines()
    this.closer.released()
  }

  refused(): void {
    this.breakOff()
  }

  waitForRoom(journal: ConnectionJournal): void {
    this.awaited = Awaited.ROOM
    journal.waitForRoom(this)
  }

  roomMade(): void {
    this.awaited = Awaited.NOTHING
    this.goOnIfPaused()
  }

  /** Continues as soon as nothing has to be waited for. */
  goOnIfPaused(): void {
    if (!this.isPaused || this.isWaiting || this.isEnding) return
    // Request, reply and read window of the worker are in use: a full group of replies is sent in the middle of a batch.
    if (this.worker.isAnswering) {
      this.waitForTurn()
      return
    }
    try {
      this.goOn()
    } catch (error) {
      this.giveUp(error)
    }
  }

  // ─── requests and replies ──────────────────────────────────────────────────────────────────────────────────────────

  /** Before requests are answered. */
  private prepare(): void {
    this.idleRounds = 0
    this.worker.prepare(this.session, this.row)
  }

  /** Processes bytes that were just read into the buffer of the inbox. */
  private take(length: number): void {
    const { inbox } = this
    if (inbox.take(length)) this.serve(inbox.start, inbox.end)
    else if (inbox.isBroken) this.abort()
  }

  /** Reads the backlog as if it arrived now, until the connection has to wait. */
  private takeBacklog(): void {
    const { inbox } = this
    while (inbox.backlog !== undefined && !this.isWaiting && !this.isEnding) {
      this.take(inbox.recall(inbox.backlog))
    }
  }

  /** Continues with what waits, and then with reading. */
  private goOn(): void {
    const { rest } = this.inbox
    this.prepare()
    this.hasReadAll = false
    if (this.parking.hasRequest) this.parking.answerParked()
    if (this.isWaiting) this.worker.table.setState(this.row, this.state)
    else if (rest !== undefined) this.serve(rest.start, rest.cursor)
    else if (this.session.list !== undefined) this.serve(this.worker.readStart, this.worker.readStart)
    this.takeBacklog()
    if ((this.isWaiting && !this.parking.mayReadAhead) || this.isEnding) return
    this.worker.table.setState(this.row, this.state)
    if (this.forwarding?.isLeaving === true) return
    this.isPaused = false
    this.wire.resume()
  }

  /** Executes the requests in a range of the arena, sends the replies, and keeps the rest. */
  private serve(start: number, end: number): void {
    const { table } = this.worker
    table.setState(this.row, ConnectionState.ANSWERING)
    const cursor = this.answerAlone(start, end)
    if (this.isEnding)
      this.close(
        this.phase === Phase.BROKEN || !this.hasReadAll || this.inbox.skipLength > 0 || this.isWaiting,
      )
    else if (!this.inbox.keep(cursor, end)) this.breakOff()
    table.setState(this.row, this.state)
  }

  /** Executes the requests in a range, and sends the replies. Those of other connections wait meanwhile. */
  private answerAlone(start: number, end: number): number {
    const { worker } = this
    worker.isAnswering = true
    try {
      if (worker.engine.readsAhead === true) readAhead(worker, this.protocol, start, end)
      const cursor = this.forwarding?.answerRequests(start, end) ?? answerRequests(this, worker, start, end)
      this.outbox.flush()
      worker.engine.endBatch()
      return cursor
    } finally {
      worker.isAnswering = false
    }
  }

  /** The connection waits for a key, or will ask for nothing more. Returns where the unread rest begins. */
  endRequests(cursor: number, end: number): number {
    const { session, worker } = this
    if (session.isParked) {
      this.parking.parkRequest()
      return cursor
    }
    if (session.watches !== 0 || session.watchedChanges !== undefined) {
      this.inbox.releaseBacklog()
      this.enter(Phase.WATCHING)
      this.watching = new Watching(worker, this.outbox, () => this.breakOff())
      return end
    }
    this.enter(Phase.ENDING)
    if (worker.reply.status === Status.OK)
      this.ending ??= worker.request.command === Command.SHUT_DOWN ? Ending.SHUTDOWN : Ending.NORMAL
    return end
  }

  /** Nothing more is read. */
  pause(): void {
    if (!this.isPaused) this.wire.pause()
    this.isPaused = true
  }

  /** Lets other connections go first. */
  yieldTurn(): void {
    this.worker.counters.count(Counter.conn_yields)
    this.waitForTurn()
  }

  private waitForTurn(): void {
    this.awaited = Awaited.TURN
    this.worker.turns.wait(this)
  }

  takeTurn(): void {
    this.awaited = Awaited.NOTHING
    this.goOnIfPaused()
  }

  // ─── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The server stops. Requests that are on their way to a remote engine are answered first. */
  leave(): void {
    this.ending ??= Ending.SHUTDOWN
    if (this.forwarding?.isBusy === true) this.forwarding.leave()
    else this.close(false)
  }

  /** Replies of a remote engine are still to come. */
  get awaitsReplies(): boolean {
    return this.forwarding?.isBusy === true && !this.isEnding
  }

  /** Closes the connection from the server's side: pending replies are still sent. See `ConnectionCloser`. */
  close(mayBeUnread: boolean): void {
    this.enter(Phase.ENDING)
    this.closer.begin(mayBeUnread)
  }

  /** There is no memory for the replies: they are lost, and the connection is reset. */
  abort(): void {
    this.outbox.discardOutput()
    this.breakOff()
  }

  /**
   * Other connections need the memory that this one holds. It is freed at once: the socket no longer reads or writes there.
   */
  drop(): void {
    this.worker.counters.count(Counter.read_buf_oom)
    this.breakOff()
    this.inbox.release()
    this.outbox.release()
  }

  /** A defect outside the commands: it is unknown what has been answered. */
  giveUp(error: unknown): void {
    const { engine } = this.worker
    if (!engine.isSound) throw error
    engine.release()
    this.abort()
    this.worker.reportDefect(error)
  }

  /** Closes the connection at once. */
  breakOff(): void {
    this.enter(Phase.CLOSED)
    this.wire.destroy()
  }
}
