import { MISSING } from '../item/item.js'

/**
 * Where the chains of the index go on: buckets of one worker, cut from a segment one after the other. Those that are given
 * back are a list, each with the place of the next in its first word.
 */
export class OverflowBuckets {
  private readonly words: Int32Array
  /** Where this worker's three words are. */
  private readonly state: number
  private readonly bucketWords: number
  private readonly segmentWords: number
  private readonly takeSegment: () => number

  /** `takeSegment` answers the first word of one, or MISSING. */
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

  /** Sees to it that there is one to take. False when no segment can be had for it. */
  prepare(): boolean {
    const { words, state } = this
    if (words[state + SPARE] !== MISSING || words[state + CURSOR]! < words[state + END]!) return true
    const first = this.takeSegment()
    if (first === MISSING) return false
    words[state + CURSOR] = first
    words[state + END] = first + this.segmentWords
    return true
  }

  /** An empty one. `prepare` has seen to it that there is one. */
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

/** The list of those that were given back, and a stretch not used yet. */
const SPARE = 0
const CURSOR = 1
const END = 2
