import type { Window } from '../arena/window.js'
import { Counter } from '../metrics/counters.js'
import { BROKEN, NEED_MORE } from '../protocol/protocol.js'
import { BATCH_LENGTH_MAX, COPIED_VALUE_LENGTH_MAX, READ_LENGTH } from '../request/limits.js'
import { Session } from '../request/session.js'
import { ConnectionState } from './connection-table.js'
import { LongValue } from './long-value.js'
import type { Wire, WireListener } from './wire.js'
import { type Accepted, openWire } from './wires/open-wire.js'
import type { Encryption } from './wires/tls-wire.js'
import type { Worker } from './worker.js'

/**
 * One connection: bytes in, replies out. It owns no memory of its own but for what cannot be finished at once.
 *
 *     rest        a window with the beginning of a request, or with requests that wait for their turn
 *     longValue   a value that is arriving in pieces, straight into the store
 *     pending     windows and pinned values that the socket has not taken yet; until it has, nothing is read or answered
 */
export class Connection implements WireListener {
  readonly session = new Session()
  wire!: Wire
  private readonly worker: Worker
  /** In the table of connections. */
  private readonly row: number
  private readonly onClosed: () => void
  private rest: Window | undefined = undefined
  /** The next bytes will lie right behind the rest. */
  private landsBehindRest = false
  private longValue: LongValue | undefined = undefined
  /** The next bytes will lie where the long value wants them. */
  private landsInValue = false
  /** So many bytes of a request that nobody wants are still to come. */
  private skipLength = 0
  private pending: { windows: Window[]; pins: number[] } | undefined = undefined
  /** Long values that the replies of this batch link to. */
  private pins: number[] = []
  /** The last read emptied the kernel: it did not fill its buffer, and nothing had to wait since. */
  private hasReadAll = true
  /** The peer has once been slower than we are. */
  private hasWaited = false
  private isYielding = false
  /** So many rounds in a row nothing has come. */
  private idleRounds = 0
  private isClosing = false
  /** Goes on reading for a while after the end. */
  private lingers = false
  private lingering: NodeJS.Timeout | undefined = undefined

  /** Takes a row of the table of connections, and leaves it when it is over. */
  constructor(worker: Worker, number: number, onClosed: () => void) {
    this.worker = worker
    this.onClosed = onClosed
    this.row = worker.table.enter(number)
    worker.table.setLastTime(this.row, worker.clock.now)
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
    if (this.pending !== undefined) return ConnectionState.SENDING
    return this.longValue !== undefined || this.skipLength > 0
      ? ConnectionState.RECEIVING
      : ConnectionState.READING
  }

  // ─── what the wire says ────────────────────────────────────────────────────────────────────────────────────────────

