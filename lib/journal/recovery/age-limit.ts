import { Flag, sizeFor } from '../../store/item/item.js'
import type { JournalRecord } from '../format/record.js'
import { AGE_GROUP_COUNT, ageGroup, INDEX_LENGTH_PER_ITEM, type Summary } from '../format/summary.js'

/**
 * Which items of a snapshot are restored if memory is too small for all of them: the most recently used ones.
 * The summary has the bytes of each age; the group in which memory runs out is restored in part.
 */
export class AgeLimit {
  private readonly time: number
  private readonly oldestGroup: number
  /** Bytes that may still be restored of the oldest group. */
  private lengthLeft: number

  private constructor({ time, lengthByAge }: Summary, length: number) {
    this.time = time
    let left = length
    let group = 0
    while (group < AGE_GROUP_COUNT - 1 && lengthByAge[group]! <= left) left -= lengthByAge[group++]!
    this.oldestGroup = group
    this.lengthLeft = left
  }

  /**
   * Undefined if `memoryLength`, the limit of the store, has room for everything. Items that fitted into this memory before
   * fit again. `usableLength` is the part of it for items and their index.
   */
  static for(summary: Summary, memoryLength: number, usableLength: number): AgeLimit | undefined {
    const length = summary.lengthByAge.reduce((sum, part) => sum + part, 0)
    return length <= memoryLength ? undefined : new AgeLimit(summary, usableLength * FILLED_SHARE)
  }

  admits(record: JournalRecord): boolean {
    const group = ageGroup(this.time - record.accessTime, record.frequency)
    if (group !== this.oldestGroup) return group < this.oldestGroup
    const flags = (record.time === 0 ? 0 : Flag.EXPIRY) | (record.clientFlags === 0 ? 0 : Flag.CLIENT_FLAGS)
    this.lengthLeft -= sizeFor(flags, record.keyLength, record.valueLength) + INDEX_LENGTH_PER_ITEM
    return this.lengthLeft >= 0
  }
}

/** The part of the memory that a snapshot may fill: beyond it, its items would only evict each other. */
const FILLED_SHARE = 0.92
