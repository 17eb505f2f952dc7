import type { Store } from '../../store/store.js'

/** Frees expired items, a few at a time, between the requests of a worker. */
export class Reaping {
  private readonly store: Store
  private next: NodeJS.Timeout

  constructor(store: Store) {
    this.store = store
    this.next = this.reapIn(REAP_MS)
  }

  end(): void {
    clearTimeout(this.next)
  }

  private reap(): void {
    const { store } = this
    store.refreshClock()
    const isMore = store.memory.reap(REAPED_AT_ONCE)
    this.next = this.reapIn(isMore ? REAP_MORE_MS : REAP_MS)
  }

  private reapIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.reap(), ms).unref()
  }
}

const REAP_MS = 1000
const REAP_MORE_MS = 5
/** About 2 ms of work. */
const REAPED_AT_ONCE = 20_000
