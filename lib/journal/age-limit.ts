import type { JournalRecord } from './record.js'
import { AGE_GROUP_COUNT, ageGroup, INDEX_LENGTH_PER_ITEM, type Summary } from './summary.js'

/**
 * Which items of a snapshot come back when not all of them fit, because the store has become smaller: those that were of use
 * last. The summary tells how many bytes there are of each age; the group in which memory runs out comes back in part.
 */
export class AgeLimit {
  private readonly time: number
  private readonly oldestGroup: number
  /** Bytes that may still come of the oldest group. */
  private lengthLeft: number

  /** `memoryLength` is what there is for items and their index. */
  constructor({ time, lengthByAge }: Summary, memoryLength: number) {
    this.time = time
    let left = memoryLength * FILLED_SHARE
    let group = 0
    while (group < AGE_GROUP_COUNT - 1 && lengthByAge[group]! <= left) left -= lengthByAge[group++]!
    this.oldestGroup = group
    this.lengthLeft = left
  }

  admits(record: JournalRecord): boolean {
    const group = ageGroup(this.time - record.accessTime, record.frequency)
    if (group !== this.oldestGroup) return group < this.oldestGroup
    this.lengthLeft -= ITEM_LENGTH + record.keyLength + record.valueLength
    return this.lengthLeft >= 0
  }
}

/** What is filled by a snapshot: beyond it, items would only push each other out. */
const FILLED_SHARE = 0.92
/** About what an item takes beside its key and its value. */
const ITEM_LENGTH = 20 + INDEX_LENGTH_PER_ITEM
