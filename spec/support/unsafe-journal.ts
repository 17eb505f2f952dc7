import type { SafetyWaiter } from '../../lib/journal/writing/waiters.js'
import type { ConnectionJournal } from '../../lib/server/connection/output/group-commit.js'
import type { Store } from '../../lib/store/store.js'

/** A journal that records every change of a store, of which none is safe before `isSynced`; and its waiters. */
export class UnsafeJournal implements ConnectionJournal {
  hasRoom = true
  readonly waiting: SafetyWaiter[] = []
  isSynced = false
  private readonly store: Store

  constructor(store: Store) {
    this.store = store
  }

  get changeCount(): number {
    return this.store.latestVersion
  }

  commit(): void {}

  isSafe(): boolean {
    return this.isSynced
  }

  wait(_count: number, waiter: SafetyWaiter): void {
    this.waiting.push(waiter)
  }

  waitForRoom(): void {}
}
