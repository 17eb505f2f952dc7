import type { Window } from '../../../arena/window.js'
import { Counter } from '../../../metrics/counters.js'
import type { DeferredValue } from '../../../request/deferred-value.js'
import type { Wire } from '../../wires/wire.js'
import type { Worker } from '../worker.js'
import type { GroupMember, ReplyGroup } from './reply-group.js'

/** The connection, as far as its outbox needs it. */
export interface OutboxOwner {
  readonly wire: Wire
  /** No reply is held any more. */
  released(): void
  /** Held replies are never sent: whether the changes were kept is unknown. */
  refused(): void
  /** The journal is no longer slow. */
  goOnIfPaused(): void
  /** No memory is left for the replies: they are lost, and the connection is reset. */
  abort(): void
}

/**
 * The pending replies of one connection. One write sends all that is in the worker's output;
 * what cannot be sent at once keeps its windows, and waits here:
 *
 *     output ─┬─▶ held in a group, until the journal has what they acknowledge ─┬─▶ pending, until the socket has taken them
 *             └─────────────────────────────────────────────────────────────────┘
 *
 * While anything is pending, or the journal is slow, reading stops: requests that were read already are still answered.
 */
export class Outbox implements GroupMember {
  private pending: Unsent | undefined = undefined
  /** The value that follows all other replies. */
  private deferred: Deferred | undefined = undefined
  /** Whether anything ever had to wait. */
  hasWaited = false
  /** How many records the journal had after this connection's last change. */
  changeCount = 0
  private readonly worker: Worker
  private readonly owner: OutboxOwner
  /** The latest group that holds replies of this connection. */
  private group: ReplyGroup | undefined = undefined
  /** In how many groups that wait for a slow journal this connection is. */
  private delayedCount = 0
  /** Long values that the replies in the output link to. */
  private pins: number[] = []

  constructor(worker: Worker, owner: OutboxOwner) {
    this.worker = worker
    this.owner = owner
  }

  /** Replies wait for the journal, or for the end of this turn of the event loop. */
  get isHeld(): boolean {
    return this.group !== undefined
  }

  /** Whether reading must stop. */
  get isWaiting(): boolean {
    return this.isSending || this.delayedCount > 0
  }

  /** The socket has not taken all, or has not been given all. */
  get isSending(): boolean {
    return this.pending !== undefined || this.deferred !== undefined
  }

  /** More is still to be given to the socket. */
  get isDeferring(): boolean {
    return this.deferred !== undefined
  }

  /** How many windows wait for the socket. */
  get windowCount(): number {
    return this.pending?.windows.length ?? 0
  }

  /** The value that the latest reply has linked is pinned until it is sent. */
  pinLinks(): void {
    const { output, engine } = this.worker
    for (const start of output.takeLinks()) {
      engine.pin(start)
      this.pins.push(start)
    }
  }

  /** The value that the latest reply has linked is sent later, as the socket has room. */
  defer(value: DeferredValue): void {
    const { output, arena } = this.worker
    this.deferred = { value, tail: output.cutLinks(arena) }
  }

  /** Sends the output. What cannot be sent at once is kept. */
  flush(): void {
    this.sendGathered()
    if (this.deferred !== undefined) this.sendDeferred()
  }

  private sendGathered(): void {
    const { output, arena, commits } = this.worker
    commits.noteChanges(this)
    if (output.byteLength === 0) return
    if (output.isBroken) {
      this.lose()
    } else if (commits.mustHold(this)) {
      this.holdGathered()
    } else if (this.sendAny(output.replies(arena))) {
      this.discardOutput()
    } else {
      this.keepOutput()
    }
  }

  /** The replies wait for the journal. */
  private holdGathered(): void {
    const { commits } = this.worker
    const pins = this.takePins()
    this.group = commits.add(this, pins)
    if (this.group === undefined) {
      this.unpin(pins)
      this.lose()
    } else {
      commits.settleIfFull()
    }
  }

  /** Sends bytes that are not in the output. True if they were taken at once; otherwise they must not change. */
  send(bytes: Buffer): boolean {
    this.count(bytes.length)
    return this.owner.wire.send(bytes)
  }

  /** The socket has taken what was pending: continues with deferred values. */
  drained(): void {
    this.releasePending()
    if (this.deferred !== undefined) this.sendDeferred()
  }

