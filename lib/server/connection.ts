import type { Window } from '../arena/window.js'
import type { Waiter } from '../journal/waiters.js'
import { Counter } from '../metrics/counters.js'
import { detectProtocol } from '../protocol/detect.js'
import { BROKEN, LONG_LINE, NEED_MORE, type Protocol } from '../protocol/protocol.js'
import { LongKeysLine } from '../protocol/text/long-line.js'
import { text } from '../protocol/text/text.js'
import { isChange } from '../request/change.js'
import { Command } from '../request/command.js'
import {
  BATCH_LENGTH_MAX,
  COPIED_VALUE_LENGTH_MAX,
  KEYS_LINE_LENGTH_MAX,
  READ_LENGTH,
} from '../request/limits.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { NO_VERB, Session } from '../request/session.js'
import { Status } from '../request/status.js'
import { Ending, EventType } from '../watch/event.js'
import type { Sink, Subscription } from '../watch/subscription.js'
import { Backlog } from './backlog.js'
import { ConnectionState } from './connection-table.js'
import { LongValue } from './long-value.js'
import type { Wire, WireListener } from './wire.js'
import { type Accepted, openWire } from './wires/open-wire.js'
import type { Encryption } from './wires/tls-wire.js'
import type { ConnectionJournal, Worker } from './worker.js'

/**
 * One connection: bytes in, replies out. It owns no memory of its own but for what cannot be finished at once.
 *
 *     rest        a window with the beginning of a request, or with requests that wait for their turn
 *     longValue   a value that is arriving in pieces, straight into the store
 *     gathered    a line that is arriving and is longer than a window; once it is whole it is the backlog
 *     held        replies that wait until the journal has what they acknowledge; until then nothing is read or answered
 *     pending     windows and pinned values that the socket has not taken yet; until it has, nothing either
 */
export class Connection implements WireListener, Waiter, Sink {
  readonly session = new Session()
  wire!: Wire
  /** Why the connection ends, as watchers are told; the first reason counts. */
  ending: Ending | undefined = undefined
  private readonly worker: Worker
  /** In the table of connections. */
  private readonly row: number
  private readonly onClosed: () => void
  private rest: Window | undefined = undefined
  /** The next bytes will lie right behind the rest. */
  private landsBehindRest = false
  private longValue: LongValue | undefined = undefined
  /** A line of keys that is longer than a window, while it arrives in the gathered backlog. */
  private longLine: LongKeysLine | undefined = undefined
  private gathered: Backlog | undefined = undefined
  /** Such a line once it is whole, and what came behind it. */
  private backlog: Backlog | undefined = undefined
  /** Unknown before the first byte. */
  private protocol: Protocol | undefined = undefined
  /** The next bytes will lie where the long value wants them. */
  private landsInValue = false
  /** So many bytes of a request that nobody wants are still to come. */
  private skipLength = 0
  private pending: Unsent | undefined = undefined
  private held: (Unsent & { readonly pieces: Buffer[] }) | undefined = undefined
  /** How many records the journal had after our last change. */
  private changeCount = 0
  /** The next request waits until the journal takes changes again. */
  private isBlocked = false
  /** Long values that the replies of this batch link to. */
  private pins: number[] = []
  /** The last read emptied the kernel: it did not fill its buffer, and nothing had to wait since. */
  private hasReadAll = true
  /** The peer has once been slower than we are. */
  private hasWaited = false
  private isYielding = false
  /** Counts among the server's connections. */
  private isCounted = true
  /** So many rounds in a row nothing has come. */
  private idleRounds = 0
  private isClosing = false
  /** What the peer watches; then it asks for nothing more. */
  private subscription: Subscription | undefined = undefined
  private heldLines: Buffer | undefined = undefined
  /** Goes on reading for a while after the end. */
  private lingers = false
  /** What came was no request, so nobody knows how much of it is still to come. */
  private isBroken = false
  private lingering: NodeJS.Timeout | undefined = undefined