  nextBuffer(): Buffer {
    const { worker, rest, longValue } = this
    this.landsBehindRest = false
    this.landsInValue = false
    if (this.isWaiting || this.isClosing) return worker.readBuffer
    if (longValue !== undefined) {
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
    worker.counters.add(Counter.bytes_read, length)
    this.prepare()
    this.hasReadAll = length < READ_LENGTH
    let start = worker.readStart
    let end = start + length
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
    return !this.isWaiting
  }

  ended(): void {
    // What came before it has been answered, or waits and will be read again only once it has been.
    if (this.isClosing) this.wire.finish()
    else this.close(this.isWaiting)
  }

  drained(): void {
    this.releasePending()
    if (this.isClosing) this.finish()
    else this.goOn()
  }

  closed(): void {
    this.isClosing = true
    clearTimeout(this.lingering)
    this.releasePending()
    this.giveRestBack()
    this.longValue?.value.discard()
    this.longValue = undefined
    this.worker.table.leave(this.row)
    this.onClosed()
  }

  /** Counts a round in which the connection was idle. Answers how many there have been since something came. */
  countIdleRound(): number {
    const isIdle = this.state === ConnectionState.READING && !this.isYielding
    this.idleRounds = isIdle ? this.idleRounds + 1 : 0
    return this.idleRounds
  }

  /** Ends the connection from our side: what has been answered is still sent. */
  close(mayBeUnread = true): void {
    this.isClosing = true
    this.lingers = mayBeUnread
    if (this.pending === undefined) this.finish()
    else this.wire.endSending()
  }

  /**
   * All has been taken by the kernel. A socket that is closed with bytes unread resets its peer, which may then lose the
   * last replies: so what comes is read for a while. But not for long: the peer is to see that the connection is gone.
   */
  private finish(): void {
    if (!this.lingers) {
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
    table.setState(this.row, this.state)
    if (this.isClosing) this.close(!this.hasReadAll || this.skipLength > 0 || this.isWaiting)
    else this.keepRest(cursor, end)
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
    const { arena, engine, protocol, request, reply, output } = this.worker
    const linkFrom = engine.mayPin ? COPIED_VALUE_LENGTH_MAX : Number.POSITIVE_INFINITY
    let turnsLeft = this.worker.requestsPerTurn
    let cursor = start
    for (;;) {
      const next = protocol.decodeRequest(arena, cursor, end, request)
      if (next === NEED_MORE) return cursor
      if (next === BROKEN) {
        this.isClosing = true
        return end
      }
      if (next > end) {
        this.beginLongValue(end, next)
        return end
      }
      engine.execute(request, reply)
      protocol.encodeReply(arena, request, reply, output, linkFrom)
      if (output.linkCount > 0) this.pinLinks()
      engine.release()
      cursor = next
      if (reply.isLast) {
        this.isClosing = true
        return end
      }
      if (output.byteLength >= BATCH_LENGTH_MAX) {
        this.flush()
        if (this.isWaiting || this.isClosing) return cursor
      }
      if (--turnsLeft === 0 && cursor < end) {
        this.yieldTurn()
        return cursor
      }
    }
  }

  /** Sends what has been gathered. What the socket does not take at once stays with the connection. */
  private flush(): void {
    const { output, arena, counters } = this.worker
    const { byteLength } = output
    if (byteLength === 0) return
    if (output.isBroken) {
      counters.count(Counter.read_buf_oom)
      this.abort()
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
    const { output, counters } = this.worker
    this.hasWaited = true
    this.pending ??= { windows: [], pins: [] }
    this.pending.windows.push(...output.handOver())
    this.pending.pins.push(...this.pins)
    this.pins = []
    if (!output.isBroken) return
    counters.count(Counter.read_buf_oom)
    this.abort()
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
    return this.pending !== undefined || this.isYielding
  }

  private goOn(): void {
    const { rest } = this
    this.prepare()
    this.hasReadAll = false
    if (rest !== undefined) this.serve(rest.start, rest.cursor)
    if (!this.isWaiting && !this.isClosing) this.wire.resume()
  }

  private yieldTurn(): void {
    this.worker.counters.count(Counter.conn_yields)
    this.isYielding = true
    setImmediate(() => {
      this.isYielding = false
      if (!this.isClosing && this.pending === undefined) this.goOn()
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
    const { pending } = this
    if (pending === undefined) return
    this.pending = undefined
    for (const window of pending.windows) this.worker.pool.give(window)
    this.unpin(pending.pins)
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
  private beginLongValue(end: number, next: number): void {
    const { engine, request, reply } = this.worker
    const value = engine.stage(request, reply)
    if (value === undefined) {
      this.refuseRest(next - end)
      return
    }
    const longValue = new LongValue(request, value)
    if (value.copyIn(request.valueStart, end - request.valueStart)) {
      this.longValue = longValue
      engine.release()
    } else {
      this.failLongValue(longValue, next - end)
    }
  }

  /** Takes what has arrived of the long value. Answers where in the read window the next request begins. */
  private fillLongValue(longValue: LongValue, start: number, length: number): number {
    const { value } = longValue
    const arrived = this.landsInValue ? length : Math.min(length, value.missing)
    const missing = value.missing - arrived
    if (this.landsInValue) value.add(arrived)
    else value.copyIn(start, arrived)
    if (value.missing === 0) this.completeLongValue(longValue)
    else if (value.room === 0) this.failLongValue(longValue, missing)
    return start + arrived
  }

  private completeLongValue(longValue: LongValue): void {
    const { arena, engine, protocol, request, reply, output } = this.worker
    this.longValue = undefined
    longValue.restore(arena, request)
    engine.execute(request, reply)
    protocol.encodeReply(arena, request, reply, output, Number.POSITIVE_INFINITY)
    engine.release()
  }

  /** There is no room for the rest of it: says so, and lets pass by what is still to come. */
  private failLongValue(longValue: LongValue, missing: number): void {
    const { arena, engine, request, reply } = this.worker
    this.longValue = undefined
    longValue.restore(arena, request)
    engine.fail(request, reply)
    this.refuseRest(missing)
  }

  private refuseRest(length: number): void {
    const { arena, engine, protocol, request, reply, output } = this.worker
    protocol.encodeReply(arena, request, reply, output, Number.POSITIVE_INFINITY)
    engine.release()
    this.skipLength = length
    if (reply.isLast) this.isClosing = true
  }

  /** What comes after the end. Where nothing had to wait, what had been sent before is gone after a short read. */
  private discard(length: number): boolean {
    this.skipLength = Math.max(0, this.skipLength - length)
    const isAll = length < READ_LENGTH && this.skipLength === 0
    if (isAll && !this.hasWaited) this.wire.finish()
    return this.pending === undefined
  }
}

/** So long a peer may go on sending to a connection that we have ended. */
const LINGER_MS = 1000
