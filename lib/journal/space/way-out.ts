import type { Store } from '../../store/store.js'
import type { Allowance } from './allowance.js'

/**
 * On a full disk, notices that clients, or other programs, have made room since the last attempt at a snapshot: the next one need
 * not wait until it is due.
 */
export class WayOut {
  private readonly allowance: Pick<Allowance, 'isFull' | 'isSnapshotWorthwhile'>
  private readonly store: Pick<Store, 'restoring'>
  private flushBoundary: number
  private wasWorthwhile = false

  constructor(allowance: WayOut['allowance'], store: WayOut['store']) {
    this.allowance = allowance
    this.store = store
    this.flushBoundary = store.restoring.flushBoundary
  }

  /** What is flushed from now on may be in the snapshot. */
  beginAttempt(): void {
    this.flushBoundary = this.store.restoring.flushBoundary
    this.wasWorthwhile = this.allowance.isSnapshotWorthwhile
  }

  /** If the attempt has failed although it had space from begin to end, space does not help. */
  endAttempt(): void {
    this.wasWorthwhile &&= this.allowance.isSnapshotWorthwhile
  }

  /** Flushed items count as live until they are found, but no snapshot has them. */
  get isOpen(): boolean {
    const { allowance, store } = this
    if (!allowance.isFull) return false
    if (store.restoring.flushBoundary !== this.flushBoundary) return true
    return allowance.isSnapshotWorthwhile && !this.wasWorthwhile
  }
}