  /** Takes a row of the table of connections, and leaves it when it is over. */
  constructor(worker: Worker, number: number, onClosed: () => void) {
    this.worker = worker
    this.onClosed = onClosed
    this.row = worker.table.enter(number)
    worker.table.setLastTime(this.row, worker.clock.now)
    this.session.mustLogIn = worker.asksForLogin
    this.session.number = number
  }

  /** The socket is there: begins to listen to it. */
  open(accepted: Accepted, encryption: Encryption | undefined): void {
    this.wire = openWire(accepted, this, encryption)
  }

  /** As statistics tell it. */
  name(remoteAddress: string, localAddress: string): void {
    this.worker.table.setAddresses(this.row, remoteAddress, localAddress)
  }

  private get state(): ConnectionState {
    if (this.isClosing) return ConnectionState.CLOSING
    if (this.subscription !== undefined) return ConnectionState.WATCHING
    if (this.pending !== undefined || this.held !== undefined) return ConnectionState.SENDING
    return this.longValue !== undefined || this.skipLength > 0 || this.awaitsValue
      ? ConnectionState.RECEIVING
      : ConnectionState.READING
  }

  /** A whole line waits for the value behind it. */
  private get awaitsValue(): boolean {
    const { rest, protocol } = this
    return (
      rest !== undefined &&
      protocol === text &&
      this.worker.arena.view(rest.start, rest.cursor).includes(LINE_FEED)
    )
  }

  // ─── what the wire says ────────────────────────────────────────────────────────────────────────────────────────────

  nextBuffer(): Buffer {
    const { worker, rest, longValue } = this
    this.landsBehindRest = false
    this.landsInValue = false
    if (this.isWaiting || this.isClosing) return worker.readBuffer
    if (longValue !== undefined && longValue.value.missing > 0) {
      const { place, room, missing } = longValue.value
      this.landsInValue = true
      return worker.arena.view(place, place + Math.min(room, missing))
    }
    if (rest !== undefined) {
      this.landsBehindRest = true
      return worker.arena.view(rest.cursor, rest.cursor + READ_LENGTH)
    }
    return worker.readBuffer
  }

  received(length: number): boolean {
    const { worker } = this
    if (this.isClosing) return this.discard(length)
    if (this.subscription !== undefined) return true
    worker.counters.add(Counter.bytes_read, length)
    this.prepare()
    this.hasReadAll = length < READ_LENGTH
    this.take(length)
    if (this.backlog !== undefined) this.takeBacklog()
    return !this.isWaiting
  }

  /** Deals with bytes that have just come to where `nextBuffer` said. */
  private take(length: number): void {
    const { worker } = this
    let start = worker.readStart
    let end = start + length
    if (this.longLine !== undefined) {
      this.gather(this.longLine, start, end)
      return
    }
    if (this.longValue !== undefined) start = this.fillLongValue(this.longValue, start, length)
    if (this.skipLength > 0) {
      const skipped = Math.min(this.skipLength, end - start)
      this.skipLength -= skipped
      start += skipped
    }
    if (this.rest !== undefined) {
      if (!this.landsBehindRest) worker.arena.move(this.rest.cursor, start, end - start)
      this.rest.cursor += end - start
      start = this.rest.start
      end = this.rest.cursor
    }
    this.serve(start, end)
  }

  ended(): void {
    // What came before it has been answered, or waits and will be read again only once it has been.
    if (!this.isClosing) {
      this.ending ??= Ending.NORMAL
      this.close(this.isWaiting)
    } else if (this.held === undefined) {
      this.wire.finish()
    }
  }

  drained(): void {
    this.releasePending()
    // A wire may say so once for each write: by then, other replies may wait already.
    if (this.held !== undefined) return
    this.subscription?.drained()
    if (this.isClosing) this.finish()
    else if (!this.isWaiting) this.goOn()
  }

  closed(): void {
    this.isClosing = true
    clearTimeout(this.lingering)
    this.releasePending()
    this.releaseHeld()
    this.giveRestBack()
    this.longValue?.value.discard()
    this.longValue = undefined
    this.discount()
    this.worker.table.leave(this.row)
    this.gathered?.release()
    this.backlog?.release()
    if (this.subscription !== undefined) this.worker.watchers.leave(this.subscription)
    this.onClosed()
  }

