import type { RoomWaiter, SafetyWaiter } from '../../lib/journal/writing/waiters.js'
import type { ConnectionJournal } from '../../lib/server/connection/output/group-commit.js'
import type { Random } from '../support/random.js'

/** Keeps nothing, but makes connections wait: for room before a change, and before replies are sent. */
export class ReluctantJournal implements ConnectionJournal {
  waitCount = 0
  private readonly random: Random
  private count = 0
  private safeCount = 0

  constructor(random: Random) {
    this.random = random
  }

  get hasRoom(): boolean {
    return this.random.chance(0.8)
  }

  /** As if every third batch changed something. */
  get changeCount(): number {
    return this.random.chance(0.3) ? ++this.count : this.count
  }

  commit(): void {}

  isSafe(count: number): boolean {
    return count <= this.safeCount
  }

  wait(count: number, waiter: SafetyWaiter): void {
    this.waitCount++
    setImmediate(() => {
      this.safeCount = Math.max(this.safeCount, count)
      waiter.committed(true)
    })
  }

  waitForRoom(waiter: RoomWaiter): void {
    this.waitCount++
    setImmediate(() => waiter.roomMade())
  }
}
