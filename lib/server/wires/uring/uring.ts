import { READ_LENGTH } from '../../../request/limits.js'
import type { BareHandle } from '../handle.js'
import type { Wire, WireListener } from '../wire.js'
import { Cancellation } from './cancellation.js'
import {
  BUFFER_SELECT,
  HAS_BUFFER,
  HAS_MORE,
  MULTISHOT,
  NO_COMPLETION,
  Opcode,
  PEEK_FLAGS,
  POLL_FIRST,
  RECEIVE_FLAGS,
  RING_SEND_FLAGS,
} from './layout.js'
import { Message } from './message.js'
import { type QueueCounts, Queues, type Submission } from './queues.js'
import { ReadBuffers } from './read-buffers.js'
import type { Ring, RingUser } from './ring.js'
import type { RingMemory } from './ring-memory.js'
import type { SystemCalls } from './system-calls.js'
import { hasDescriptor, UringWire } from './uring-wire.js'
import { Waker } from './waker.js'

/** The parts that a ring closes. */
interface Parts {
  readonly queues: Queues
  readonly buffers: ReadBuffers
  readonly cancellation: Cancellation
  readonly message: Message
}

/**
 * The io_uring of a worker, through which its wires receive, and send short replies.
 *
 *     wire ─ receive, send ─▶ submissions ─┐             ┌─▶ completions ─ received, sendFailed ─▶ wire
 *                                          └─── turn ────┘
 *
 * A request to receive is for one read, or repeats itself until it has received `REPEATED_LENGTH`. The wire makes the next one when
 * it wants more, so a client that sends more than is answered has to wait. The buffer of a read is used up before the next completion
 * is looked at.
 *
 * Replies are moved to the memory of the ring. The kernel has sent them when the next call returns. If it has not, or not all,
 * the wire learns of it before anything else is done, because then the memory is used again.
 *
 * A turn gives the kernel all that waits, and handles what is complete. As long as turns find something, they go on in each round of
 * Node's loop, and the eventfd is off. Then the eventfd wakes Node's loop.
 */
export class Uring implements Ring {
  readonly message: Message
  readonly memory: RingMemory
  sendRound = 0
  private readonly system: SystemCalls
  private readonly parts: Parts
  private readonly queues: Queues
  private readonly buffers: ReadBuffers
  private readonly waker: Waker
  private readonly arenaAddress: number
  /** By their slots. */
  private readonly users: (RingUser | undefined)[] = []
  private readonly freeSlots: number[] = []
  private readonly receiving: Submission = {
    opcode: Opcode.RECV,
    flags: 0,
    fd: 0,
    address: 0,
    length: READ_LENGTH,
    operationFlags: 0,
    slot: 0,
    limit: 0,
  }
  private readonly sending: Submission = {
    opcode: Opcode.SEND,
    flags: NO_COMPLETION,
    fd: 0,
    address: 0,
    length: 0,
    operationFlags: RING_SEND_FLAGS,
    slot: 0,
    limit: 0,
  }
  private receiveFlags: number = BUFFER_SELECT
  /** The end of the replies that the kernel may not have sent. */
  private repliesEnd: number
  private isInTurn = false
  private isAnnounced = true
  isHandleClosing = false
  /** The next turn is scheduled. */
  private isDue = false
  private isClosing = false
  private isClosed = false
  private readonly runDue = () => {
    this.isDue = false
    this.run()
  }

  private constructor(system: SystemCalls, memory: RingMemory, arenaAddress: number, parts: Parts) {
    this.system = system
    this.memory = memory
    this.arenaAddress = arenaAddress
    this.repliesEnd = memory.repliesStart
    this.parts = parts
    this.queues = parts.queues
    this.buffers = parts.buffers
    this.message = parts.message
    this.waker = new Waker(system, parts.queues.fd, () => this.run())
  }