  /** Counts a round in which the connection was idle. Answers how many there have been since something came. */
  countIdleRound(): number {
    const isIdle = this.state === ConnectionState.READING && !this.isWaiting
    this.idleRounds = isIdle ? this.idleRounds + 1 : 0
    return this.idleRounds
  }

  /** Ends the connection from our side: what has been answered is still sent. */
  close(mayBeUnread = true): void {
    this.isClosing = true
    this.lingers = mayBeUnread
    if (this.held === undefined) this.finishWhenSent()
  }

  private finishWhenSent(): void {
    if (this.pending === undefined) this.finish()
    else this.wire.endSending()
  }

  private discount(): void {
    if (this.isCounted) this.worker.table.discount()
    this.isCounted = false
  }

  /**
   * All has been taken by the kernel. A socket that is closed with bytes unread resets its peer, which may then lose the
   * last replies: so what comes is read for a while. But not for long: the peer is to see that the connection is gone.
   */
  private finish(): void {
    if (!this.lingers) {
      this.discount()
      this.wire.finish()
      return
    }
    this.wire.endSending()
    this.wire.resume()
    this.lingering ??= setTimeout(() => this.wire.destroy(), LINGER_MS).unref()
  }

  // ─── requests and replies ──────────────────────────────────────────────────────────────────────────────────────────

  /** Answers what lies in a stretch of the arena, sends the replies, and keeps the rest. */
  private serve(start: number, end: number): void {
    const { table } = this.worker
    table.setState(this.row, ConnectionState.ANSWERING)
    const cursor = this.answer(start, end)
    this.flush()
    if (this.isClosing) this.close(this.isBroken || !this.hasReadAll || this.skipLength > 0 || this.isWaiting)
    else this.keepRest(cursor, end)
    table.setState(this.row, this.state)
  }

  /** Before requests are answered. */
  private prepare(): void {
    this.idleRounds = 0
    const { worker } = this
    worker.engine.refreshClock()
    worker.request.session = this.session
    worker.table.setLastTime(this.row, worker.clock.now)
  }

  /** Answers every whole request in a stretch. Answers where the unread rest begins. */
  private answer(start: number, end: number): number {
    const { arena, engine, request, reply, output, data, watchers } = this.worker
    const { session } = this
    const journal = data?.journal
    this.protocol ??= detectProtocol(this.worker.protocol, arena.bytes[start]!)
    const isTold = this.protocol === text && watchers.events.isWanted(EventType.COMMAND)
    const protocol = isTold ? this.worker.toldText : this.protocol
    const linkFrom = engine.mayPin ? COPIED_VALUE_LENGTH_MAX : Number.POSITIVE_INFINITY
    let turnsLeft = this.worker.requestsPerTurn
    let cursor = start
    for (;;) {
      if (journal !== undefined && !journal.hasRoom && this.isChangeNext(this.protocol, cursor, end)) {
        this.isBlocked = true
        journal.waitForRoom(this)
        return cursor
      }
      const next = protocol.decodeRequest(arena, cursor, end, request)
      if (next === NEED_MORE) return cursor
      if (next === LONG_LINE) {
        this.beginLongLine(cursor, end)
        return end
      }
      if (next === BROKEN) {
        this.isClosing = true
        this.isBroken = true
        return end
      }
      if (next > end) {
        this.beginLongValue(protocol, end, next)
        return end
      }
      engine.execute(request, reply)
      protocol.encodeReply(arena, request, reply, output, linkFrom)
      if (output.linkCount > 0) this.pinLinks()
      engine.release()
      cursor = next
      if (reply.isLast) {
        this.endRequests(request, reply)
        return end
      }
      if (output.byteLength >= BATCH_LENGTH_MAX) {
        this.flush()
        if (this.isWaiting || this.isClosing) return cursor
      }
      // The keys of one line are one request; each part of a list is one.
      if (session.openVerb !== NO_VERB && session.list === undefined) continue
      if (--turnsLeft === 0 && (cursor < end || session.list !== undefined)) {
        this.yieldTurn()
        return cursor
      }
    }
  }

