import type { Arena } from '../../arena/arena.js'
import {
  casHigh,
  casLow,
  Flag,
  flagsOf,
  isLong,
  KEPT_FLAGS,
  MISSING,
  setOwnCas,
  versionOf,
} from '../../store/item/item.js'
import type { Past } from '../../store/restoring.js'
import type { Store } from '../../store/store.js'
import { Field, RecordKind } from '../format/format.js'
import type { JournalRecord } from '../format/record.js'
import type { Summary } from '../format/summary.js'
import { AgeLimit } from './age-limit.js'
import { FlushedPrefixes } from './flushed-prefixes.js'
import type { RecordReader } from './record-reader.js'
import { removeExpired } from './remove-expired.js'
import type { Scratch } from './scratch.js'

/**
 * Restores records to a store, in the order of their versions. A record that is older than the store's item of
 * its key changes nothing.
 */
export class Restorer {
  /** At least as high as any version that was read. */
  version = 0
  recordCount = 0
  /** A delayed flush has become due, and no record says that it has happened. */
  hasFlushed = false
  /** Items were removed that have expired by the clock of their writers, which was ahead of the present one. */
  wasClockAhead = false
  /** How many items found no room: items of a snapshot that are too old for a smaller memory, and changes. */
  leftOutCount = 0
  private readonly arena: Arena
  private readonly scratch: Scratch
  private readonly store: Store
  private ageLimit: AgeLimit | undefined = undefined
  /** The snapshot's version of each worker. */
  private readonly seenVersions: number[] = []
  private boundary = 0
  private dueTime = 0
  private dueVersion = 0
  private accessTime = 0
  private frequency = 0
  /** An item has an expiry that has passed by now. */
  private mayHoldExpired = false
  /** The store's clock was moved forward, and the store was not reaped since. */
  private isReapDue = false
  private readonly flushedPrefixes: FlushedPrefixes
  /** Segments that a store in service has free, or half empty. */
  private readonly reservedCount: number
  /** The time of the clock without the replay. */
  private readonly present: number

  constructor(arena: Arena, scratch: Scratch, store: Store) {
    this.arena = arena
    this.scratch = scratch
    this.store = store
    this.present = store.clock.now
    this.reservedCount =
      store.figures.memoryCount * (SEGMENTS_HALF_EMPTY + SEGMENTS_FOR_CLEANING * arena.workerSlot.workerCount)
    this.flushedPrefixes = new FlushedPrefixes(store, this.reservedCount)
    store.restoring.begin()
  }

  /**
   * All records that were written before this time, in absolute seconds, have been applied. Only then is an expiry final: a
   * later record may renew an item that has expired by now. So the store's clock follows the times of the records, and
   * items that expire in that time make room for later ones.
   */
  showTime(time: number): void {
    const { store } = this
    const shown = Math.min(time, this.present)
    if (shown === store.clock.now) return
    store.clock.showTime(shown)
    this.isReapDue = true
  }

  /** Called before an item is restored. Reaps once for each time shown, and only if memory is short. */
  private reap(): void {
    if (!this.store.figures.isShort(SHORT_SHARE)) return
    if (this.isReapDue) this.store.memory.reapAll()
    this.isReapDue = false
    if (this.flushedPrefixes.areDue) this.flushedPrefixes.bury()
  }

  /** Items of a snapshot follow. */
  begin(summary: Summary): void {
    const { memory, figures } = this.store
    const usableLength = memory.length - this.reservedCount * figures.segmentLength
    this.ageLimit = AgeLimit.for(summary, memory.length, usableLength)
    this.store.restoring.writeAsOf(summary.oldestAccess)
  }

  endSnapshot(summary: Summary): void {
    this.ageLimit = undefined
    this.store.restoring.writeAsOf(Number.POSITIVE_INFINITY)
    this.version = Math.max(this.version, summary.version)
    // Items of the snapshot were there after that flush.
    this.boundary = summary.flushBoundary
    this.store.restoring.restoreFlush(this.boundary, 0)
    this.dueTime = summary.flushDueTime
    this.dueVersion = summary.version
  }

  /** All records have been applied; the clock of their writers was at `time`. */
  finish(time: number): void {
    const { store } = this
    store.clock.showTime(this.present)
    store.clock.refresh()
    const now = Math.max(time, store.clock.now)
    if (this.dueTime !== 0 && this.dueTime <= now) {
      this.hasFlushed = true
      this.raiseBoundary(this.version)
      this.dueTime = 0
    }
    store.restoring.restoreFlush(this.boundary, this.dueTime)
    if ((time > store.clock.now || this.mayHoldExpired) && removeExpired(store, this.scratch, now))
      this.wasClockAhead = true
    store.restoring.end()
  }

  /** The snapshot has all changes of a worker up to this version. */
  noteSeen(worker: number, version: number): void {
    this.seenVersions[worker] = version
  }