  private releasePending(): void {
    const { pending } = this
    if (pending === undefined) return
    for (const window of pending.windows) this.worker.pool.give(window)
    this.unpin(pending.pins)
    this.pending = undefined
  }

  /** The connection is closed. */
  release(): void {
    this.group = undefined
    this.deferred = undefined
    this.releasePending()
  }

  /** The output was sent, or is not to be sent. */
  discardOutput(): void {
    const { output } = this.worker
    output.discard()
    this.unpin(this.takePins())
  }

  // ─── calls from the group ──────────────────────────────────────────────────────────────────────────────────────────

  delay(): void {
    this.delayedCount++
    this.hasWaited = true
  }

  settled(isSafe: boolean, replies: Buffer | Buffer[], windows: readonly Window[], pins: number[]): void {
    // Replies whose changes are lost are never sent, nor those of a closed connection.
    if (!isSafe || this.group === undefined || this.sendAny(replies)) {
      this.unpin(pins)
      return
    }
    const { pool } = this.worker
    const pending = this.beginPending()
    for (const window of windows) pool.share(window)
    pending.windows.push(...windows)
    pending.pins.push(...pins)
  }

  leave(group: ReplyGroup, isSafe: boolean): void {
    if (group.isDelayed) this.delayedCount--
    if (this.group === group || !isSafe) this.dismiss(isSafe)
    if (group.isDelayed && this.delayedCount === 0) this.owner.goOnIfPaused()
  }

  /** No group holds replies of this connection, or none that are to be sent. */
  private dismiss(isSafe: boolean): void {
    if (this.group === undefined) return
    this.group = undefined
    if (!isSafe) {
      this.owner.refused()
      return
    }
    const isDeferred = this.deferred !== undefined
    if (isDeferred) this.sendDeferred()
    this.owner.released()
    if (isDeferred) this.owner.goOnIfPaused()
  }

  /** Copies a deferred value, a window's worth at a time, until the socket is full or others go first. */
  private sendDeferred(): void {
    const { pool, arena } = this.worker
    while (this.deferred !== undefined && this.pending === undefined && !this.isHeld) {
      const { value, tail } = this.deferred
      const window = pool.take()
      if (window === undefined) {
        this.lose()
        return
      }
      // This connection may have been closed to free one.
      if (this.deferred === undefined) {
        pool.give(window)
        return
      }
      const length = Math.min(value.missing, pool.windowLength - tail.length)
      if (!value.copyNext(window.start, length)) {
        pool.give(window)
        this.lose()
        return
      }
      const end = window.start + length
      const isLast = value.missing === 0
      if (isLast) {
        this.deferred = undefined
        arena.bytes.set(tail, end)
      }
      if (this.send(arena.view(window.start, isLast ? end + tail.length : end))) pool.give(window)
      else this.beginPending().windows.push(window)
    }
  }

  // ─── what waits ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The socket has not taken all of the output. */
  private keepOutput(): void {
    const { output } = this.worker
    const pending = this.beginPending()
    output.handOver(pending.windows)
    pending.pins.push(...this.takePins())
    if (output.isBroken) this.lose()
  }

  private beginPending(): Unsent {
    this.hasWaited = true
    this.pending ??= { windows: [], pins: [] }
    return this.pending
  }

  private unpin(pins: number[]): void {
    for (const start of pins) this.worker.engine.unpin(start)
  }

  private takePins(): number[] {
    return this.pins.length === 0 ? NO_PINS : this.pins.splice(0)
  }

  private sendAny(replies: Buffer | Buffer[]): boolean {
    const { wire } = this.owner
    if (!Array.isArray(replies)) return this.send(replies)
    this.count(replies.reduce((sum, piece) => sum + piece.length, 0))
    return wire.sendAll(replies)
  }

  private lose(): void {
    this.deferred = undefined
    this.worker.counters.count(Counter.read_buf_oom)
    this.owner.abort()
  }

  private count(byteLength: number): void {
    this.worker.counters.add(Counter.bytes_written, byteLength)
  }
}

/** The rest of a reply: a value, and the bytes after it. */
interface Deferred {
  readonly value: DeferredValue
  readonly tail: Buffer
}

/** What pending replies hold. */
interface Unsent {
  readonly windows: Window[]
  readonly pins: number[]
}

const NO_PINS: number[] = []