  /** The connection will ask for nothing more: it is going to end, or to watch. */
  private endRequests(request: Request, reply: Reply): void {
    if (this.session.watches === 0) {
      this.isClosing = true
      if (reply.status === Status.OK)
        this.ending ??= request.command === Command.SHUT_DOWN ? Ending.SHUTDOWN : Ending.NORMAL
      return
    }
    this.backlog?.release()
    this.backlog = undefined
    this.subscription = this.worker.watchers.watch(this.session.watches, this)
  }

  /** Sends lines to a watcher: see `Sink`. */
  send(lines: Buffer): boolean {
    // They do not overtake replies that wait for the journal.
    if (this.held !== undefined) {
      this.heldLines = lines
      return false
    }
    this.worker.counters.add(Counter.bytes_written, lines.length)
    return this.wire.send(lines)
  }

  private sendHeldLines(): void {
    const { heldLines } = this
    this.heldLines = undefined
    if (heldLines !== undefined && this.send(heldLines)) this.subscription?.drained()
  }

  /** Looks at the next request, and leaves no trace: decoding it may change the session, and a key where it lies. */
  private isChangeNext(protocol: Protocol, start: number, end: number): boolean {
    const { arena, request } = this.worker
    const { session } = this
    const { openVerb } = session
    const asTheyCame = Buffer.from(arena.view(start, end))
    const next = protocol.decodeRequest(arena, start, end, request)
    arena.bytes.set(asTheyCame, start)
    session.openVerb = openVerb
    return next > start && isChange(request)
  }

  /** Sends what has been gathered. What the socket does not take at once stays with the connection. */
  private flush(): void {
    const { output, arena, counters, data } = this.worker
    const journal = data?.journal
    const { byteLength } = output
    const changeCount = journal?.commit() ?? 0
    if (changeCount !== 0) this.changeCount = changeCount
    if (byteLength === 0) return
    if (output.isBroken) {
      counters.count(Counter.read_buf_oom)
      this.abort()
      return
    }
    if (journal !== undefined && !journal.isSafe(this.changeCount)) {
      this.hold(journal)
      return
    }
    const isTaken = output.isOneStretch
      ? this.wire.send(output.view(arena))
      : this.wire.sendAll(output.views(arena))
    counters.add(Counter.bytes_written, byteLength)
    if (isTaken) {
      output.clear()
      this.unpin(this.pins)
    } else {
      this.waitForSocket()
    }
  }

  private waitForSocket(): void {
    this.hasWaited = true
    this.pending ??= { windows: [], pins: [] }
    this.keepOutput(this.pending)
  }

  /** What the replies are made of stays until they have been sent. */
  private keepOutput(unsent: Unsent): void {
    const { output, counters } = this.worker
    unsent.windows.push(...output.handOver())
    unsent.pins.push(...this.pins)
    this.pins = []
    if (!output.isBroken) return
    counters.count(Counter.read_buf_oom)
    this.abort()
  }

  /** What the replies acknowledge is not safe yet. */
  private hold(journal: ConnectionJournal): void {
    const pieces = this.worker.output.views(this.worker.arena)
    this.hasWaited = true
    this.held = { pieces, windows: [], pins: [] }
    this.keepOutput(this.held)
    journal.wait(this.changeCount, this)
  }

  /** The journal has what the held replies acknowledge, or never will. */
  committed(isSafe: boolean): void {
    const { held } = this
    if (held === undefined) return
    if (!isSafe) {
      this.releaseHeld()
      this.isClosing = true
      this.wire.destroy()
      return
    }
    const isTaken = this.wire.sendAll(held.pieces)
    this.worker.counters.add(
      Counter.bytes_written,
      held.pieces.reduce((sum, piece) => sum + piece.length, 0),
    )
    if (isTaken) this.releaseHeld()
    else this.pending = { windows: held.windows, pins: held.pins }
    this.held = undefined
    this.sendHeldLines()
    if (this.isClosing) this.finishWhenSent()
    else if (!this.isWaiting) this.goOn()
  }

