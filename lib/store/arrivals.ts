/** Whoever waits for the bytes of a value. */
export interface Receiver {
  /** The client could send, and does not. */
  readonly isIdle: boolean
  /** Others need the room: discards the value. */
  drop(): void
}

interface Arrival {
  readonly receiver: Receiver
  /** When bytes came last, in absolute seconds. */
  heardAt: number
}

/** Values of this worker that wait for bytes of their clients; the one that has waited longest is the first. */
export class Arrivals<Value> {
  private readonly waiting = new Map<Value, Arrival>()

  add(value: Value, receiver: Receiver, now: number): void {
    this.waiting.set(value, { receiver, heardAt: now })
  }

  /** Bytes have come. */
  renew(value: Value, now: number): void {
    const arrival = this.waiting.get(value)
    if (arrival === undefined) return
    arrival.heardAt = now
    this.waiting.delete(value)
    this.waiting.set(value, arrival)
  }

  remove(value: Value): void {
    this.waiting.delete(value)
  }

  /** Drops the one that has waited longest, but for one. False when there is no other. */
  dropFirst(except: Value): boolean {
    for (const [value, { receiver }] of this.waiting) {
      if (value === except) continue
      this.waiting.delete(value)
      receiver.drop()
      return true
    }
    return false
  }

  /** Drops those that have heard nothing for `seconds`, though their clients could have sent. */
  dropOverdue(now: number, seconds: number): void {
    for (const [value, arrival] of this.waiting) {
      if (now - arrival.heardAt < seconds) return
      if (arrival.receiver.isIdle) arrival.receiver.drop()
      else this.renew(value, now)
    }
  }
}
