import type { Arena } from '../arena/arena.js'
import type { ChangeListener } from './changes.js'
import type { Clock } from './clock.js'
import { expiryOf, versionOf } from './item.js'
import type { Segments } from './segments.js'
import type { Versions } from './version.js'

export const Life = { LIVE: 0, EXPIRED: 1, FLUSHED: 2 } as const
export type Life = (typeof Life)[keyof typeof Life]

/**
 * Whose time is over: items past their expiry, and all that were there before a flush. A flush removes nothing. It
 * remembers the version of the latest change, and every item up to it is dead wherever it is met. A delayed flush takes
 * that version when its time has come.
 */
export class Expiry {
  changes: ChangeListener | undefined = undefined
  private readonly segments: Segments
  private readonly clock: Clock
  private readonly versions: Versions
  private readonly doubles: Float64Array
  private readonly state: number

  constructor(arena: Arena, segments: Segments, clock: Clock, versions: Versions) {
    this.segments = segments
    this.clock = clock
    this.versions = versions
    this.doubles = arena.doubles
    this.state = arena.reserve(STATE_DOUBLES * 8) / 8
  }

  lifeOf(words: Int32Array, item: number): Life {
    const expiry = expiryOf(words, item)
    if (expiry !== 0 && expiry <= this.clock.now) return Life.EXPIRED
    const boundary = this.doubles[this.state + BOUNDARY]!
    return boundary !== 0 && versionOf(words, item) <= boundary ? Life.FLUSHED : Life.LIVE
  }

  /** Ends everything that is there at `time`, in absolute seconds. A later call replaces an earlier one that waits. */
  flushAt(time: number): void {
    this.doubles[this.state + FLUSH_TIME] = time
    if (time > this.clock.now) this.changes?.flushDue(time, this.versions.latest)
    this.flushIfDue()
  }

  /** To be called whenever the clock has been looked at. */
  flushIfDue(): void {
    const time = this.doubles[this.state + FLUSH_TIME]!
    if (time === 0 || time > this.clock.now) return
    this.segments.noteFlush()
    this.doubles[this.state + FLUSH_TIME] = 0
    this.doubles[this.state + BOUNDARY] = this.versions.latest
    this.doubles[this.state + FLUSHED_AT] = this.clock.now
    this.changes?.flushed(this.boundary)
  }

  /** After a restart: what had been flushed, and what was still to be. */
  restore(boundary: number, dueTime: number): void {
    this.doubles[this.state + BOUNDARY] = Math.max(this.boundary, boundary)
    this.doubles[this.state + FLUSH_TIME] = dueTime
  }

  /** Items up to this version are dead. */
  get boundary(): number {
    return this.doubles[this.state + BOUNDARY]!
  }

  /** When all items will be dead; 0 for never. */
  get dueTime(): number {
    return this.doubles[this.state + FLUSH_TIME]!
  }

  /** When the latest flush was, in absolute seconds; 0 for never. */
  get flushedAt(): number {
    return this.doubles[this.state + FLUSHED_AT]!
  }
}

/** Items up to this version are dead. */
const BOUNDARY = 0
const FLUSH_TIME = 1
const FLUSHED_AT = 2
const STATE_DOUBLES = 3