  /** The journal takes changes again. */
  roomMade(): void {
    this.isBlocked = false
    if (!this.isClosing && !this.isWaiting) this.goOn()
  }

  /** No memory for the connection's replies: they are lost, and so is the connection. */
  private abort(): void {
    const { output } = this.worker
    output.isBroken = false
    output.clear()
    this.unpin(this.pins)
    this.isClosing = true
    this.wire.destroy()
  }

  /** Nothing is read or answered now. */
  private get isWaiting(): boolean {
    return this.pending !== undefined || this.isYielding || this.held !== undefined || this.isBlocked
  }

  private goOn(): void {
    const { rest } = this
    this.prepare()
    this.hasReadAll = false
    if (rest !== undefined) this.serve(rest.start, rest.cursor)
    else if (this.session.list !== undefined) this.serve(this.worker.readStart, this.worker.readStart)
    if (this.backlog !== undefined) this.takeBacklog()
    if (this.isWaiting || this.isClosing) return
    this.worker.table.setState(this.row, this.state)
    this.wire.resume()
  }

  private yieldTurn(): void {
    this.worker.counters.count(Counter.conn_yields)
    this.isYielding = true
    setImmediate(() => {
      this.isYielding = false
      if (!this.isClosing && !this.isWaiting) this.goOn()
    })
  }

  private pinLinks(): void {
    const { output, engine } = this.worker
    for (const start of output.takeLinks()) {
      engine.pin(start)
      this.pins.push(start)
    }
  }

  private unpin(pins: number[]): void {
    if (pins.length === 0) return
    for (const start of pins.splice(0)) this.worker.engine.unpin(start)
  }

  private releasePending(): void {
    this.release(this.pending)
    this.pending = undefined
  }

  private releaseHeld(): void {
    this.release(this.held)
    this.held = undefined
  }

  private release(unsent: Unsent | undefined): void {
    if (unsent === undefined) return
    for (const window of unsent.windows) this.worker.pool.give(window)
    this.unpin(unsent.pins)
  }

  // ─── what is not finished ──────────────────────────────────────────────────────────────────────────────────────────

  /** Keeps bytes that cannot be dealt with yet at the beginning of a window. */
  private keepRest(start: number, end: number): void {
    if (start === end) {
      this.giveRestBack()
      return
    }
    if (this.rest === undefined) {
      this.rest = this.worker.pool.take()
      if (this.rest === undefined) {
        this.worker.counters.count(Counter.read_buf_oom)
        this.isClosing = true
        this.wire.destroy()
        return
      }
    }
    if (start !== this.rest.start) this.worker.arena.move(this.rest.start, start, end - start)
    this.rest.cursor = this.rest.start + end - start
  }

  private giveRestBack(): void {
    if (this.rest === undefined) return
    this.worker.pool.give(this.rest)
    this.rest = undefined
  }

  /** The request's value goes on behind the bytes that are here. */
  private beginLongValue(protocol: Protocol, end: number, next: number): void {
    const { arena, engine, request, reply } = this.worker
    const value = engine.stage(request, reply)
    if (value === undefined) {
      this.refuseRest(protocol, next - end)
      return
    }
    const longValue = new LongValue(arena, request, value, next)
    const hereEnd = Math.min(end, request.valueEnd)
    longValue.takeEnd(arena.bytes, hereEnd, end)
    if (value.copyIn(request.valueStart, hereEnd - request.valueStart)) {
      this.longValue = longValue
      engine.release()
    } else {
      this.failLongValue(longValue, next - end)
    }
  }

