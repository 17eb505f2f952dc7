import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'
import { VERSION_MAX } from './item/item.js'
import { type RwLock, STRIPE_COUNT, STRIPE_DOUBLES } from './lock/rw-lock.js'

/**
 * The order of changes. Every change takes the next version; clients see it as the item's cas. A version is never used
 * twice, it is never 0, and it stays an exact number: 50 bits, nine years at a million changes a second.
 *
 * No worker waits for another's number: a version is a Lamport stamp, above the latest of the worker, above the latest of the
 * key's stripe, and above the boundary of the last flush, with the worker's number in its low bits. So versions rise for
 * each key, also if it is deleted and stored again, and for each worker.
 *
 *     clocks     one per worker, a cache line each: its latest version
 *     stripes    one per stripe of the lock, beside its writer word, written by the holder of that: its latest version
 *     boundary   items without a later version were flushed
 *     ceiling    at least the boundary; items without a later version may have been flushed, by a prefix (prefix-flushes.ts)
 */
export class Versions {
  private readonly doubles: Float64Array
  /** Of the memory that the lock is in. */
  private readonly stripeDoubles: Float64Array
  private readonly clocks: number
  private readonly own: number
  private readonly stripes: number
  private readonly boundaryAt: number
  private readonly worker: number
  private readonly workerCount: number
  /** A power of two: the distance between the versions of one worker. */
  private readonly step: number
  /** Those of all item memories, which share all but the stripes. */
  private readonly all: Versions[]

  /** `seen` are those of another item memory. */
  constructor(arena: Arena, lock: RwLock, seen?: Versions) {
    const { worker, workerCount } = arena.workerSlot
    this.doubles = arena.doubles
    this.worker = worker
    this.workerCount = workerCount
    this.step = 2 ** Math.ceil(Math.log2(workerCount))
    this.clocks = seen?.clocks ?? arena.reserve(workerCount * CACHE_LINE_LENGTH) / 8
    this.own = this.clocks + worker * LINE_DOUBLES
    this.stripes = lock.versions
    this.stripeDoubles = lock.doubles
    this.boundaryAt = seen?.boundaryAt ?? arena.reserve(2 * 8) / 8
    this.all = seen?.all ?? []
    this.all.push(this)
  }

  static regionLength(workerCount: number): number {
    return (workerCount + 2) * CACHE_LINE_LENGTH
  }

  /** No worker uses a version up to this one any more. Call this before any of them serves. */
  raise(version: number): void {
    const { doubles } = this
    for (let worker = 0; worker < this.workerCount; worker++) {
      const clock = this.clocks + worker * LINE_DOUBLES
      doubles[clock] = Math.max(doubles[clock]!, version)
    }
  }

  /** The next version for a key of a stripe that is locked for writing. */
  next(stripe: number): number {
    const { doubles, stripeDoubles, own, step } = this
    const inStripe = this.stripes + stripe * STRIPE_DOUBLES
    // Not by Math.max, which takes three times as long.
    let latest = doubles[own]!
    if (stripeDoubles[inStripe]! > latest) latest = stripeDoubles[inStripe]!
    if (doubles[this.boundaryAt]! > latest) latest = doubles[this.boundaryAt]!
    const version = step === 1 ? latest + 1 : (Math.floor(latest / step) + 1) * step + this.worker
    if (version >= VERSION_MAX) throw new RangeError('all versions have been used')
    doubles[own] = version
    stripeDoubles[inStripe] = version
    return version
  }

  /** A version above all, for changes that belong to no key: later changes of workers that know it are above it. */
  nextOfAll(): number {
    this.doubles[this.own] = this.latest + 1
    return this.latest
  }

  /** Items without a later version were flushed; 0 before the first flush. */
  get boundary(): number {
    return this.doubles[this.boundaryAt]!
  }

  /** Items with a later version were not flushed, neither all nor by a prefix; 0 before the first flush. */
  get ceiling(): number {
    return this.doubles[this.boundaryAt + CEILING]!
  }

  /** At least as high as any version that was used. */
  get latest(): number {
    let latest = this.boundary
    for (let worker = 0; worker < this.workerCount; worker++) {
      latest = Math.max(latest, this.doubles[this.clocks + worker * LINE_DOUBLES]!)
    }
    return latest
  }

  /** The latest version of each worker. */
  get latestOfEach(): number[] {
    return Array.from(
      { length: this.workerCount },
      (_, worker) => this.doubles[this.clocks + worker * LINE_DOUBLES]!,
    )
  }

  /** Every change that was made is before the boundary now, and every later one after it. */
  drawBoundary(): void {
    this.raiseBoundary(this.latest)
  }

  /** After a restart: the boundary is at least that of an earlier flush. */
  raiseBoundary(version: number): void {
    this.doubles[this.boundaryAt] = Math.max(this.boundary, version)
    this.raiseCeiling(version)
  }

  /**
   * A version between all changes that were made and all later ones, whichever worker makes them: the worker holds all stripes of all
   * item memories, and each of them remembers the version.
   */
  drawLine(): number {
    const version = this.nextOfAll()
    for (const { stripes, stripeDoubles } of this.all) {
      for (let stripe = 0; stripe < STRIPE_COUNT; stripe++)
        stripeDoubles[stripes + stripe * STRIPE_DOUBLES] = version
    }
    return version
  }

  raiseCeiling(version: number): void {
    if (version > this.ceiling) this.doubles[this.boundaryAt + CEILING] = version
  }

  /** No prefix has a boundary above this version any more. */
  lowerCeiling(version: number): void {
    this.doubles[this.boundaryAt + CEILING] = Math.max(this.boundary, version)
  }
}

/** The double behind the boundary. */
const CEILING = 1

const LINE_DOUBLES = CACHE_LINE_LENGTH / 8
