/** Waits until one more prefix can be flushed. It is removed before it is woken. */
export interface PrefixRoomWaiter {
  wake(isTimeUp: boolean): void
}

/**
 * The requests of one worker that wait until one more prefix can be flushed, in the order in which they came. There are no more than
 * connections.
 */
export class PrefixRoom {
  /** Called when a first request waits: then sweeping is urgent. */
  onWait: () => void = nothing
  private waiting: PrefixRoomWaiter[] = []

  get isAwaited(): boolean {
    return this.waiting.length > 0
  }

  wait(waiter: PrefixRoomWaiter): void {
    if (this.waiting.push(waiter) === 1) this.onWait()
  }

  endWaiting(waiter: PrefixRoomWaiter): void {
    this.waiting = this.waiting.filter((other) => other !== waiter)
  }

  wakeAll(): void {
    const woken = this.waiting
    this.waiting = []
    for (const waiter of woken) waiter.wake(false)
  }
}

const nothing = (): void => undefined
