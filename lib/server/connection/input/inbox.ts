import { LINE_FEED } from '../../../arena/ascii.js'
import type { Window } from '../../../arena/window.js'
import { Counter } from '../../../metrics/counters.js'
import { BROKEN, NEED_MORE, type Protocol } from '../../../protocol/protocol.js'
import { READ_LENGTH } from '../../../request/limits.js'
import type { Worker } from '../worker.js'
import { ArrivingLine } from './arriving-line.js'
import { ArrivingValue, type ValueOwner } from './arriving-value.js'
import type { Backlog } from './backlog.js'

/**
 * The received bytes of one connection that cannot be answered at once.
 *
 *     rest      a window with the beginning of a request, or with requests that wait for their turn
 *     value     a value that is arriving in pieces, straight into the store
 *     line      a line that is longer than a window, while it arrives; once it is complete it is the backlog
 *     backlog   such a line, and the bytes after it: processed as if they arrived now, a read's worth at a time
 */
export class Inbox {
  /** The range of the arena to be answered, after `take`. */
  start = 0
  end = 0
  rest: Window | undefined = undefined
  backlog: Backlog | undefined = undefined
  /** How many bytes of a skipped request are still to come. */
  skipLength = 0
  /** There is no window for a line, or it is too long. */
  isBroken = false
  private readonly worker: Worker
  private readonly owner: ValueOwner
  private value: ArrivingValue | undefined = undefined
  private line: ArrivingLine | undefined = undefined
  private landing: Landing = Landing.READ_WINDOW

  constructor(worker: Worker, owner: ValueOwner) {
    this.worker = worker
    this.owner = owner
  }

  /** The rest of a value is still to come: on a text connection with a waiting line, also of a short one. */
  isReceiving(isText: boolean): boolean {
    const { rest } = this
    if (this.value !== undefined || this.skipLength > 0) return true
    return isText && rest !== undefined && this.worker.arena.view(rest.start, rest.cursor).includes(LINE_FEED)
  }

  /** How many bytes wait in the rest. */
  get restLength(): number {
    return this.rest === undefined ? 0 : this.rest.cursor - this.rest.start
  }

  /** How many windows are held. */
  get windowCount(): number {
    const { rest, backlog, line } = this
    return (rest === undefined ? 0 : 1) + (backlog?.windowCount ?? 0) + (line?.gathered.windowCount ?? 0)
  }

  // ─── bytes come ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The best place for the next bytes; with `isIdle` any place, since none may arrive now. */
  nextBuffer(isIdle: boolean): Buffer {
    const { worker, rest } = this
    const place = isIdle ? undefined : this.value?.place
    if (place !== undefined) {
      this.landing = Landing.VALUE
      return place
    }
    if (rest === undefined || isIdle) {
      this.landing = Landing.READ_WINDOW
      return worker.readBuffer
    }
    this.landing = Landing.BEHIND_REST
    return worker.arena.view(rest.cursor, rest.cursor + READ_LENGTH)
  }

  /** This many bytes have arrived at that place. True if there may be something to answer. */
  take(length: number): boolean {
    const { arena, readStart } = this.worker
    const { rest } = this
    let start = readStart
    let end = start + length
    if (this.line !== undefined) {
      this.takeLine(this.line, start, end)
      return false
    }
    if (this.value !== undefined) start = this.takeValue(this.value, start, length)
    if (this.skipLength > 0) {
      const skipped = Math.min(this.skipLength, end - start)
      this.skipLength -= skipped
      start += skipped
    }
    if (rest !== undefined) {
      if (this.landing !== Landing.BEHIND_REST) arena.move(rest.cursor, start, end - start)
      rest.cursor += end - start
      start = rest.start
      end = rest.cursor
    }
    this.start = start
    this.end = end
    return true
  }

  /** Moves the next part of the backlog to the read window. Returns its length. */
  recall(backlog: Backlog): number {
    const { arena, readStart } = this.worker
    this.landing = Landing.READ_WINDOW
    const length = backlog.take(arena, readStart, READ_LENGTH)
    // Before it is processed: it may end the backlog, or begin another one.
    if (backlog.length === 0) this.backlog = undefined
    return length
  }

  /** Bytes after the end are ignored. True if they do not extend beyond the current request. */
  skip(length: number): boolean {
    this.skipLength = Math.max(0, this.skipLength - length)
    return this.skipLength === 0
  }

  // ─── unfinished requests ───────────────────────────────────────────────────────────────────────────────────────────

  /** Keeps bytes that cannot be answered yet at the beginning of a window. False if there is none. */
  keep(start: number, end: number): boolean {
    const { arena, pool, counters } = this.worker
    if (start === end) {
      if (this.rest !== undefined) this.giveRestBack(this.rest)
      return true
    }
    this.rest ??= pool.take()
    if (this.rest === undefined) {
      counters.count(Counter.read_buf_oom)
      return false
    }
    if (start !== this.rest.start) arena.move(this.rest.start, start, end - start)
    this.rest.cursor = this.rest.start + end - start
    return true
  }

  /** The request's value continues after the received bytes. */
  beginValue(protocol: Protocol, end: number, next: number): void {
    const { engine, request, reply } = this.worker
    const value = engine.stage(request, reply)
    if (value === undefined) {
      this.owner.answering.putReply(protocol)
      this.skipLength = next - end
      return
    }
    const arriving = ArrivingValue.begin(this.worker, protocol, value, end, next, this.owner)
    if (arriving.isOver) this.skipLength = arriving.unwantedLength
    else this.value = arriving
  }

  /** A line begins here that is longer than a window. */
  beginLine(start: number, end: number): void {
    this.line = new ArrivingLine(this.worker, start, end)
    this.takeLine(this.line, this.line.keysStart, end)
  }

  releaseBacklog(): void {
    this.backlog?.release()
    this.backlog = undefined
  }

  /** The connection is closed. */
  release(): void {
    if (this.rest !== undefined) this.giveRestBack(this.rest)
    this.value?.discard()
    this.value = undefined
    this.line?.gathered.release()
    this.releaseBacklog()
  }

  private giveRestBack(rest: Window): void {
    this.worker.pool.give(rest)
    this.rest = undefined
  }

  private takeValue(value: ArrivingValue, start: number, length: number): number {
    const next = value.take(start, length, this.landing === Landing.VALUE)
    if (value.isOver) {
      this.value = undefined
      this.skipLength = value.unwantedLength
    }
    return next
  }

  private takeLine(line: ArrivingLine, start: number, end: number): void {
    const lengthBehind = line.take(start, end)
    if (lengthBehind === NEED_MORE) return
    if (lengthBehind === BROKEN) {
      this.isBroken = true
      return
    }
    const { gathered } = line
    this.line = undefined
    if (!line.answer()) this.skipLength = gathered.length - lengthBehind
    if (this.backlog !== undefined) gathered.append(this.backlog)
    this.backlog = gathered
  }
}

/** Where the next bytes will be. */
const Landing = { READ_WINDOW: 0, BEHIND_REST: 1, VALUE: 2 } as const
type Landing = (typeof Landing)[keyof typeof Landing]