  /** Throws if this system lacks what it needs, and leaves nothing open then. */
  static open(system: SystemCalls, memory: RingMemory, counts: QueueCounts = COUNTS): Uring {
    const arenaAddress = system.addressOf(memory.arena.bytes.buffer)
    const opened: { close(): void }[] = []
    const open = <Part extends { close(): void }>(part: Part): Part => {
      opened.push(part)
      return part
    }
    try {
      const queues = open(Queues.open(system, counts, memory.recordOf(memory.arena.workerSlot.worker)))
      return new Uring(system, memory, arenaAddress, {
        queues,
        buffers: open(ReadBuffers.open(system, queues.fd, memory, arenaAddress, READ_LENGTH)),
        cancellation: open(new Cancellation(system, queues.fd)),
        message: open(new Message(system)),
      })
    } catch (error) {
      for (const part of opened) part.close()
      throw error
    }
  }

  /** Takes no more wires, and closes as soon as the last one has left. */
  close(): void {
    this.isClosing = true
    this.closeIfUnused()
  }

  /** The wire of a connection. Undefined if it takes no more of them, or the handle tells no descriptor. */
  openWire(handle: BareHandle, listener: WireListener): Wire | undefined {
    return this.isClosing || !hasDescriptor(handle) ? undefined : new UringWire(handle, listener, this)
  }

  private closeIfUnused(): void {
    if (this.isClosing && !this.isClosed && !this.isInTurn && this.userCount === 0) this.closeAtOnce()
  }

  /** Without waiting for requests, whose answers nobody wants. */
  closeAtOnce(): void {
    this.isClosing = true
    this.isClosed = true
    const { queues, buffers, cancellation, message } = this.parts
    this.waker.close()
    // The queues first: then the kernel has no request that could use the rest.
    for (const part of [queues, buffers, cancellation, message]) part.close()
  }

  /** How many wires use it. */
  get userCount(): number {
    return this.users.length - this.freeSlots.length
  }

  // ─── calls from wires ──────────────────────────────────────────────────────────────────────────────────────────────

  enter(user: RingUser): number {
    if (this.userCount === 0) this.waker.keepAlive(true)
    const slot = this.freeSlots.pop() ?? this.users.length
    this.users[slot] = user
    return slot
  }

  leave(slot: number): void {
    this.users[slot] = undefined
    this.freeSlots.push(slot)
    if (this.userCount > 0) return
    this.waker.keepAlive(false)
    this.closeIfUnused()
  }

  /** Whether requests to receive repeat themselves. The kernel decides how long each read is then. */
  get repeatsReads(): boolean {
    return this.receiving.limit > 0
  }

  set repeatsReads(isSo: boolean) {
    const { receiving } = this
    this.receiveFlags = isSo ? BUFFER_SELECT | MULTISHOT : BUFFER_SELECT
    receiving.length = isSo ? 0 : READ_LENGTH
    receiving.limit = isSo ? REPEATED_LENGTH : 0
  }

  /**
   * A request that repeats itself tries first in any case: if it waited first, and bytes and the end of the connection had come before,
   * the kernel would report the bytes alone. It still may if both come before it waits: so the wire looks once.
   */
  receive(slot: number, isLikelyEmpty: boolean): boolean {
    const { receiving, receiveFlags } = this
    receiving.flags = isLikelyEmpty && !this.repeatsReads ? receiveFlags | POLL_FIRST : receiveFlags
    receiving.fd = this.users[slot]!.fd
    receiving.slot = slot
    return this.put(receiving)
  }

  receiveNow(fd: number, start: number, length: number): number {
    return this.system.recv(fd, this.arenaAddress + start, length, RECEIVE_FLAGS)
  }

  hasEnded(fd: number, start: number): boolean {
    const peek = () => this.system.recv(fd, this.arenaAddress + start, 1, PEEK_FLAGS)
    // A reset is reported once. Then it is an end.
    return peek() === 0 || peek() === 0
  }