  /**
   * True for a change that the snapshot has. It must not be applied again: a later one of another worker may be in no
   * journal any more, if it was a removal or another expiry.
   */
  hasSeen(worker: number, { kind, version }: JournalRecord): boolean {
    if (kind !== RecordKind.STORED && kind !== RecordKind.REMOVED && kind !== RecordKind.TOUCHED) return false
    return version <= (this.seenVersions[worker] ?? 0)
  }

  /** Applies the reader's current record. */
  apply(reader: RecordReader): void {
    const { record } = reader
    this.recordCount++
    this.flushedPrefixes.note(record)
    if (record.version > this.version) this.version = record.version
    this.reap()
    if (record.time !== 0 && record.time <= this.present) this.mayHoldExpired = true
    switch (record.kind) {
      case RecordKind.STORED:
        if (this.isOver(record)) this.removeOlder(reader)
        else this.restore(reader)
        break
      case RecordKind.REMOVED:
        this.removeOlder(reader)
        break
      case RecordKind.TOUCHED:
        this.touch(reader)
        break
      case RecordKind.FLUSHED:
        this.raiseBoundary(record.version)
        if (record.version >= this.dueVersion) this.dueTime = 0
        break
      case RecordKind.PREFIX_FLUSHED:
        this.flushPrefix(reader)
        break
      case RecordKind.FLUSH_DUE:
        this.noteDue(record)
        break
      default:
    }
  }

  // ─── expiry and flushes ────────────────────────────────────────────────────────────────────────────────────────────

  private isOver(record: JournalRecord): boolean {
    if (record.version <= this.boundary) return true
    return record.time !== 0 && record.time <= this.store.clock.now
  }

  /** Each worker has a record of a flush, and some are late. */
  private noteDue({ time, version }: JournalRecord): void {
    if (version < this.boundary || version < this.dueVersion) return
    this.dueTime = time
    this.dueVersion = version
  }

  /** All restored items up to this version are dead, and usually so are their segments. */
  private raiseBoundary(version: number): void {
    if (version <= this.boundary) return
    this.boundary = version
    this.store.restoring.restoreFlush(version, 0)
    this.store.restoring.noteFlush()
  }

  /**
   * Items of the prefix are dead for the store from now on. They are buried when memory is short, when there are too many such
   * prefixes, or once the server serves.
   */
  private flushPrefix(reader: RecordReader): void {
    const { keyLength, version } = reader.record
    const prefixStart = this.scratch.copyKey(reader, 0)
    if (version <= this.boundary) return
    this.flushedPrefixes.flush(prefixStart, keyLength, version)
  }

