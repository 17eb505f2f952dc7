import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { expiryOf, versionOf } from '../item/item.js'
import type { ChangeListener } from '../listeners/change-listener.js'
import { Mutex } from '../lock/mutex.js'
import type { SegmentPool } from '../segments/segment-pool.js'
import type { Clock } from '../time/clock.js'
import type { Versions } from '../version.js'
import { PrefixFlushes } from './prefix-flushes.js'

export const Life = { LIVE: 0, EXPIRED: 1, FLUSHED: 2 } as const
export type Life = (typeof Life)[keyof typeof Life]

export interface ExpiryParts {
  readonly arena: Arena
  /** The memory that the items are in: the arena itself, or one of its item memories. */
  readonly itemArena: Arena
  readonly pool: SegmentPool
  readonly clock: Clock
  readonly versions: Versions
  readonly seen?: Expiry | undefined
}

/**
 * Which items are dead: those that have expired, and all that were stored before a flush. A flush removes nothing. It sets a
 * boundary above the latest version, and every item below it is dead wherever it is found. A delayed flush sets the boundary
 * when it is due. One worker sets it while the others wait, so that each of them sees the boundary once it sees that it is due.
 *
 * A flush of a prefix has a boundary of its own (prefix-flushes.ts). The ceiling is the highest of all boundaries: the life of an
 * item above it costs one comparison, as if there were no prefixes.
 */
export class Expiry {
  changes: ChangeListener | undefined = undefined
  readonly prefixes: PrefixFlushes
  /** Of all item memories, which share the rest. */
  private readonly pools: SegmentPool[]
  private readonly clock: Clock
  private readonly versions: Versions
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly state: number
  private readonly mutex: Mutex

  /** `seen` is that of another item memory. */
  constructor({ arena, itemArena, pool, clock, versions, seen }: ExpiryParts) {
    this.pools = seen?.pools ?? []
    this.pools.push(pool)
    this.clock = clock
    this.versions = versions
    this.words = arena.words
    this.doubles = arena.doubles
    this.state = seen?.state ?? arena.reserve(STATE_WORDS * 4) >>> 2
    this.mutex = new Mutex(this.words, this.state + MUTEX, arena.workerSlot.workerCount === 1)
    this.prefixes = new PrefixFlushes(arena, itemArena, seen?.prefixes)
  }

  static readonly regionLength = (): number =>
    STATE_WORDS * 4 + CACHE_LINE_LENGTH + PrefixFlushes.regionLength()

  lifeOf(words: Int32Array, item: number): Life {
    const expiry = expiryOf(words, item)
    if (expiry !== 0 && expiry <= this.clock.now) return Life.EXPIRED
    const { ceiling } = this.versions
    return ceiling !== 0 && versionOf(words, item) <= ceiling ? this.lifeBelowCeiling(words, item) : Life.LIVE
  }

  private lifeBelowCeiling(words: Int32Array, item: number): Life {
    const version = versionOf(words, item)
    return version <= this.versions.boundary || this.prefixes.covers(item, version) ? Life.FLUSHED : Life.LIVE
  }

  /** All items present at `time`, in absolute seconds, will be dead then. A later call replaces an earlier one that waits. */
  flushAt(time: number): void {
    this.mutex.lock()
    this.words[this.state + FLUSH_TIME] = time
    if (time > this.clock.now) {
      // Different workers may have received two of them: the higher version is the later one.
      this.doubles[(this.state + DUE_VERSION) >>> 1] = this.versions.nextOfAll()
      this.changes?.flushDue(time, this.dueVersion)
    }
    if (this.isFlushDue) this.flush()
    this.mutex.unlock()
  }

  /** Call this whenever the clock has been read. */
  flushIfDue(): void {
    if (!this.isFlushDue) return
    this.mutex.lock()
    if (this.isFlushDue) this.flush()
    this.mutex.unlock()
  }

  private get isFlushDue(): boolean {
    const time = this.words[this.state + FLUSH_TIME]! >>> 0
    return time !== 0 && time <= this.clock.now
  }

  /** Prefixes stay open until they are swept: another worker may have read the earlier boundary, and ask for them now. */
  private flush(): void {
    const { words, state } = this
    for (const pool of this.pools) pool.noteFlush()
    this.changes?.flushBegins()
    this.versions.drawBoundary()
    this.changes?.flushed(this.versions.boundary)
    Atomics.store(words, state + FLUSH_TIME, 0)
  }

  /**
   * All items present whose keys begin so are dead. The worker holds all stripes, so every change comes before the flush or after it,
   * for readers and listeners, too. False if too many prefixes have boundaries already.
   */
  flushPrefix(start: number, length: number): boolean {
    this.mutex.lock()
    const isOpen = this.prefixes.makeRoom(start, length)
    if (isOpen) {
      const version = this.versions.drawLine()
      this.prefixes.open(start, length, version)
      this.versions.raiseCeiling(version)
      this.changes?.prefixFlushed(start, length, version)
    }
    this.mutex.unlock()
    return isOpen
  }

  /** After a restart: as `flushPrefix`, for an earlier flush of this version. No worker serves yet. */
  restorePrefix(start: number, length: number, version: number): boolean {
    if (!this.prefixes.makeRoom(start, length, version)) return false
    this.prefixes.open(start, length, version)
    this.versions.raiseCeiling(version)
    return true
  }

  /** No item is left that flushes of prefixes up to this version have made dead. */
  forgetPrefixes(version: number): void {
    this.mutex.lock()
    this.versions.lowerCeiling(this.prefixes.forget(version))
    this.mutex.unlock()
  }

  /** After a restart: the boundary of earlier flushes, and a delayed flush that is still due. */
  restore(boundary: number, dueTime: number): void {
    this.versions.raiseBoundary(boundary)
    this.words[this.state + FLUSH_TIME] = dueTime
  }

  /** When all items will be dead, in absolute seconds; 0: never. */
  get dueTime(): number {
    return this.words[this.state + FLUSH_TIME]! >>> 0
  }

  /** The version of the latest delayed flush; 0 if there was none since the start. */
  get dueVersion(): number {
    return this.doubles[(this.state + DUE_VERSION) >>> 1]!
  }
}

const FLUSH_TIME = 0
const MUTEX = 1
/** A double. */
const DUE_VERSION = 2
const STATE_WORDS = 4
