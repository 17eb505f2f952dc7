/** Replies that wait for the journal. */
export interface SafetyWaiter {
  /** The count of waiting replies. */
  readonly size: number
  /** The changes are safe; or never will be, because the disk failed. */
  committed(isSafe: boolean): void
}

/** A request for a change that waits for room. */
export interface RoomWaiter {
  /** The journal accepts changes again. */
  roomMade(): void
}

/**
 * The waiters, for a count of records to be safe or for room. A notified waiter continues at once, with the worker's one
 * request record, reply record and output: so no waiter is notified while another one is in the middle of an
 * operation.
 */
export class Waiters {
  private readonly forCount: { readonly count: number; readonly waiter: SafetyWaiter }[] = []
  private readonly forRoom: RoomWaiter[] = []
  private isWakeDue = false

  wait(count: number, waiter: SafetyWaiter): void {
    this.forCount.push({ count, waiter })
  }

  waitForRoom(waiter: RoomWaiter): void {
    this.forRoom.push(waiter)
  }

  get isEmpty(): boolean {
    return this.forCount.length === 0 && this.forRoom.length === 0
  }

  /**
   * Notifies waiters whose count is safe, and those that wait for room as long as there is some. One that takes the room and needs
   * more waits behind all others. From a turn of the event loop only.
   */
  wake(safeCount: number, hasRoom: () => boolean): void {
    let readyCount = 0
    while (readyCount < this.forCount.length && this.forCount[readyCount]!.count <= safeCount) readyCount++
    for (const { waiter } of this.forCount.splice(0, readyCount)) waiter.committed(true)
    for (let left = this.forRoom.length; left > 0 && hasRoom(); left--) this.forRoom.shift()!.roomMade()
  }

  /** Has `wake` called in a turn of its own. */
  wakeSoon(wake: () => void): void {
    if (this.isWakeDue || this.isEmpty) return
    this.isWakeDue = true
    setImmediate(() => {
      this.isWakeDue = false
      wake()
    })
  }

  /** The awaited records will never be safe. Waiters for room are notified that there will be none. */
  refuse(): void {
    const [forCount, forRoom] = [this.forCount.splice(0), this.forRoom.splice(0)]
    setImmediate(() => {
      for (const { waiter } of forCount) waiter.committed(false)
      for (const waiter of forRoom) waiter.roomMade()
    })
  }
}
