import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'
import type { Seat } from '../arena/seat.js'

/**
 * The read-write lock over the arena, one for each stripe of the index: readers share a stripe, a writer is alone in it.
 *
 *     lease words     one per worker and one for the onlooker, a cache line each: the stripe that is being read, or 0
 *     writer words    one per stripe: the number of the worker that writes there, or 0
 *
 *     to read    store the stripe in one's own lease word, then look at its writer word; if somebody writes, step back
 *     to write   claim the writer word, then wait until no worker's lease names the stripe
 *
 * Whoever comes second sees the first, because each writes its own word before it reads the other's. A reader writes
 * nothing that other readers write. Who has looked for a while and still has to wait marks the word that he waits for and goes
 * to sleep; whoever gives a marked word back wakes the sleepers. A worker reads or writes one stripe at a time and never holds it across an await, so
 * that who waits never waits for himself. A worker that is alone has nobody to wait for, and leaves the words as they are.
 *
 * The onlooker is a thread that serves nobody: it takes the seat behind the last worker's, only reads, and never waits.
 */
export class RwLock {
  private readonly words: Int32Array
  private readonly leases: number
  private readonly writers: number
  private readonly worker: number
  private readonly workerCount: number
  private readonly lease: number
  private readonly isAlone: boolean

  constructor(words: Int32Array, region: number, { worker, workerCount }: Seat) {
    this.words = words
    this.leases = region >>> 2
    this.writers = this.leases + seatCountFor(workerCount) * LEASE_WORDS
    this.worker = worker
    this.workerCount = workerCount
    this.lease = this.leases + worker * LEASE_WORDS
    this.isAlone = workerCount === 1
  }

  static regionLength(workerCount: number): number {
    return (seatCountFor(workerCount) * LEASE_WORDS + STRIPE_COUNT) * 4
  }

  /** A worker's view of the lock. */
  static over(arena: Arena): RwLock {
    return new RwLock(arena.words, arena.reserve(RwLock.regionLength(arena.seat.workerCount)), arena.seat)
  }

  /** The onlooker's view of the same lock. */
  get onlooking(): RwLock {
    const { words, leases, workerCount } = this
    return new RwLock(words, leases * 4, { worker: workerCount, workerCount })
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
      this.waitWhile(writer, owner & ~AWAITED)
    }
  }

  /** As `read`, but false when somebody writes there. */
  tryRead(stripe: number): boolean {
    if (this.isAlone) return true
    Atomics.store(this.words, this.lease, stripe + 1)
    if (Atomics.load(this.words, this.writers + stripe) === 0) return true
    this.endRead()
    return false
  }

  endRead(): void {
    if (this.isAlone) return
    this.giveBack(this.lease)
  }

  write(stripe: number): void {
    if (this.isAlone) return
    const writer = this.writers + stripe
    for (;;) {
      const owner = Atomics.compareExchange(this.words, writer, 0, this.worker + 1)
      if (owner === 0) break
      this.waitWhile(writer, owner & ~AWAITED)
    }
    this.awaitReaders(stripe)
  }

  endWrite(stripe: number): void {
    if (this.isAlone) return
    this.giveBack(this.writers + stripe)
  }

  private awaitReaders(stripe: number): void {
    for (let other = 0; other < seatCountFor(this.workerCount); other++) {
      const lease = this.leases + other * LEASE_WORDS
      while (other !== this.worker && (Atomics.load(this.words, lease) & ~AWAITED) === stripe + 1) {
        this.waitWhile(lease, stripe + 1)
      }
    }
  }

  /** Waits until the word is no longer `value`: a moment by looking, then asleep. */
  private waitWhile(word: number, value: number): void {
    const { words } = this
    for (let look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
      if ((Atomics.load(words, word) & ~AWAITED) !== value) return
    }
    const seen = Atomics.compareExchange(words, word, value, value | AWAITED)
    if ((seen & ~AWAITED) === value) Atomics.wait(words, word, value | AWAITED, SLEEP_MS)
  }

  private giveBack(word: number): void {
    if ((Atomics.exchange(this.words, word, 0) & AWAITED) !== 0) Atomics.notify(this.words, word)
  }
}

/** A stripe is named by the low bits of a key's hash: all keys of a bucket share one, before and after it is split. */
export const STRIPE_COUNT = 256
export const stripeOf = (hash: number): number => hash & (STRIPE_COUNT - 1)

/** All workers, and the onlooker. */
const seatCountFor = (workerCount: number): number => workerCount + 1

/** Somebody sleeps until the word is given back. */
const AWAITED = 0x8000
const LEASE_WORDS = CACHE_LINE_LENGTH / 4
const LOOKS_BEFORE_SLEEP = 1000
const SLEEP_MS = 100
