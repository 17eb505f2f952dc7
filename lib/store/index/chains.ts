import { keyLengthOf } from '../item/item.js'
import {
  BUCKET_WORDS,
  FREQUENCY,
  FREQUENCY_STEP,
  KIND,
  OVERFLOW_WORDS,
  SLOT_WORDS,
  SlotKind,
} from './slots.js'

/** The buckets of an index. */
interface HashedBuckets {
  readonly bucketCount: number
  /** The first slot of a bucket. */
  wordOf(bucket: number): number
}

/** Reads whole chains of an index: buckets with their overflow buckets. The caller holds the lock of the bucket's stripe. */
export class Chains {
  /** What `warm` has read: a result that nobody keeps would not be read at all. */
  warmed = 0
  private readonly buckets: HashedBuckets
  private readonly words: Int32Array

  constructor(buckets: HashedBuckets, words: Int32Array) {
    this.buckets = buckets
    this.words = words
  }

  /** Visits every item of a bucket's chain. */
  forEach(bucket: number, visit: (item: number, frequency: number) => void): void {
    const words = this.words
    let slot = this.buckets.wordOf(bucket)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        const mark = words[slot + 1]!
        if ((mark & KIND) === SlotKind.ITEM) visit(words[slot]!, (mark & FREQUENCY) / FREQUENCY_STEP)
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return
      slot = words[end - 2]!
    }
  }

  /** Puts the same items into an array: a call for each of them costs a third of a list. Returns how many they are. */
  list(bucket: number, items: number[]): number {
    const words = this.words
    let count = 0
    let slot = this.buckets.wordOf(bucket)
    for (let end = slot + BUCKET_WORDS; ; end = slot + OVERFLOW_WORDS) {
      for (; slot < end; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & KIND) === SlotKind.ITEM) items[count++] = words[slot]!
      }
      if ((words[end - 1]! & KIND) !== SlotKind.LINK) return count
      slot = words[end - 2]!
    }
  }

  /**
   * Reads a word of most items in some buckets, so that a visit of these finds them in the cache. They lie anywhere, and a loop
   * that does nothing else lets the processor wait for many of them at once. No lock is needed: what is read may be wrong, and
   * no chain is followed.
   */
  warm(bucket: number, count: number): void {
    const words = this.words
    const bucketsEnd = Math.min(bucket + count, this.buckets.bucketCount)
    let sum = 0
    for (let warmed = bucket; warmed < bucketsEnd; warmed++) {
      const start = this.buckets.wordOf(warmed)
      for (let slot = start; slot < start + BUCKET_WORDS; slot += SLOT_WORDS) {
        if ((words[slot + 1]! & KIND) === SlotKind.ITEM) sum += keyLengthOf(words, words[slot]!)
      }
    }
    this.warmed = sum
  }
}
