/** Replies that wait for the journal. */
export interface SafetyWaiter {
  /** How many there are. */
  readonly size: number
  /** What was waited for is safe; or never will be, since the disk failed. */
  committed(isSafe: boolean): void
}

/** Who waits to change something. */
export interface RoomWaiter {
  /** The journal takes changes again. */
  roomMade(): void
}

/**
 * Those who wait, for a count of records to be safe or for room. Whoever is told goes on at once, with the same request
 * record, the same reply record and the same output as everybody: so nobody is told while another is in the midst of
 * something.
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

  /** Tells those whose count is safe, and if there is room those who wait for that. From a turn of the event loop only. */
  wake(safeCount: number, hasRoom: boolean): void {
    let readyCount = 0
    while (readyCount < this.forCount.length && this.forCount[readyCount]!.count <= safeCount) readyCount++
    for (const { waiter } of this.forCount.splice(0, readyCount)) waiter.committed(true)
    if (this.forRoom.length === 0 || !hasRoom) return
    for (const waiter of this.forRoom.splice(0)) waiter.roomMade()
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

  /** Nothing that is waited for will be safe. Those who want room learn that there is nothing to wait for. */
  refuse(): void {
    const [forCount, forRoom] = [this.forCount.splice(0), this.forRoom.splice(0)]
    setImmediate(() => {
      for (const { waiter } of forCount) waiter.committed(false)
      for (const waiter of forRoom) waiter.roomMade()
    })
  }
}
