import type { History } from './history.js'

/** The journal of a worker, as far as a feed needs it. */
export interface ChangeJournal {
  /** How many records it has. */
  readonly changeCount: number
  isSafe(count: number): boolean
  wait(count: number, waiter: { readonly size: number; committed(isSafe: boolean): void }): void
}

/**
 * Says in the history up to which count of records the journal of this worker has what it was given: later changes are not
 * read yet. Without a journal every count is 0, and 0 is safe.
 */
export class JournalGate {
  /** No replies wait for it. */
  readonly size = 0
  private readonly history: History
  private readonly worker: number
  private readonly journal: ChangeJournal
  private latestCount = 0
  private askedCount = 0
  private isAsking = false
  private readonly ask = () => this.askJournal()

  constructor(history: History, worker: number, journal: ChangeJournal) {
    this.history = history
    this.worker = worker
    this.journal = journal
  }

  /** The count for a change that the journal has just heard of. */
  countNow(): number {
    const count = this.journal.changeCount
    if (count > this.latestCount) {
      this.latestCount = count
      this.history.setCounted(this.worker, count)
    }
    if (!this.isAsking) {
      this.isAsking = true
      setImmediate(this.ask)
    }
    return count
  }

  /** The journal says what became of the records. While it refuses changes, it is asked again from time to time. */
  committed(isSafe: boolean): void {
    if (isSafe) this.pass(this.askedCount)
    else setTimeout(this.ask, ASK_AGAIN_MS).unref()
  }

  private askJournal(): void {
    const { journal } = this
    const count = this.latestCount
    if (journal.isSafe(count)) {
      this.pass(count)
    } else {
      this.askedCount = count
      journal.wait(count, this)
    }
  }

  private pass(count: number): void {
    this.history.setSafe(this.worker, count)
    this.isAsking = this.latestCount > count
    if (this.isAsking) setImmediate(this.ask)
  }
}

const ASK_AGAIN_MS = 500
