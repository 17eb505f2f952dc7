/** A value that waits for bytes of its client. */
export interface Receiver {
  /** The client could send, but does not. */
  readonly isIdle: boolean
  /** Other values need the room: discards the value. */
  drop(): void
}

interface Arrival {
  readonly receiver: Receiver
  /** The time of the last bytes, in absolute seconds, and the count of values until then. */
  heardAt: number
  countThen: number
}

/** Values of this worker that wait for bytes of their clients, the longest wait first. */
export class Arrivals<Value extends { readonly reservedLength: number }> {
  private readonly waiting = new Map<Value, Arrival>()
  /** The count of all values so far: a wait is measured in the values that came meanwhile. */
  private count = 0

  add(value: Value, receiver: Receiver, now: number): void {
    this.waiting.set(value, { receiver, heardAt: now, countThen: ++this.count })
  }

  /** Bytes have arrived. */
  renew(value: Value, now: number): void {
    const arrival = this.waiting.get(value)
    if (arrival === undefined) return
    arrival.heardAt = now
    arrival.countThen = this.count
    this.waiting.delete(value)
    this.waiting.set(value, arrival)
  }

  remove(value: Value): void {
    this.waiting.delete(value)
  }

  /**
   * Drops the value that costs the others most, its length times its wait, except the given one. So a value between two packets
   * is not dropped for newer and longer ones. False if there is no other.
   */
  dropCostliest(except: Value): boolean {
    let highest = -1
    let costliest: Value | undefined
    let left = COMPARED_MAX
    for (const [value, { countThen }] of this.waiting) {
      if (left-- === 0) break
      const cost = (this.count - countThen + 1) * value.reservedLength
      if (value === except || cost <= highest) continue
      highest = cost
      costliest = value
    }
    if (costliest === undefined) return false
    const { receiver } = this.waiting.get(costliest)!
    this.waiting.delete(costliest)
    receiver.drop()
    return true
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

/** Of the values that have waited longest. */
const COMPARED_MAX = 256
