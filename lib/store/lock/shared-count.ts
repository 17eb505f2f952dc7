import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'

/**
 * A count that all workers change often. Each keeps its own sum, and adds it to the common one in steps: so
 * two workers rarely write the same cache line, and each knows the count to within a step of each other worker. The sum of a
 * worker counts modulo 2^32: one may add for ever what others subtract.
 *
 *     common   ┌──────────────┐      worker 0   ┌─────┬──────────┐      worker 1   ┌─────┬──────────┐
 *              │ added so far │                 │ sum │ of which │                 │ sum │ of which │
 *              └──────────────┘                 │     │ added    │                 │     │ added    │
 *                                               └─────┴──────────┘                 └─────┴──────────┘
 */
export class SharedCount {
  private readonly words: Int32Array
  private readonly common: number
  private readonly own: number
  private readonly workerCount: number
  private readonly step: number

  constructor(arena: Arena, step: number) {
    const { worker, workerCount } = arena.workerSlot
    this.words = arena.words
    this.common = arena.reserve(SharedCount.regionLength(workerCount)) >>> 2
    this.own = this.common + (1 + worker) * LINE_WORDS
    this.workerCount = workerCount
    this.step = workerCount === 1 ? Number.POSITIVE_INFINITY : step
  }

  static regionLength(workerCount: number): number {
    return (1 + workerCount) * CACHE_LINE_LENGTH
  }

  add(change: number): void {
    const { words, own } = this
    const sum = words[own + SUM]! + change
    words[own + SUM] = sum
    const missing = sum - words[own + ADDED]!
    if (missing < this.step && -missing < this.step) return
    words[own + ADDED] = sum
    Atomics.add(words, this.common, missing)
  }

  /** The count without what other workers have not added yet. */
  get rough(): number {
    const { words, own } = this
    return (words[this.common]! + words[own + SUM]! - words[own + ADDED]!) | 0
  }

  get exact(): number {
    let sum = 0
    for (let worker = 0; worker < this.workerCount; worker++) {
      sum += this.words[this.common + (1 + worker) * LINE_WORDS + SUM]!
    }
    return sum | 0
  }
}

const LINE_WORDS = CACHE_LINE_LENGTH / 4
const SUM = 0
const ADDED = 1
