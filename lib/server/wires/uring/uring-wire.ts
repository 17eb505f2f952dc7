import { READ_LENGTH } from '../../../request/limits.js'
import type { BareHandle } from '../handle.js'
import { HandleWire } from '../handle-wire.js'
import type { WireListener } from '../wire.js'
import { EAGAIN, ECANCELED, EINTR, ENOBUFS } from './layout.js'
import type { Ring, RingUser } from './ring.js'

export interface HandleWithDescriptor extends BareHandle {
  readonly fd: number
}

export function hasDescriptor(handle: BareHandle): handle is HandleWithDescriptor {
  return ((handle as Partial<HandleWithDescriptor>).fd ?? -1) >= 0
}

/**
 * A wire that reads, and sends short replies, by the ring of its worker. The handle owns the descriptor, and closes it.
 *
 *     ring ── received ─▶ moved to the listener's buffer, a part at a time if that is shorter ─▶ received
 *          ◀─ receive, if the listener wants more
 *          ◀─ send: a short reply
 *     kernel ◀─ sendmsg: a long one
 *     handle ◀─ what the kernel has not taken
 */
export class UringWire extends HandleWire<HandleWithDescriptor> implements RingUser {
  readonly fd: number
  private readonly ring: Ring
  private readonly slot: number
  /** Received bytes that the listener has not taken because reading was paused: less than a request brings. */
  private kept: Buffer | undefined = undefined
  /** Stays true after the end of the stream, when there is nothing to resume. */
  private isReading = false
  /** The ring has a request. */
  private isReceiving = false
  /** It has brought nothing yet. */
  private isNew = false
  /** The handle is closed. */
  private isGone = false
  /** The latest reply that was given to the ring: its outcome is unknown until the ring's round has passed. */
  private queuedRound = -1
  private queuedStart = 0
  private queuedEnd = 0
  private readonly handOn = () => this.handKept()

  constructor(handle: HandleWithDescriptor, listener: WireListener, ring: Ring) {
    super(handle, listener)
    this.fd = handle.fd
    this.ring = ring
    this.slot = ring.enter(this)
    this.resume()
  }

  // ─── calls from the connection ──────────────────────────────────────────────────────────────────────────────────────

  override send(bytes: Buffer): boolean {
    this.settle()
    if (this.waitingCount > 0 || this.isClosed) return super.send(bytes)
    const { ring } = this
    const { length } = bytes
    if (length <= QUEUED_LENGTH_MAX && ring.memory.isInArena(bytes)) {
      const place = ring.send(this.slot, bytes.byteOffset, length)
      if (place >= 0) {
        this.queuedRound = ring.sendRound
        this.queuedStart = place
        this.queuedEnd = place + length
        return true
      }
    }
    const sent = ring.message.send(this.fd, bytes)
    if (sent === length) return true
    // An error is one for the handle as well.
    return super.send(sent > 0 ? bytes.subarray(sent) : bytes)
  }

  override sendAll(pieces: Buffer[]): boolean {
    this.settle()
    if (this.waitingCount > 0 || this.isClosed) return super.sendAll(pieces)
    let sent = this.ring.message.sendAll(this.fd, pieces)
    let index = 0
    while (index < pieces.length && pieces[index]!.length <= sent) sent -= pieces[index++]!.length
    if (index === pieces.length) return true
    const rest = pieces.slice(index)
    if (sent > 0) rest[0] = rest[0]!.subarray(sent)
    return super.sendAll(rest)
  }

  override endSending(): void {
    this.settle()
    super.endSending()
  }

  override finish(): void {
    this.settle()
    super.finish()
  }

  private get isUnsettled(): boolean {
    return this.queuedRound === this.ring.sendRound
  }

  /** Sends the queued reply now: what follows must not come before it. */
  private settle(): void {
    if (!this.isUnsettled) return
    this.ring.flush()
    // The kernel takes no requests: the reply is lost.
    if (this.isUnsettled) this.destroy()
  }

  pause(): void {
    this.isReading = false
  }

  resume(): void {
    if (this.isReading || this.isClosed) return
    this.isReading = true
    // The listener is called after this call has returned.
    if (this.kept !== undefined) process.nextTick(this.handOn)
    else if (!this.isReceiving) this.receive(true)
  }

  override destroy(): void {
    if (this.isClosed) return
    if (this.isUnsettled) this.ring.flush()
    if (this.isClosed) return
    this.kept = undefined
    if (this.isReceiving || this.isUnsettled) this.ring.cancel(this.slot)
    this.ring.isHandleClosing = true
    super.destroy()
  }