  send(slot: number, start: number, length: number): number {
    const { sending, memory } = this
    if (this.repliesEnd + length > memory.repliesEnd) {
      this.flush()
      if (this.repliesEnd + length > memory.repliesEnd) return -1
    }
    // A call that `put` makes may free the memory.
    if (this.queues.isFull) this.flush()
    const place = this.repliesEnd
    memory.arena.move(place, start, length)
    sending.fd = this.users[slot]!.fd
    sending.address = this.arenaAddress + place
    sending.length = length
    sending.slot = slot
    if (!this.put(sending)) return -1
    // The place itself may be beyond the range of signed words.
    this.repliesEnd = place + ((length + LINE_LENGTH - 1) & -LINE_LENGTH)
    return place
  }

  private put(submission: Submission): boolean {
    const { queues } = this
    if (!queues.put(submission)) {
      this.flush()
      if (!queues.put(submission)) return false
    }
    this.schedule()
    return true
  }

  cancel(slot: number): void {
    this.queues.withdraw(slot)
    this.parts.cancellation.cancel(this.users[slot]!.fd)
    this.flush()
    this.schedule()
  }

  // ─── turns ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private schedule(): void {
    if (this.isInTurn || this.isDue) return
    this.isDue = true
    setImmediate(this.runDue)
  }

  private run(): void {
    if (this.isInTurn || this.isClosed) return
    if (this.isAnnounced) this.announce(false)
    this.isHandleClosing = false
    let count = this.turn()
    for (let turn = 1; turn < TURNS_MAX && count > 0 && !this.isHandleClosing; turn++) count = this.turn()
    // What has come before the eventfd was on again may not have been announced.
    if (count === 0 && !this.isAnnounced) {
      this.announce(true)
      if (this.queues.mayHaveWork) count = this.turn()
    }
    if (count > 0 || this.queues.waitingCount > 0 || this.queues.hasWork) {
      this.announce(false)
      this.schedule()
    }
    this.closeIfUnused()
  }

  private announce(isAnnounced: boolean): void {
    this.isAnnounced = isAnnounced
    this.queues.isAnnounced = isAnnounced
  }

  flush(): void {
    const { queues } = this
    queues.enter()
    while (queues.find(Opcode.SEND)) this.users[queues.slot]?.sendFailed(queues.result)
    if (!queues.isSettled) return
    this.repliesEnd = this.memory.repliesStart
    this.sendRound++
  }

  /** Gives the kernel what waits, and handles what is complete. Returns how much that was. */
  turn(): number {
    const { queues } = this
    this.flush()
    const end = queues.completionEnd
    let count = 0
    let isWhole = false
    this.isInTurn = true
    try {
      for (; queues.next(end); count++) this.complete()
      isWhole = true
    } finally {
      this.isInTurn = false
      queues.release()
      this.buffers.publish()
      // A program may survive what was thrown: the rest is for other connections.
      if (!isWhole) this.schedule()
    }
    return count
  }

  private complete(): void {
    const { slot, opcode, result, flags } = this.queues
    // Handled already.
    if (opcode === Opcode.SEND) return
    const user = this.users[slot]!
    if ((flags & HAS_BUFFER) === 0) {
      user.receivedNothing(result)
    } else {
      const index = flags >>> BUFFER_SHIFT
      try {
        if (result > 0) user.received(this.memory.readBufferStart(index), result, (flags & HAS_MORE) === 0)
        else user.receivedNothing(result)
      } finally {
        this.buffers.give(index)
      }
    }
  }
}

const BUFFER_SHIFT = 16
/** In one round of Node's loop. */
const TURNS_MAX = 4
const LINE_LENGTH = 64
/** A paused connection keeps this and one read. A longer read ends the request too. */
const REPEATED_LENGTH = 4096
const COUNTS: QueueCounts = { submissionCount: 4096, completionCount: 16384 }
