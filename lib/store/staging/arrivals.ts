/** A value that waits for bytes of its client. */
export interface Receiver {
  /** The client could send, but does not. */
  readonly isIdle: boolean
  /** Other values need the room: discards the value. */
  drop(): void
}

interface Arrival {
  readonly receiver: Receiver
  /** The time of the last bytes, in absolute seconds. */
  heardAt: number
}

/** Values of this worker that wait for bytes of their clients, the longest wait first. */
export class Arrivals<Value> {
  private readonly waiting = new Map<Value, Arrival>()

  add(value: Value, receiver: Receiver, now: number): void {
    this.waiting.set(value, { receiver, heardAt: now })
  }

  /** Bytes have arrived. */
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

  /** Drops the value that has waited longest, except the given one. False if there is no other. */
  dropFirst(except: Value): boolean {
    for (const [value, { receiver }] of this.waiting) {
      if (value === except) continue
      this.waiting.delete(value)
      receiver.drop()
      return true
    }
    return false
  }

  /** Drops values that have received no bytes for `seconds`, though their clients could have sent. */
  dropOverdue(now: number, seconds: number): void {
    for (const [value, arrival] of this.waiting) {
      if (now - arrival.heardAt < seconds) return
      if (arrival.receiver.isIdle) arrival.receiver.drop()
      else this.renew(value, now)
    }
  }
}