  override closed(): void {
    this.isGone = true
    this.leaveIfUnused()
    super.closed()
  }

  /** The slot is free when neither the handle nor a request uses the descriptor. */
  private leaveIfUnused(): void {
    if (this.isGone && !this.isReceiving) this.ring.leave(this.slot)
  }

  // ─── calls from the ring ────────────────────────────────────────────────────────────────────────────────────────────

  received(start: number, length: number, isLast: boolean): void {
    const { isNew } = this
    this.isNew = false
    this.isReceiving = !isLast
    try {
      if (!this.isClosed) this.hand(start, length)
    } catch (error) {
      // The rest of these bytes is lost.
      this.destroy()
      throw error
    }
    if (!isLast) {
      if (isNew && !this.isClosed && this.ring.hasEnded(this.fd, start)) this.askAgain()
      return
    }
    if (length === READ_LENGTH && this.wantsMore) this.readLong()
    if (this.isClosed) this.leaveIfUnused()
    else if (this.wantsMore) this.receive(length < READ_LENGTH)
  }

  /** The next request finds the end. A reply that is queued goes first: a cancellation would withdraw it. */
  private askAgain(): void {
    this.settle()
    if (!this.isClosed) this.ring.cancel(this.slot)
  }

  /** Nothing that the listener has to take waits before what comes next. */
  private get wantsMore(): boolean {
    return this.isReading && !this.isClosed && this.kept === undefined
  }

  /** Reads what else has come of a long value to its place: bytes that need not be moved are worth a system call. */
  private readLong(): void {
    const { ring, listener } = this
    for (let count = 0; count < LONG_READS_MAX && this.wantsMore; count++) {
      const target = listener.nextBuffer()
      if (target.length <= READ_LENGTH || !ring.memory.isInArena(target)) return
      const length = ring.receiveNow(this.fd, target.byteOffset, target.length)
      // The ring finds out about the end, and errors.
      if (length <= 0) return
      if (!listener.received(length)) this.isReading = false
    }
  }

  sendFailed(result: number): void {
    if (this.isClosed || !this.isUnsettled) return
    this.queuedRound = -1
    const rest = this.ring.memory.arena.view(this.queuedStart + Math.max(0, result), this.queuedEnd)
    // An error is one for the handle as well. The listener was told that all was taken, and may send more: that waits behind it.
    super.send(Buffer.from(rest))
  }

  receivedNothing(result: number): void {
    this.isReceiving = false
    if (this.isClosed) this.leaveIfUnused()
    // The end is found again after a pause.
    else if (!this.wantsMore) return
    else if (result === 0) this.listener.ended()
    else if (RETRIED.includes(result)) this.receive(false)
    // A server cannot act on an error of a read.
    else this.destroy()
  }

  private receive(isLikelyEmpty: boolean): void {
    this.isNew = true
    this.isReceiving = this.ring.receive(this.slot, isLikelyEmpty)
    if (!this.isReceiving) this.destroy()
  }

  /** Passes bytes of the arena to the listener. Keeps the rest if it pauses reading. */
  private hand(start: number, length: number): void {
    const { memory } = this.ring
    const end = start + length
    let cursor = start
    while (cursor < end && this.wantsMore) {
      const target = this.listener.nextBuffer()
      const part = Math.min(end - cursor, target.length)
      if (memory.isInArena(target)) memory.arena.move(target.byteOffset, cursor, part)
      else memory.arena.bytes.copy(target, 0, cursor, cursor + part)
      cursor += part
      if (!this.listener.received(part)) this.isReading = false
    }
    if (cursor === end || this.isClosed) return
    const rest = memory.arena.view(cursor, end)
    this.kept = this.kept === undefined ? Buffer.from(rest) : Buffer.concat([this.kept, rest])
  }

  private handKept(): void {
    const { kept } = this
    if (kept === undefined || !this.isReading) return
    this.kept = undefined
    let start = 0
    while (start < kept.length && this.isReading) {
      const part = kept.copy(this.listener.nextBuffer(), 0, start)
      start += part
      if (!this.listener.received(part)) this.isReading = false
      if (this.isClosed) return
    }
    if (start < kept.length) this.kept = kept.subarray(start)
    else if (this.isReading && !this.isReceiving) this.receive(false)
  }
}

const RETRIED = [ENOBUFS, EINTR, EAGAIN, ECANCELED]
/** Moving these costs less than a system call for them. */
const QUEUED_LENGTH_MAX = 4096
/** Before other connections have their turn. */
const LONG_READS_MAX = 8
