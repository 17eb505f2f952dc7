import type { Store } from '../../store/store.js'
import { RecordKind } from '../format/format.js'
import type { JournalRecord } from '../format/record.js'

/**
 * Items that flushes of prefixes have made dead. They take room until they are buried, in which the store looks at all items: so they
 * are buried when memory is short, but not after each flush.
 */
export class FlushedPrefixes {
  private readonly store: Store
  /** Segments that a store in service has free. */
  private readonly reservedCount: number
  private mayHoldDead = false
  /** Records, and bytes of items, since the last burial. */
  private recordCount = 0
  private byteCount = 0

  constructor(store: Store, reservedCount: number) {
    this.store = store
    this.reservedCount = reservedCount
  }

  /** A record is applied next. */
  note({ kind, keyLength, valueLength }: JournalRecord): void {
    this.recordCount++
    if (kind === RecordKind.STORED) this.byteCount += keyLength + valueLength
  }

  flush(start: number, length: number, version: number): void {
    this.store.restoring.restorePrefixFlush(start, length, version)
    this.mayHoldDead = true
  }

  /**
   * While memory is short: looking at all items costs as much as restoring a fraction of them. So many records were applied,
   * or items of half the room that is left, but of at least a segment.
   */
  get areDue(): boolean {
    if (!this.mayHoldDead) return false
    const { itemCount, figures, memory } = this.store
    if (this.recordCount > itemCount / 4) return true
    const { freeSegmentCount, segmentLength } = figures
    const room = (freeSegmentCount - this.reservedCount) * segmentLength
    return this.byteCount > Math.max(segmentLength, Math.min(room / 2, memory.length / 16))
  }

  /** Returns whether there may be more room now. */
  bury(): boolean {
    if (!this.mayHoldDead) return false
    this.store.restoring.buryFlushed()
    this.mayHoldDead = false
    this.recordCount = 0
    this.byteCount = 0
    return true
  }
}
