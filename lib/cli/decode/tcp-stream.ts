/** Receives the bytes of a direction in order. */
export interface StreamSink {
  onBytes(bytes: Buffer): void
  /** This many bytes were not captured. */
  onGap(length: number): void
}

/** Bytes that wait for an earlier segment, over all streams. */
export class WaitingBudget {
  length = 0
}

/** The maximum that may wait in one stream, and in all of them. Beyond that an earlier segment counts as lost. */
const WAITING_LENGTH_MAX = 256 * 1024
const WAITING_SEGMENTS_MAX = 1024
const BUDGET_LENGTH_MAX = 64 * 1024 * 1024

interface Waiting {
  readonly sequence: number
  readonly payload: Buffer
}

/** Puts the segments of one direction of a connection in order. Repeated bytes are left out, missing ones are a gap. */
export class TcpStream {
  private readonly sink: StreamSink
  private readonly budget: WaitingBudget
  /** The sequence number of the next byte. */
  private next: number
  /** By distance from `next`, the nearest first. */
  private waiting: Waiting[] = []
  private waitingLength = 0

  constructor(sink: StreamSink, budget: WaitingBudget, next: number) {
    this.sink = sink
    this.budget = budget
    this.next = next
  }

  /** Whether every byte before this sequence number was passed on. */
  hasReached(sequence: number): boolean {
    return distance(this.next, sequence) <= 0
  }

  push(sequence: number, payload: Buffer): void {
    if (payload.length === 0) return
    if (distance(this.next, sequence) > 0) this.keep(sequence, payload)
    else {
      this.pass(sequence, payload)
      this.passWaiting()
    }
    while (this.isTooMuch()) this.giveUp()
  }

  /** No more segments will arrive: waiting ones are passed on, with gaps. */
  end(): void {
    while (this.waiting.length > 0) this.giveUp()
  }

  private isTooMuch(): boolean {
    if (this.waiting.length === 0) return false
    const isOverBudget = this.budget.length > BUDGET_LENGTH_MAX
    return (
      isOverBudget || this.waitingLength > WAITING_LENGTH_MAX || this.waiting.length > WAITING_SEGMENTS_MAX
    )
  }

  /** Passes on the new bytes of a segment that begins at `next` or before it. */
  private pass(sequence: number, payload: Buffer): void {
    const oldLength = distance(sequence, this.next)
    if (oldLength >= payload.length) return
    this.sink.onBytes(payload.subarray(oldLength))
    this.next = (sequence + payload.length) >>> 0
  }

  /** The packet's bytes are copied, because their buffer is reused. */
  private keep(sequence: number, payload: Buffer): void {
    const after = this.waiting.findIndex((each) => distance(sequence, each.sequence) > 0)
    this.waiting.splice(after === -1 ? this.waiting.length : after, 0, {
      sequence,
      payload: Buffer.from(payload),
    })
    this.count(payload.length)
  }

  private passWaiting(): void {
    while (this.waiting.length > 0 && distance(this.next, this.waiting[0]!.sequence) <= 0) {
      const { sequence, payload } = this.waiting.shift()!
      this.count(-payload.length)
      this.pass(sequence, payload)
    }
  }

  private giveUp(): void {
    const first = this.waiting[0]!
    const length = distance(this.next, first.sequence)
    this.next = first.sequence
    this.sink.onGap(length)
    this.passWaiting()
  }

  private count(length: number): void {
    this.waitingLength += length
    this.budget.length += length
  }
}

/** The distance from one sequence number to another. They count modulo 2^32. */
export const distance = (from: number, to: number): number => (to - from) | 0
