import { ChangeKind, kindOf, lengthOf, RestWord, restOf, versionOf } from './change-record.js'
import type { Flush, History } from './history.js'

const NO_FLUSH: Flush = { number: 0, version: 0 }

/** How far somebody has read: a position in each ring, and the number up to which all has been read or is not wanted. */
export class Cursor {
  number = 0
  readonly positions: Int32Array
  /** The latest flush up to there. */
  flush: Flush = NO_FLUSH

  constructor(workerCount: number) {
    this.positions = new Int32Array(workerCount)
  }

  copyFrom(other: Cursor): void {
    this.number = other.number
    this.flush = other.flush
    this.positions.set(other.positions)
  }
}

/** There is no change to be read now. */
export const NONE = -1
/** Changes that were not read have been overwritten. */
export const LOST = -2

/**
 * Reads the changes of all workers in the order of their numbers: a merge of the rings.
 *
 *     ring of worker 0     1   2       5       7 │            `latest` is 7: the 8 of worker 1 has to wait, since worker 0
 *     ring of worker 1           3   4     6     │ 8          may be about to publish an earlier one
 *                          ▲ cursor
 *
 *     refresh()                    looks how far all rings can be read now
 *     while ((change = next(cursor)) >= 0) {
 *       …                          copy what is wanted of the change
 *       if (!pass(cursor)) …       it was overwritten meanwhile: the copy is worth nothing
 *     }
 */
export class ChangeReader {
  readonly history: History
  /** For each ring, the position up to which it can be read; and the latest number that is certainly there. */
  private readonly ends: Int32Array
  private latest = 0
  /** `next` has returned NONE in the middle of changes that are not wanted: call it again. */
  isSkipping = false
  /** The change that `next` returned, and its ring, length and number. */
  private change = NONE
  private ring = 0
  private length = 0
  private number = 0
  /** Of the change that `firstOf` returned. */
  private firstNumber = 0
  private firstLength = 0

  constructor(history: History) {
    this.history = history
    this.ends = new Int32Array(history.workerCount)
  }

  // ─── where to begin ────────────────────────────────────────────────────────────────────────────────────────────────

  /** A cursor behind the latest change. */
  cursorAtEnd(): Cursor {
    const { history } = this
    const cursor = new Cursor(history.workerCount)
    // The number last: changes up to it that are behind these positions are skipped, and all others are behind them.
    for (let ring = 0; ring < history.workerCount; ring++) cursor.positions[ring] = history.written(ring)
    cursor.number = history.latestNumber
    // A flush up to this number is known once no worker is in the middle of publishing it.
    this.refresh()
    cursor.flush = history.flush
    return cursor
  }

  /** A cursor behind this number; undefined if later changes have been overwritten. */
  cursorAfter(number: number): Cursor | undefined {
    const { history } = this
    if (number > history.latestNumber) return undefined
    const cursor = new Cursor(history.workerCount)
    this.toOldest(cursor)
    if (cursor.number > number) return undefined
    cursor.number = number
    this.knowFlush(cursor)
    return cursor
  }

  /** Changes were lost: continues with the oldest one before which none is missing. */
  recover(cursor: Cursor): void {
    const before = cursor.number
    this.toOldest(cursor)
    cursor.number = Math.max(cursor.number, before)
    this.knowFlush(cursor)
  }

  /** All changes with a later number are still there. */
  get oldestNumber(): number {
    const { history } = this
    let oldest = 0
    for (let ring = 0; ring < history.workerCount; ring++)
      oldest = Math.max(oldest, history.overwritten(ring))
    return oldest
  }

  /** A flush that is still to be read says itself what it makes dead. */
  private knowFlush(cursor: Cursor): void {
    const { flush } = this.history
    cursor.flush = flush.number <= cursor.number ? flush : NO_FLUSH
  }

  private toOldest(cursor: Cursor): void {
    const { history } = this
    for (let ring = 0; ring < history.workerCount; ring++) cursor.positions[ring] = history.oldest(ring)
    cursor.number = this.oldestNumber
  }

