import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/**
 * The read-write lock over the arena, one for each stripe of the index: readers share a stripe, a writer is alone in it.
 *
 *     lease words     one per worker, a cache line each: the stripe that the worker is reading, or 0
 *     writer words    one per stripe: the number of the worker that writes there, or 0
 *
 *     to read    store the stripe in one's own lease word, then look at its writer word; if somebody writes, step back
 *     to write   claim the writer word, then wait until no worker's lease names the stripe
 *
 * Whoever comes second sees the first, because each writes its own word before it reads the other's. A reader writes
 * nothing that other readers write. A worker reads or writes one stripe at a time and never holds it across an await, so
 * that who waits never waits for himself. A worker that is alone has nobody to wait for, and leaves the words as they are.
 */
export class RwLock {
  private readonly words: Int32Array
  private readonly leases: number
  private readonly writers: number
  private readonly worker: number
  private readonly workerCount: number
  private readonly lease: number
  private readonly isAlone: boolean

  constructor(words: Int32Array, region: number, worker: number, workerCount: number) {
    this.words = words
    this.leases = region >>> 2
    this.writers = this.leases + workerCount * LEASE_WORDS
    this.worker = worker
    this.workerCount = workerCount
    this.lease = this.leases + worker * LEASE_WORDS
    this.isAlone = workerCount === 1
  }

  static regionLength(workerCount: number): number {
    return (workerCount * LEASE_WORDS + STRIPE_COUNT) * 4
  }

  /** Reserves the words of a lock and makes the first worker's view of it. */
  static create(arena: Arena, workerCount: number): RwLock {
    return new RwLock(arena.words, arena.reserve(RwLock.regionLength(workerCount)), 0, workerCount)
  }

  read(stripe: number): void {
    if (this.isAlone) return
    const { words, lease } = this
    const writer = this.writers + stripe
    for (;;) {
      Atomics.store(words, lease, stripe + 1)
      const owner = Atomics.load(words, writer)
      if (owner === 0) return
      this.endRead()
      this.waitWhile(writer, owner)
    }
  }

  endRead(): void {
    if (this.isAlone) return
    Atomics.store(this.words, this.lease, 0)
    Atomics.notify(this.words, this.lease)
  }

  write(stripe: number): void {
    if (this.isAlone) return
    const writer = this.writers + stripe
    for (;;) {
      const owner = Atomics.compareExchange(this.words, writer, 0, this.worker + 1)
      if (owner === 0) break
      this.waitWhile(writer, owner)
    }
    this.awaitReaders(stripe)
  }

  /** Like `write`, but steps back at once when another worker writes there. For those who hold a stripe already. */
  tryWrite(stripe: number): boolean {
    if (this.isAlone) return true
    if (Atomics.compareExchange(this.words, this.writers + stripe, 0, this.worker + 1) !== 0) return false
    this.awaitReaders(stripe)
    return true
  }

  endWrite(stripe: number): void {
    if (this.isAlone) return
    const writer = this.writers + stripe
    Atomics.store(this.words, writer, 0)
    Atomics.notify(this.words, writer)
  }

  private awaitReaders(stripe: number): void {
    for (let other = 0; other < this.workerCount; other++) {
      const lease = this.leases + other * LEASE_WORDS
      while (other !== this.worker && Atomics.load(this.words, lease) === stripe + 1) {
        this.waitWhile(lease, stripe + 1)
      }
    }
  }

  /** Waits until the word is no longer `value`: a moment by looking, then asleep. */
  private waitWhile(word: number, value: number): void {
    for (let look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
      if (Atomics.load(this.words, word) !== value) return
    }
    Atomics.wait(this.words, word, value, SLEEP_MS)
  }
}

/** A stripe is named by the low bits of a key's hash: all keys of a bucket share one, before and after it is split. */
export const STRIPE_COUNT = 256
export const stripeOf = (hash: number): number => hash & (STRIPE_COUNT - 1)

const LEASE_WORDS = CACHE_LINE_LENGTH / 4
const LOOKS_BEFORE_SLEEP = 1000
const SLEEP_MS = 100
