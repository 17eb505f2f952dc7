import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/**
 * How many connections each worker has, in the arena, so that the thread that accepts finds the least busy one.
 *
 *     ┌──────────┬──────────┬─ ─      a cache line each
 *     │ worker 0 │ worker 1 │
 *     └──────────┴──────────┴─ ─
 *
 * The accepting thread counts a connection; its worker subtracts it just before the peer can see that it has ended, so
 * that the peer may connect again at once.
 */
export class ConnectionCounts {
  private readonly words: Int32Array
  private readonly worker: number
  private readonly workerCount: number
  private readonly counts: number

  constructor(arena: Arena) {
    const { worker, workerCount } = arena.workerSlot
    this.words = arena.words
    this.worker = worker
    this.workerCount = workerCount
    this.counts = arena.reserve(ConnectionCounts.regionLength(workerCount)) >>> 2
  }

  static regionLength(workerCount: number): number {
    return workerCount * CACHE_LINE_LENGTH
  }

  of(worker: number): number {
    return Atomics.load(this.words, this.counts + worker * LINE_WORDS)
  }

  get sum(): number {
    let sum = 0
    for (let worker = 0; worker < this.workerCount; worker++) sum += this.of(worker)
    return sum
  }

  /** The worker with the fewest. */
  get leastBusy(): number {
    let least = 0
    for (let worker = 1; worker < this.workerCount; worker++) {
      if (this.of(worker) < this.of(least)) least = worker
    }
    return least
  }

  add(worker: number, change: number): void {
    Atomics.add(this.words, this.counts + worker * LINE_WORDS, change)
  }

  /** A connection of this worker is about to end. */
  decrement(): void {
    this.add(this.worker, -1)
  }
}

const LINE_WORDS = CACHE_LINE_LENGTH / 4
