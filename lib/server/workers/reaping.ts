import type { Worker } from '../connection/worker.js'

/** Frees expired and flushed items, a few at a time, between the requests of a worker. */
export class Reaping {
  private readonly worker: Worker
  private next: NodeJS.Timeout

  constructor(worker: Worker) {
    this.worker = worker
    this.next = this.reapIn(REAP_MS)
    worker.prefixRoom.onWait = () => {
      clearTimeout(this.next)
      this.next = this.reapIn(REAP_AWAITED_MS)
    }
  }

  end(): void {
    clearTimeout(this.next)
    this.worker.prefixRoom.onWait = () => undefined
  }

  private reap(): void {
    const { store, prefixRoom } = this.worker
    store.refreshClock()
    const isMore = store.memory.reap(REAPED_AT_ONCE)
    this.next = this.reapIn(isMore ? REAP_MORE_MS : REAP_MS)
    // Those that find no room wait again.
    if (store.mayFlushPrefix) prefixRoom.wakeAll()
    else if (prefixRoom.isAwaited) prefixRoom.onWait()
  }

  private reapIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.reap(), ms).unref()
  }
}

const REAP_MS = 1000
const REAP_MORE_MS = 5
/** A client waits until prefixes have been swept. */
const REAP_AWAITED_MS = 1
/** About 2 ms of work. */
const REAPED_AT_ONCE = 20_000
