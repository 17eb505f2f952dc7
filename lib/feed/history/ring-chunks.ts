import type { History } from './history.js'
import { MARGIN } from './history.js'

/**
 * Which parts of a worker's ring hold changes. The oldest ones are given up chunk by chunk, so that a change costs one comparison
 * and its writer never reads the ring (scripts/bench/feed.ts):
 *
 *     ring   ─ ─┬────────┬───────┬───────┬─ ─ ─┬───────┬──────────┬─ ─
 *               │ margin │ chunk │ chunk │     │ chunk │ margin   │        a chunk begins with a change
 *            ─ ─┴────────┴───────┴───────┴─ ─ ─┴───────┴──────────┴─ ─
 *                        ▲ oldest                ▲ written ▲ end
 */
export class RingChunks {
  private readonly history: History
  private readonly worker: number
  private readonly ringLength: number
  private readonly chunkLength: number
  /** Where each chunk begins, and the number of the last change before it: a queue. */
  private readonly starts = new Int32Array(CHUNK_COUNT_MAX)
  private readonly numbersBefore = new Float64Array(CHUNK_COUNT_MAX)
  private first = 0
  private count = 0

  constructor(history: History, worker: number) {
    this.history = history
    this.worker = worker
    this.ringLength = history.ringLength
    this.chunkLength = Math.max(CHUNK_LENGTH_MIN, history.ringLength / CHUNKS_PER_RING)
  }

  /** Begins a chunk where the last one has ended. Returns its end: up to there changes may be written. */
  begin(start: number, numberBefore: number): number {
    const { ringLength } = this
    const length = Math.min(this.chunkLength, ringLength - (start & (ringLength - 1)))
    const end = (start + length) | 0
    this.add(start, numberBefore)
    const occupiedMax = ringLength - MARGIN
    if (((end - this.starts[this.first]!) | 0) > occupiedMax) this.giveUp(end, occupiedMax)
    return end
  }

  private add(start: number, numberBefore: number): void {
    if (this.count === CHUNK_COUNT_MAX) throw new Error('a ring has more chunks than can be')
    const place = (this.first + this.count++) % CHUNK_COUNT_MAX
    this.starts[place] = start
    this.numbersBefore[place] = numberBefore
  }

  /** Gives up the oldest chunks until no more than so many bytes are left. */
  private giveUp(end: number, lengthMax: number): void {
    const { history, worker } = this
    do {
      this.first = (this.first + 1) % CHUNK_COUNT_MAX
      this.count--
    } while (((end - this.starts[this.first]!) | 0) > lengthMax)
    history.setOverwritten(worker, this.numbersBefore[this.first]!)
    history.setOldest(worker, this.starts[this.first]!)
  }
}

const CHUNKS_PER_RING = 64
/** Longer than any change. */
const CHUNK_LENGTH_MIN = 512
/** A chunk ends at the end of the ring, and it may be shorter by a change that did not fit. */
const CHUNK_COUNT_MAX = 128