  /** Takes what has arrived of the long value. Answers where in the read window the next request begins. */
  private fillLongValue(longValue: LongValue, start: number, length: number): number {
    const { arena } = this.worker
    const { value } = longValue
    const arrived = this.landsInValue ? length : Math.min(length, value.missing)
    const missing = longValue.missing - arrived
    if (this.landsInValue) value.add(arrived)
    else value.copyIn(start, arrived)
    if (value.missing > 0 && value.room === 0) this.failLongValue(longValue, missing)
    if (value.missing > 0) return start + arrived
    const next = longValue.takeEnd(arena.bytes, start + arrived, start + length)
    if (longValue.isWhole) this.completeLongValue(longValue)
    return next
  }

  private completeLongValue(longValue: LongValue): void {
    const { arena, engine, request, reply, output, flagsStart } = this.worker
    this.longValue = undefined
    longValue.restore(arena, request, flagsStart)
    engine.execute(request, reply)
    this.protocol?.encodeReply(arena, request, reply, output, Number.POSITIVE_INFINITY)
    engine.release()
  }

  /** There is no room for the rest of it: says so, and lets pass by what is still to come. */
  private failLongValue(longValue: LongValue, missing: number): void {
    const { arena, engine, request, reply, flagsStart } = this.worker
    this.longValue = undefined
    longValue.restore(arena, request, flagsStart)
    engine.fail(request, reply)
    this.refuseRest(this.protocol, missing)
  }

  private refuseRest(protocol: Protocol | undefined, length: number): void {
    const { arena, engine, request, reply, output } = this.worker
    protocol?.encodeReply(arena, request, reply, output, Number.POSITIVE_INFINITY)
    engine.release()
    this.skipLength = length
    if (reply.isLast) this.isClosing = true
  }

  /** A line begins here that is longer than a window. */
  private beginLongLine(start: number, end: number): void {
    this.longLine = new LongKeysLine(this.worker.arena.bytes, start, end)
    this.gathered = new Backlog(this.worker.pool)
    this.gather(this.longLine, this.longLine.keysStart, end)
  }

  private gather(line: LongKeysLine, start: number, end: number): void {
    const { arena, counters } = this.worker
    const gathered = this.gathered!
    const lineEnd = line.look(arena.bytes, start, end)
    if (!gathered.add(arena, start, end)) {
      counters.count(Counter.read_buf_oom)
      this.abort()
    } else if (lineEnd >= 0) {
      this.completeLongLine(line, gathered, end - lineEnd)
    } else if (gathered.length > KEYS_LINE_LENGTH_MAX) {
      this.abort()
    }
  }

  /** The line is whole; so many bytes of what has been gathered came behind it. */
  private completeLongLine(line: LongKeysLine, gathered: Backlog, lengthBehind: number): void {
    const { engine, request, reply } = this.worker
    this.longLine = undefined
    this.gathered = undefined
    if (!line.open(request)) {
      engine.execute(request, reply)
      this.refuseRest(this.protocol, gathered.length - lengthBehind)
    }
    if (this.backlog !== undefined) gathered.append(this.backlog)
    this.backlog = gathered
  }

  /** Deals with what waits, as if it came only now, until somebody has to be waited for. */
  private takeBacklog(): void {
    const { arena, readStart } = this.worker
    while (this.backlog !== undefined && !this.isWaiting && !this.isClosing) {
      this.landsBehindRest = false
      this.landsInValue = false
      const { backlog } = this
      const length = backlog.take(arena, readStart, READ_LENGTH)
      // Before it is dealt with: it may be what ends the backlog, or the beginning of another one.
      if (backlog.length === 0) this.backlog = undefined
      this.take(length)
    }
  }

  /** What comes after the end. Where nothing had to wait, what had been sent before is gone after a short read. */
  private discard(length: number): boolean {
    this.skipLength = Math.max(0, this.skipLength - length)
    const isAll = length < READ_LENGTH && this.skipLength === 0
    if (isAll && !this.hasWaited && !this.isBroken) this.wire.finish()
    return this.pending === undefined && this.held === undefined
  }
}

/** What replies that are not sent yet hold on to. */
interface Unsent {
  readonly windows: Window[]
  readonly pins: number[]
}

const LINE_FEED = 0x0a
/** So long a peer may go on sending to a connection that we have ended. */
const LINGER_MS = 1000
