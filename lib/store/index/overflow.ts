import { MISSING } from '../item/item.js'

/**
 * The overflow buckets of one worker, which continue chains of the index. They are cut from a segment one after the other.
 * Returned ones are linked in a list: the first word of each is the index of the next.
 */
export class OverflowBuckets {
  private readonly words: Int32Array
  /** The index of this worker's three words. */
  private readonly state: number
  private readonly bucketWords: number
  private readonly segmentWords: number
  private readonly takeSegment: () => number

  /** `takeSegment` returns the first word of a free segment, or MISSING. */
  constructor(
    words: Int32Array,
    state: number,
    bucketWords: number,
    segmentWords: number,
    takeSegment: () => number,
  ) {
    this.words = words
    this.state = state
    this.bucketWords = bucketWords
    this.segmentWords = segmentWords
    this.takeSegment = takeSegment
  }

  /** The next `take` succeeds. */
  get isReady(): boolean {
    const { words, state } = this
    return words[state + SPARE] !== MISSING || words[state + CURSOR]! < words[state + END]!
  }

  /** Ensures it. False if no segment is free for it. */
  prepare(): boolean {
    const { words, state } = this
    if (this.isReady) return true
    const first = this.takeSegment()
    if (first === MISSING) return false
    words[state + CURSOR] = first
    words[state + END] = first + this.segmentWords
    return true
  }

  /** An empty bucket. The caller has called `prepare`. */
  take(): number {
    const { words, state, bucketWords } = this
    let bucket = words[state + SPARE]!
    if (bucket === MISSING) {
      bucket = words[state + CURSOR]!
      words[state + CURSOR] = bucket + bucketWords
    } else {
      words[state + SPARE] = words[bucket]!
    }
    words.fill(0, bucket, bucket + bucketWords)
    return bucket
  }

  giveBack(bucket: number): void {
    const { words, state } = this
    words[bucket] = words[state + SPARE]!
    words[state + SPARE] = bucket
  }
}

/** The words of a worker: the list of returned buckets, and the unused range of its segment. */
const SPARE = 0
const CURSOR = 1
const END = 2
