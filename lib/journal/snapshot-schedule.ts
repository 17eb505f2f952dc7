import type { Store } from '../store/store.js'
import type { Recovered } from './recovery/recovery.js'

/**
 * When the keeper takes the next snapshot: after the interval, if something was changed since the last one. After a failed
 * attempt the next one comes a second later, and each further one after twice that time.
 */
export class SnapshotSchedule {
  private readonly store: Store
  private readonly interval: number
  private lastVersion: number
  private dueTime: number
  private retryTime = 0
  private retrySeconds = 0
  /**
   * The files should not be read again: several servers have left journals, and none ran long enough to take a snapshot; or the
   * clock was set back, and items that had expired by then are still in the files.
   */
  private isRenewalDue: boolean

  /** `interval` in seconds; 0: never by time alone. */
  constructor(store: Store, interval: number, { contents, wasClockAhead }: Recovered) {
    this.store = store
    this.interval = interval
    this.lastVersion = contents.chains.length > 0 ? 0 : store.latestVersion
    this.dueTime = store.clock.now + interval
    this.isRenewalDue = wasClockAhead || contents.chains.some((chain) => chain.length > CHAIN_LENGTH_MAX)
  }

  /** The last attempt failed. */
  get isRetrying(): boolean {
    return this.retrySeconds > 0
  }

  /** With `isNeeded` only the pause after a failed attempt is a reason to wait. */
  isDue(isNeeded: boolean): boolean {
    const { clock, latestVersion } = this.store
    if (clock.now < this.retryTime) return false
    if (isNeeded || this.isRetrying || this.isRenewalDue) return true
    return this.interval > 0 && clock.now >= this.dueTime && latestVersion !== this.lastVersion
  }

  /** Ends the pause after a failed attempt. */
  endPause(): void {
    this.retrySeconds = 0
    this.retryTime = this.store.clock.now
  }

  /** The snapshot is complete that was begun at this version. */
  succeeded(version: number): void {
    this.retrySeconds = 0
    this.isRenewalDue = false
    this.lastVersion = version
    this.dueTime = this.store.clock.now + this.interval
  }

  /** Returns the seconds until the next attempt. */
  failed(): number {
    this.retrySeconds = Math.min(RETRY_SECONDS_MAX, Math.max(1, this.retrySeconds * 2))
    this.retryTime = this.store.clock.now + this.retrySeconds
    return this.retrySeconds
  }
}

const RETRY_SECONDS_MAX = 60
/** With more journals than this of one worker to read, a start is followed by a snapshot. */
const CHAIN_LENGTH_MAX = 16
