import type { Protocol } from '../../../protocol/protocol.js'
import type { PartialValue, ValueReceiver } from '../../../request/partial-value.js'
import type { Answering } from '../answering.js'
import type { Worker } from '../worker.js'
import { LongValue } from './long-value.js'

/** The connection, as its arriving values see it. */
export interface ValueOwner extends ValueReceiver {
  readonly answering: Answering
}

/**
 * A value that is too long for a window, while it arrives in the store. Its request is answered once it is complete, or
 * as soon as there is no room for the rest of it.
 */
export class ArrivingValue {
  /** The request has been answered. */
  isOver = false
  /** How many more bytes must be skipped, once the value has ended. */
  unwantedLength = 0
  private readonly worker: Worker
  private readonly protocol: Protocol
  private readonly owner: ValueOwner
  private readonly longValue: LongValue

  private constructor(
    worker: Worker,
    protocol: Protocol,
    owner: ValueOwner,
    value: PartialValue,
    next: number,
  ) {
    this.worker = worker
    this.owner = owner
    this.protocol = protocol
    this.longValue = new LongValue(worker.arena, worker.request, value, next)
  }

  /** Of the worker's request, which extends to `next`, and has arrived up to `end`. */
  static begin(
    worker: Worker,
    protocol: Protocol,
    value: PartialValue,
    end: number,
    next: number,
    owner: ValueOwner,
  ): ArrivingValue {
    const { arena, engine, request } = worker
    const arriving = new ArrivingValue(worker, protocol, owner, value, next)
    const hereEnd = Math.min(end, request.valueEnd)
    arriving.longValue.takeEnd(arena.bytes, hereEnd, end)
    if (value.copyIn(request.valueStart, hereEnd - request.valueStart)) {
      value.waitFor(owner)
      engine.release()
    } else {
      arriving.fail(next - end)
    }
    return arriving
  }

  /** The place of the next bytes in the arena; undefined if they are not part of the value. */
  get place(): Buffer | undefined {
    const { place, room, missing } = this.longValue.value
    if (missing === 0) return undefined
    return this.worker.arena.view(place, place + Math.min(room, missing))
  }

  /**
   * This many bytes have arrived: at their place, or at `start`. Returns where after `start` the next request begins.
   */
  take(start: number, length: number, isInPlace: boolean): number {
    const { longValue } = this
    const { value } = longValue
    const arrived = isInPlace ? length : Math.min(length, value.missing)
    const missing = longValue.missing - arrived
    if (isInPlace) value.add(arrived)
    else value.copyIn(start, arrived)
    if (value.missing > 0 && value.room === 0) this.fail(missing)
    if (value.missing > 0) return start + arrived
    const next = longValue.takeEnd(this.worker.arena.bytes, start + arrived, start + length)
    if (longValue.isWhole) this.complete()
    return next
  }

  /** The connection is closed. */
  discard(): void {
    this.longValue.value.discard()
  }

  private complete(): void {
    const { arena, request, flagsStart } = this.worker
    this.isOver = true
    this.longValue.value.endWaiting()
    this.longValue.restore(arena, request, flagsStart)
    this.owner.answering.answer(this.protocol)
  }

  private fail(missing: number): void {
    const { arena, engine, request, reply, flagsStart } = this.worker
    this.isOver = true
    this.unwantedLength = missing
    this.longValue.restore(arena, request, flagsStart)
    engine.fail(request, reply)
    this.owner.answering.putReply(this.protocol)
  }
}