  // ─── items ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private restore(reader: RecordReader): void {
    const { record } = reader
    const { store, ageLimit } = this
    this.accessTime = record.accessTime === 0 ? store.clock.now : record.accessTime
    this.frequency = record.frequency
    if (ageLimit !== undefined && !ageLimit.admits(record)) this.leftOutCount++
    else if (store.items.needsPieces(record.keyLength, record.valueLength)) this.restoreLong(reader)
    else this.restoreShort(reader)
  }

  private restoreShort(reader: RecordReader): void {
    const { store, arena, scratch } = this
    const { keyLength, valueLength, version } = reader.record
    const past = this.past(version)
    const keyStart = reader.hasParts ? scratch.copyKey(reader, 0) : scratch.copyOn(reader)
    const valueStart = keyStart + keyLength
    for (let offset = keyLength; reader.hasParts && reader.nextPart(); ) {
      scratch.copy(reader.bytes, reader.partStart, reader.partEnd, offset)
      offset += reader.partEnd - reader.partStart
    }
    if (reader.isPartial) return
    this.draftItem(keyStart, reader.record)
    if (!store.makeRoom() && !(this.flushedPrefixes.bury() && store.makeRoom())) {
      this.leftOutCount++
      this.removeUpTo(keyStart, keyLength, version)
      return
    }
    const present = store.lock(keyStart, keyLength)
    if (present === MISSING || versionOf(store.words, present) < version) {
      const item = store.create()
      arena.move(store.valueAddress(item), valueStart, valueLength)
      this.giveOwnCas(item, reader.record)
      store.republish(item, present, past)
    }
    store.release()
  }

  private restoreLong(reader: RecordReader): void {
    const { store, scratch } = this
    const { keyLength, valueLength, version } = reader.record
    const past = this.past(version)
    const keyStart = scratch.copyKey(reader, reader.hasParts ? 0 : valueLength)
    this.draftItem(keyStart, reader.record)
    const staged = store.stage(false) ?? (this.flushedPrefixes.bury() ? store.stage(false) : undefined)
    if (staged === undefined) {
      if (!isWhole(reader)) return
      this.leftOutCount++
      this.removeUpTo(keyStart, keyLength, version)
      return
    }
    if (!reader.hasParts) staged.copyIn(keyStart + keyLength, valueLength)
    while (reader.hasParts && reader.nextPart()) {
      for (let start = reader.partStart; start < reader.partEnd; start += COPIED_LENGTH_MAX) {
        const length = Math.min(COPIED_LENGTH_MAX, reader.partEnd - start)
        staged.copyIn(scratch.copy(reader.bytes, start, start + length, COPIED_AT), length)
      }
    }
    const present = reader.isPartial ? MISSING : store.lock(keyStart, keyLength)
    if (reader.isPartial || (present !== MISSING && versionOf(store.words, present) >= version)) {
      staged.discard()
    } else {
      this.giveOwnCas(staged.item, reader.record)
      store.republish(staged.item, present, past)
      staged.release()
    }
    store.release()
  }

  private draftItem(keyStart: number, record: JournalRecord): void {
    const { draft } = this.store
    draft.keyStart = keyStart
    draft.keyLength = record.keyLength
    draft.valueLength = record.valueLength
    draft.clientFlags = record.clientFlags
    draft.expiry = record.time
    draft.moreFlags = record.itemFlags
  }

  private removeOlder(reader: RecordReader): void {
    const { keyLength, version } = reader.record
    const keyStart = this.scratch.copyKey(reader, 0)
    if (isWhole(reader)) this.removeUpTo(keyStart, keyLength, version)
  }

  /** Removes the item under the key, unless it is newer. */
  private removeUpTo(keyStart: number, keyLength: number, version: number): void {
    const { store } = this
    const present = store.lock(keyStart, keyLength)
    if (present !== MISSING && versionOf(store.words, present) < version) store.remove(present)
    store.release()
  }

  private touch(reader: RecordReader): void {
    const { store, scratch } = this
    const { keyLength, version, time } = reader.record
    const keyStart = scratch.copyKey(reader, 0)
    const present = store.lock(keyStart, keyLength)
    if (present === MISSING || versionOf(store.words, present) > version) store.release()
    else if (time !== 0 && time <= store.clock.now) {
      store.remove(present)
      store.release()
    } else if (store.touch(present, time)) store.release()
    else this.copyWithExpiry(keyStart, present, time)
  }

  /** An item without an expiry has no word for one: a copy replaces it. No other thread runs yet. */
  private copyWithExpiry(keyStart: number, locked: number, expiry: number): void {
    const { store, arena } = this
    const { draft, words } = store
    store.items.draftCopy(draft, locked, keyStart)
    const { keyLength, valueLength } = draft
    draft.expiry = expiry
    draft.moreFlags = flagsOf(words, locked) & KEPT_FLAGS
    const isStaged = isLong(words, locked)
    store.release()
    const staged = isStaged ? store.stage(false) : undefined
    // No segment has room for a long value in one piece.
    const hasRoom = isStaged ? staged !== undefined : store.makeRoom()
    const present = store.lock(keyStart, keyLength)
    if (present === MISSING || !hasRoom) {
      staged?.discard()
      if (present !== MISSING) {
        this.leftOutCount++
        store.remove(present)
      }
    } else if (staged !== undefined) {
      store.items.eachPart(present, { add: (start, length) => staged.copyIn(start, length) })
      this.copyOwnCas(staged.item, present)
      store.substitute(staged.item, present)
      staged.release()
    } else {
      const copy = store.create()
      arena.move(store.valueAddress(copy), store.valueAddress(present), valueLength)
      this.copyOwnCas(copy, present)
      store.substitute(copy, present)
    }
    store.release()
  }

  private copyOwnCas(copy: number, item: number): void {
    const { words } = this.store
    if (flagsOf(words, item) & Flag.OWN_CAS) setOwnCas(words, copy, casHigh(words, item), casLow(words, item))
  }

  private giveOwnCas(item: number, { fields, ownCasHigh, ownCasLow }: JournalRecord): void {
    if (fields & Field.OWN_CAS) setOwnCas(this.store.words, item, ownCasHigh, ownCasLow)
  }

  private past(version: number): Past {
    return { version, accessTime: this.accessTime, frequency: this.frequency }
  }
}

/** Skips the value of a record. False if the value was never completed: then the change has not happened. */
function isWhole(reader: RecordReader): boolean {
  while (reader.nextPart());
  return !reader.isPartial
}

/** With fewer free segments, expired items are reaped before more are restored. */
const SHORT_SHARE = 1 / 4

/** The segments that cleaning keeps for each worker, and those that are half empty. */
const SEGMENTS_FOR_CLEANING = 2
const SEGMENTS_HALF_EMPTY = 2

/** The part of a long value that is copied behind the key. */
const COPIED_AT = 256
const COPIED_LENGTH_MAX = 64 * 1024
