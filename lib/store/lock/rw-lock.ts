import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'

/**
 * The read-write lock over the arena, one for each stripe of the index: readers share a stripe, a writer is alone in it.
 *
 *     leases      ┌────────┬─ ─      one per worker and one for the onlooker, a cache line each: the stripe that it reads, or 0
 *                 │ stripe │
 *                 └────────┴─ ─
 *     stripes     ┌────────┬────────┬────────────────┐     16 bytes each: the number of the worker that writes there, or 0;
 *                 │ writer │ unused │ latest version │     and the version, which only that worker may change (version.ts):
 *                 └────────┴────────┴────────────────┘     both share a cache line
 *
 *     to read     store the stripe in the own lease word, then read its writer word; if a worker writes there, step back
 *     to write    claim the writer word, then wait until no worker's lease names the stripe
 *
 * The second of the two sees the first, because each writes its own word before it reads the other's. A reader writes nothing
 * that other readers write. A worker that has spun for a while and still has to wait marks the word that it waits for and
 * sleeps; the release of a marked word wakes the sleepers. A worker reads or writes one stripe at a time, or writes
 * all, and never holds one across an await, so it never waits for itself. A single worker never waits, and does not change the words.
 *
 * The onlooker is a thread that serves no clients: it has the worker slot behind the last worker's, only reads, never waits.
 *
 * The kernel makes the first attempt: four calls of Atomics would cost twice as much as two into WebAssembly
 * (scripts/bench/kernel.ts).
 */
export class RwLock {
  /** The double of the latest version in the first stripe. */
  readonly versions: number
  readonly doubles: Float64Array
  private readonly arena: Arena
  private readonly words: Int32Array
  /** The leases, and the words behind them: byte offsets. */
  private readonly leases: number
  private readonly stripes: number
  /** The number of the worker, not 0. */
  private readonly owner: number
  private readonly lease: number
  private readonly isAlone: boolean

  /** A worker's view of the lock, or that of the onlooker of an existing one. */
  constructor(arena: Arena, seen?: RwLock) {
    const { worker, workerCount } = arena.workerSlot
    this.arena = arena
    this.words = arena.words
    this.doubles = arena.doubles
    this.leases = seen?.leases ?? arena.reserve(RwLock.regionLength(workerCount))
    this.stripes = this.leases + slotCountFor(workerCount) * CACHE_LINE_LENGTH
    this.versions = (this.stripes + LATEST_VERSION) / 8
    this.owner = worker + 1
    this.lease = this.leases + (seen === undefined ? worker : workerCount) * CACHE_LINE_LENGTH
    this.isAlone = workerCount === 1
  }

  static regionLength(workerCount: number): number {
    return slotCountFor(workerCount) * CACHE_LINE_LENGTH + STRIPE_COUNT * STRIPE_LENGTH
  }

  get onlooking(): RwLock {
    return new RwLock(this.arena, this)
  }

  read(stripe: number): void {
    if (this.isAlone) return
    const writer = this.stripes + stripe * STRIPE_LENGTH
    for (;;) {
      const owner = this.arena.leaseStripe(this.lease, stripe + 1, writer)
      if (owner === 0) return
      this.endRead()
      this.waitWhile(writer, owner & ~AWAITED)
    }
  }

  /** As `read`, but returns false if a worker writes there. */
  tryRead(stripe: number): boolean {
    if (this.isAlone) return true
    const writer = this.stripes + stripe * STRIPE_LENGTH
    if (this.arena.leaseStripe(this.lease, stripe + 1, writer) === 0) return true
    this.endRead()
    return false
  }

  endRead(): void {
    if (this.isAlone) return
    this.giveBack(this.lease)
  }

  write(stripe: number): void {
    if (this.isAlone) return
    const writer = this.stripes + stripe * STRIPE_LENGTH
    for (;;) {
      const seen = this.arena.claimStripe(writer, this.owner, this.leases, this.stripes, stripe + 1)
      if (seen === 0) return
      if (seen === LEASED) break
      this.waitWhile(writer, seen & ~AWAITED)
    }
    this.awaitReaders(stripe)
  }

  endWrite(stripe: number): void {
    if (this.isAlone) return
    this.giveBack(this.stripes + stripe * STRIPE_LENGTH)
  }

  /**
   * Locks all stripes for writing, from the first to the last. Whoever holds one already never waits for another, and others that
   * lock all do so in the same order: so nobody waits for ever.
   */
  writeAll(): void {
    if (this.isAlone) return
    for (let stripe = 0; stripe < STRIPE_COUNT; stripe++) this.write(stripe)
  }

  endWriteAll(): void {
    if (this.isAlone) return
    for (let stripe = 0; stripe < STRIPE_COUNT; stripe++) this.endWrite(stripe)
  }

  private awaitReaders(stripe: number): void {
    for (let lease = this.leases; lease < this.stripes; lease += CACHE_LINE_LENGTH) {
      while ((Atomics.load(this.words, lease >>> 2) & ~AWAITED) === stripe + 1) {
        this.waitWhile(lease, stripe + 1)
      }
    }
  }

  /** Waits until the word at an offset is no longer `value`: spins for a moment, then sleeps. */
  private waitWhile(offset: number, value: number): void {
    const { words } = this
    const word = offset >>> 2
    for (let look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
      if ((Atomics.load(words, word) & ~AWAITED) !== value) return
    }
    const seen = Atomics.compareExchange(words, word, value, value | AWAITED)
    if ((seen & ~AWAITED) === value) Atomics.wait(words, word, value | AWAITED, SLEEP_MS)
  }

  private giveBack(offset: number): void {
    if ((this.arena.giveBack(offset) & AWAITED) !== 0) Atomics.notify(this.words, offset >>> 2)
  }
}

/** The low bits of a key's hash are its stripe: all keys of a bucket share one, before and after it is split. */
export const STRIPE_COUNT = 256
export const stripeOf = (hash: number): number => hash & (STRIPE_COUNT - 1)

const STRIPE_LENGTH = 16
const LATEST_VERSION = 8
/** The distance from one stripe's version to the next one's. */
export const STRIPE_DOUBLES = STRIPE_LENGTH / 8

/** All workers, and the onlooker. */
const slotCountFor = (workerCount: number): number => workerCount + 1

/** A worker sleeps until the word is released. The kernel knows this bit too. */
const AWAITED = 0x8000
/** The kernel returns this if the stripe was free to write, but has readers. */
const LEASED = -1
const LOOKS_BEFORE_SLEEP = 1000
const SLEEP_MS = 100