  // ─── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Looks how far the rings can be read. False if a worker is publishing: try again soon. */
  refresh(): boolean {
    const { history, ends } = this
    const latest = history.latestNumber
    for (let ring = 0; ring < history.workerCount; ring++) {
      for (let look = 0; history.isPublishing(ring); look++) if (look === LOOKS_MAX) return false
      ends[ring] = history.written(ring)
    }
    this.latest = latest
    return true
  }

  /**
   * For each ring, the count of records that its journal needs before all changes that can be seen now are safe. Undefined if
   * a worker is publishing: try again soon.
   */
  countsNow(): Float64Array | undefined {
    const { history } = this
    if (!this.refresh()) return undefined
    return Float64Array.from({ length: history.workerCount }, (_, ring) => history.counted(ring))
  }

  areSafe(counts: Float64Array): boolean {
    return counts.every((count, ring) => count <= this.history.safe(ring))
  }

  /** The first word of the next change, NONE or LOST. */
  next(cursor: Cursor): number {
    const { history } = this
    this.isSkipping = false
    let lowest = this.latest + 1
    let next = NONE
    for (let ring = 0; ring < history.workerCount; ring++) {
      const change = this.firstOf(cursor, ring)
      if (change === LOST) return LOST
      if (change === NONE || this.firstNumber >= lowest) continue
      lowest = this.firstNumber
      next = change
      this.ring = ring
      this.length = this.firstLength
    }
    if (next === NONE || this.isSkipping) return NONE
    this.change = next
    this.number = lowest
    // Not in its journal yet: later changes have to wait, too.
    const rest = restOf(history.words, next)
    const isSafe = rest < 0 || history.doubles[(rest + RestWord.COUNT) >>> 1]! <= history.safe(this.ring)
    return isSafe ? next : NONE
  }

  /** The number of the change that `next` returned. */
  get nextNumber(): number {
    return this.number
  }

  /** The change that `next` returned has been read. False if it was overwritten meanwhile. */
  pass(cursor: Cursor): boolean {
    const { ring, change, number } = this
    const { words } = this.history
    const version = kindOf(words, change) === ChangeKind.FLUSH ? versionOf(words, change) : NO_VERSION
    if (this.isLost(cursor, ring)) return false
    cursor.positions[ring] = (cursor.positions[ring]! + this.length) | 0
    cursor.number = number
    if (version !== NO_VERSION) cursor.flush = { number, version }
    return true
  }

  /**
   * True for a change that has a later number than the flush before it, but an earlier version: the worker made it at the same
   * time, and the item was dead at once.
   */
  isFlushed(cursor: Cursor, change: number): boolean {
    return versionOf(this.history.words, change) <= cursor.flush.version
  }

  /**
   * The first change of a ring that is not known, NONE or LOST. Passes the rest at the end of the ring, and what is known. What it
   * notes of the change was not overwritten.
   */
  private firstOf(cursor: Cursor, ring: number): number {
    const { history, ends } = this
    const { words } = history
    // Positions count modulo 2^32: a cursor that was left alone for long may seem to be at the end, or ahead.
    if (cursor.number < history.overwritten(ring)) return LOST
    for (let count = 0; cursor.positions[ring] !== ends[ring]; count++) {
      if (count === SKIPPED_AT_ONCE) {
        this.isSkipping = true
        return NONE
      }
      const position = cursor.positions[ring]!
      const change = history.place(ring, position)
      const number = history.numberOf(change)
      const isFiller = kindOf(words, change) === ChangeKind.FILLER
      const length = lengthOf(words, change)
      if (this.isLost(cursor, ring)) return LOST
      if (!isFiller && number > cursor.number) {
        this.firstNumber = number
        this.firstLength = length
        return change
      }
      cursor.positions[ring] = (position + length) | 0
    }
    return NONE
  }

  private isLost(cursor: Cursor, ring: number): boolean {
    return ((this.history.oldest(ring) - cursor.positions[ring]!) | 0) > 0
  }
}

const NO_VERSION = -1
/** About a fifth of a millisecond of work. */
const SKIPPED_AT_ONCE = 4000
/** Publishing a change takes far less time, unless its thread is interrupted. */
const LOOKS_MAX = 1000
