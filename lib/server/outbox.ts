import type { Window } from '../arena/window.js'
import type { Waiter } from '../journal/waiters.js'
import { Counter } from '../metrics/counters.js'
import type { Wire } from './wire.js'
import type { ConnectionJournal, Worker } from './worker.js'

/** Whose replies they are. */
export interface Sender extends Waiter {
  readonly wire: Wire
  /** No memory is left for the replies: they are lost, and so is the connection. */
  abort(): void
}

/**
 * The replies of one connection on their way out. One write sends all that has been gathered in the worker's output;
 * what cannot go at once takes its windows along, and waits here:
 *
 *     output ─┬─▶ held, until the journal has what they acknowledge ─┬─▶ pending, until the socket has taken them ─▶ gone
 *             └──────────────────────────────────────────────────────┘
 *
 * While there are any of the two, the connection reads and answers nothing.
 */
export class Outbox {
  pending: Unsent | undefined = undefined
  held: (Unsent & { readonly pieces: Buffer[] }) | undefined = undefined
  /** Something has once had to wait. */
  hasWaited = false
  private readonly worker: Worker
  private readonly sender: Sender
  /** How many records the journal had after our last change. */
  private changeCount = 0
  /** Long values that the replies in the output link to. */
  private pins: number[] = []

  constructor(worker: Worker, sender: Sender) {
    this.worker = worker
    this.sender = sender
  }

  /** What the latest reply has linked stays as it is until it is sent. */
  pinLinks(): void {
    const { output, engine } = this.worker
    for (const start of output.takeLinks()) {
      engine.pin(start)
      this.pins.push(start)
    }
  }

  /** Sends what has been gathered. What does not go at once is kept. */
  flush(): void {
    const { output, arena, counters, data } = this.worker
    const { wire } = this.sender
    const journal = data?.journal
    const { byteLength } = output
    const changeCount = journal?.commit() ?? 0
    if (changeCount !== 0) this.changeCount = changeCount
    if (byteLength === 0) return
    if (output.isBroken) {
      this.lose()
      return
    }
    if (journal !== undefined && !journal.isSafe(this.changeCount)) {
      this.hold(journal)
      return
    }
    const isTaken = output.isOneStretch ? wire.send(output.view(arena)) : wire.sendAll(output.views(arena))
    counters.add(Counter.bytes_written, byteLength)
    if (isTaken) {
      output.clear()
      if (this.pins.length > 0) this.unpin(this.pins)
    } else {
      this.hasWaited = true
      this.pending ??= { windows: [], pins: [] }
      this.keepOutput(this.pending)
    }
  }

  /** Sends bytes that are not the output's. True when they were taken at once; else they have to stay. */
  send(bytes: Buffer): boolean {
    this.worker.counters.add(Counter.bytes_written, bytes.length)
    return this.sender.wire.send(bytes)
  }

  /** Sends what was held: it is safe. */
  sendHeld(): void {
    const { held } = this
    if (held === undefined) return
    const isTaken = this.sender.wire.sendAll(held.pieces)
    this.worker.counters.add(
      Counter.bytes_written,
      held.pieces.reduce((sum, piece) => sum + piece.length, 0),
    )
    if (isTaken) this.release(held)
    else this.pending = { windows: held.windows, pins: held.pins }
    this.held = undefined
  }

  /** The socket has taken what was pending. */
  releasePending(): void {
    this.release(this.pending)
    this.pending = undefined
  }

  releaseHeld(): void {
    this.release(this.held)
    this.held = undefined
  }

  /** Forgets what has been gathered. */
  discardOutput(): void {
    const { output } = this.worker
    output.isBroken = false
    output.clear()
    this.unpin(this.pins)
  }

  private hold(journal: ConnectionJournal): void {
    const pieces = this.worker.output.views(this.worker.arena)
    this.hasWaited = true
    this.held = { pieces, windows: [], pins: [] }
    this.keepOutput(this.held)
    journal.wait(this.changeCount, this.sender)
  }

  /** What the replies are made of stays until they have been sent. */
  private keepOutput(unsent: Unsent): void {
    const { output } = this.worker
    unsent.windows.push(...output.handOver())
    unsent.pins.push(...this.pins)
    this.pins = []
    if (output.isBroken) this.lose()
  }

  private lose(): void {
    this.worker.counters.count(Counter.read_buf_oom)
    this.sender.abort()
  }

  private release(unsent: Unsent | undefined): void {
    if (unsent === undefined) return
    for (const window of unsent.windows) this.worker.pool.give(window)
    this.unpin(unsent.pins)
  }

  private unpin(pins: number[]): void {
    for (const start of pins.splice(0)) this.worker.engine.unpin(start)
  }
}

/** What replies that are not sent yet hold on to. */
interface Unsent {
  readonly windows: Window[]
  readonly pins: number[]
}
