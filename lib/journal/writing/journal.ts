import type { Arena } from '../../arena/arena.js'
import { Counter, type Counters } from '../../metrics/counters.js'
import { expiryOf, isLong, keyLengthOf, versionOf } from '../../store/item/item.js'
import type { ChangeListener } from '../../store/listeners/change-listener.js'
import type { Restoring } from '../../store/restoring.js'
import type { Clock } from '../../store/time/clock.js'
import type { Files } from '../disk/files.js'
import { encodeFinished } from '../format/finished.js'
import { RecordKind } from '../format/format.js'
import { type RecordedStore, writeItemRecord, writeKeyRecord, writeMark } from '../format/record.js'
import { type BegunJournal, beginJournal, openJournal, RESERVED_AHEAD, removeBegun } from './begun-journal.js'
import { type Board, type FigureRow, JournalFigure, KeeperFigure } from './board.js'
import type { Fsync } from './fsync.js'
import { GrantedRoom } from './granted-room.js'
import type { JournalFile } from './journal-file.js'
import type { KeptJournal } from './kept-journal.js'
import { type LinkedStore, linkedValueOf } from './linked-value.js'
import type { RoomWaiter, SafetyWaiter } from './waiters.js'
import { Writer } from './writer.js'

/** The part of a store that a journal needs. */
export interface JournaledStore extends LinkedStore, RecordedStore {
  readonly clock: Clock
  readonly counters: Counters
  /** The version of the latest change. */
  readonly latestVersion: number
  /** Past and delayed flushes, received by any worker. */
  readonly restoring: Pick<Restoring, 'flushBoundary' | 'flushDueTime' | 'flushDueVersion'>
}

export interface JournalParts {
  readonly arena: Arena
  /** `Journal.REGION_LENGTH` bytes of the arena. */
  readonly region: number
  /** Where the journal publishes its state, and sees whether others have failed. */
  readonly board: Board
  readonly store: JournaledStore
  readonly files: Files
  readonly directory: string
  readonly worker: number
  readonly fsync: Fsync
  readonly onFailed: (error: Error) => void
  /** It may soon have no more room, unless the keeper grants more. No reply is required. */
  readonly onShort?: () => void
}

/**
 * The journal of one worker: it receives every change to the store, and makes a record of each. Replies are sent when
 * the records of the changes that they acknowledge are safe:
 *
 *     const count = journal.changeCount
 *     journal.commit()
 *     if (!journal.isSafe(count)) journal.wait(count, replies)
 *
 * Versions are reserved before they are used: a record says up to where, far ahead. So even a version that was only in a
 * lost record is never used again.
 *
 * When the disk fails one journal, the journals of all workers refuse changes, until a snapshot is complete.
 */
export class Journal implements ChangeListener, KeptJournal {
  generation: number
  private readonly parts: JournalParts
  private readonly row: FigureRow<JournalFigure>
  private readonly arena: Arena
  private readonly store: JournaledStore
  private readonly clock: Clock
  private readonly writer: Writer
  private readonly room: GrantedRoom
  private reservedTo: number
  /** The flushes that it has recorded. */
  private knownBoundary: number
  private knownDueVersion: number
  private lastTime = 0
  private committedCount = 0
  /** Bytes that are written or waiting. */
  private recordedLength = 0
  private seenLength = 0
  /** After a failure: until a snapshot has the data that the disk may have lost. */
  private isRefusing = false
  private safeCountAtFailure = 0
  /** Older files that are completely on disk, without a record of that yet. */
  private readonly finished: JournalFile[] = []

  static readonly REGION_LENGTH = Writer.REGION_LENGTH

  private constructor(parts: JournalParts, file: JournalFile, begun: BegunJournal) {
    this.parts = parts
    this.row = parts.board.journals[parts.worker]!
    this.arena = parts.arena
    this.store = parts.store
    this.clock = parts.store.clock
    this.generation = begun.generation
    this.reservedTo = begun.reservedTo
    // Another worker may have carried out a flush since the file was begun.
    this.knownBoundary = begun.flushBoundary
    this.knownDueVersion = begun.flushDueVersion
    this.writer = new Writer({
      arena: parts.arena,
      region: parts.region,
      row: this.row,
      file,
      fsync: parts.fsync,
      isDiskBusy: () => parts.board.keeper.get(KeeperFigure.isTakingSnapshot) !== 0,
      onProgress: () => this.publish(),
      onFinished: (older) => this.finished.push(older),
      onFailed: (error) => this.failed(error),
    })
    this.room = new GrantedRoom(this.row, this.writer, parts.onShort)
    this.publish()
  }

  /** Continues a file that was begun. */
  static async open(parts: JournalParts, begun: BegunJournal): Promise<Journal> {
    return new Journal(parts, await openJournal(parts, begun), begun)
  }

  // ─── called by connections ─────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The count of records that must be safe before the changes made until now may be acknowledged. While changes are
   * refused, nothing is recorded that a reply could acknowledge.
   */
  get changeCount(): number {
    return this.isRefusing ? this.safeCountAtFailure : this.writer.appendedCount
  }

  /** Starts the write of everything recorded since the last time. */
  commit(): void {
    const { writer } = this
    if (writer.appendedCount === this.committedCount) return
    this.committedCount = writer.appendedCount
    writer.commit()
    this.publish()
  }

  isSafe(count: number): boolean {
    return count <= (this.isRefusing ? this.safeCountAtFailure : this.writer.safeCount)
  }

  wait(count: number, waiter: SafetyWaiter): void {
    if (this.isRefusing) waiter.committed(false)
    else this.writer.wait(count, waiter)
  }

  /** False: a request for a change has to wait. */
  get hasRoom(): boolean {
    return this.writer.hasRoom || this.isRefusing || this.parts.board.isRefusing
  }

  waitForRoom(waiter: RoomWaiter): void {
    this.writer.waitForRoom(waiter)
  }

  /** False: changes are refused. Also if values that were in transit have used space that the disk keeps for removals. */
  get isTaking(): boolean {
    return !this.parts.board.isRefusing && this.writer.hasReserve && !this.isBeyond(JournalFigure.refuseAt)
  }

  /** False: removals are refused, too. On a full disk they are accepted as long as it has space for their records. */
  get isTakingRemovals(): boolean {
    return this.isTakingUpTo(JournalFigure.refuseRemovalsAt)
  }

  /** Flushes are accepted after other removals have used their space. */
  get isTakingFlushes(): boolean {
    return this.isTakingUpTo(JournalFigure.refuseFlushesAt)
  }

  private isTakingUpTo(figure: JournalFigure): boolean {
    return !this.parts.board.hasFailed && this.writer.hasReserve && !this.isBeyond(figure)
  }

  private isBeyond(figure: JournalFigure): boolean {
    const bound = this.row.get(figure)
    return bound > 0 && this.recordedLength >= bound
  }

  // ─── called by the store ───────────────────────────────────────────────────────────────────────────────────────────

  stored(item: number): void {
    const { arena, store, writer } = this
    const { words } = store
    if (!this.begin(versionOf(words, item))) return
    if (isLong(words, item)) this.storedLong(item)
    else writer.appended(writeItemRecord(arena, writer.cursor, store, item, false))
  }

  /** Counts at once: many long values may arrive in one turn, and have not waited for room. */
  private storedLong(item: number): void {
    this.writer.appendLinked(this.store, item, linkedValueOf(item, this.arena, this.store))
    this.publish()
  }

  removed(keyStart: number, keyLength: number, version: number): void {
    if (!this.begin(version)) return
    const { arena, writer } = this
    writer.appended(writeKeyRecord(arena, writer.cursor, RecordKind.REMOVED, version, keyStart, keyLength))
  }

  /** An evicted item may still be in a journal, or in a snapshot. */
  forgotten(keyStart: number, keyLength: number, version: number): void {
    this.removed(keyStart, keyLength, version)
  }

  /** The record of the item has its expiry. */
  expired(): void {}

  /** Recovery may bring the item back: a cache may have it or not. */
  evicted(): void {}

  flushBegins(): void {}

  touched(item: number, version: number): void {
    if (!this.begin(version)) return
    const { arena, store, writer } = this
    const { words } = store
    const [keyStart, keyLength] = [store.keyAddress(item), keyLengthOf(words, item)]
    const time = expiryOf(words, item)
    writer.appended(
      writeKeyRecord(arena, writer.cursor, RecordKind.TOUCHED, version, keyStart, keyLength, time),
    )
  }

  flushed(version: number): void {
    this.knownBoundary = version
    if (this.begin(version)) this.mark(RecordKind.FLUSHED, version)
  }

  flushDue(time: number, version: number): void {
    this.knownDueVersion = version
    if (this.begin(version)) this.mark(RecordKind.FLUSH_DUE, version, time)
  }

  /** No other worker changes anything meanwhile: all that its journal records later comes after the flush. */
  prefixFlushed(prefixStart: number, prefixLength: number, version: number): void {
    if (!this.begin(version)) return
    const { arena, writer } = this
    const kind = RecordKind.PREFIX_FLUSHED
    writer.appended(writeKeyRecord(arena, writer.cursor, kind, version, prefixStart, prefixLength))
  }

  // ─── called by the keeper ──────────────────────────────────────────────────────────────────────────────────────────

  /** Call this every second. */
  tick(): void {
    const mayNote = this.writer.error === undefined && !this.isBeyond(JournalFigure.refuseFlushesAt)
    if (mayNote && this.clock.now !== this.lastTime && this.wasAsked) this.noteTime()
    if (this.writer.error === undefined && this.writer.hasReserve) this.noteFinished()
    this.commit()
    this.writer.tick()
  }

  /**
   * Switches to a file of a later generation, in the directory of this identity. Rejects if the disk fails or another directory
   * is in its place, and may then be called again.
   */
  async rotate(generation: number, identity?: string): Promise<void> {
    if (generation <= this.generation) throw new Error(`its generation is ${this.generation} already`)
    const begun = await beginJournal({ ...this.parts, identity }, generation, this.reservedTo)
    const file = await openJournal(this.parts, begun)
    this.reservedTo = begun.reservedTo
    this.lastTime = 0
    const before = this.writer.file
    await this.writer.switchTo(file)
    const isSwitched = this.writer.file === file
    if (isSwitched) this.row.add(JournalFigure.leftLength, before.length)
    this.publish()
    if (isSwitched) this.generation = generation
    else await removeBegun(this.parts, begun)
    if (this.writer.error !== undefined) throw this.writer.error
  }

  /** Resolves once everything recorded is on disk. */
  sync(): Promise<void> {
    return this.writer.sync()
  }

  /** A snapshot has everything: changes are accepted again. */
  async resume(): Promise<void> {
    if (!this.isRefusing || this.writer.error !== undefined) return
    this.isRefusing = false
    this.parts.board.countFailed(-1)
  }

  /** The files on disk are not reliable any more: refuses changes until a snapshot is complete. */
  fail(error: Error): void {
    if (this.writer.error === undefined) this.writer.fail(error)
  }

  get error(): Error | undefined {
    return this.isRefusing ? (this.writer.error ?? new Error('a snapshot is due')) : undefined
  }

  /** Length of the current file. */
  get fileLength(): number {
    return this.writer.file.length
  }

  /** Its state, as on the board. */
  get figures(): FigureRow<JournalFigure> {
    this.publish()
    return this.row
  }

  roomChanged(): void {
    this.publish()
    this.writer.wakeForRoom(() => this.hasRoom)
  }

  /** Records a clean end. */
  async close(): Promise<void> {
    try {
      if (this.writer.error === undefined) this.mark(RecordKind.CLOSED, this.store.latestVersion)
      await this.writer.sync()
    } finally {
      this.writer.close()
    }
  }

  // ─── records ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Called before each record. False if none can be written. */
  private begin(version: number): boolean {
    if (this.writer.error !== undefined) return false
    if (!this.writer.hasReserve) {
      // A caller has not checked `isTaking`: a journal that records a gap is better than one that does not.
      this.writer.fail(new Error('more was changed than the journal has room for'))
      return false
    }
    if (this.clock.now !== this.lastTime) this.noteTime()
    this.noteFlushes()
    if (version > this.reservedTo - RESERVED_AHEAD / 2) this.reserve(version)
    return true
  }

  /**
   * Only one worker receives a flush. The journals of the others record it before their next record: that may be on disk before
   * the record of the flush, and recovery must know which came first.
   */
  private noteFlushes(): void {
    const { flushBoundary, flushDueVersion, flushDueTime } = this.store.restoring
    if (flushBoundary !== this.knownBoundary) this.mark(RecordKind.FLUSHED, flushBoundary)
    this.knownBoundary = flushBoundary
    const isNewlyDue = flushDueVersion !== this.knownDueVersion && flushDueTime !== 0
    if (isNewlyDue) this.mark(RecordKind.FLUSH_DUE, flushDueVersion, flushDueTime)
    this.knownDueVersion = flushDueVersion
  }

  /** A client may have seen the time, by what has expired. An idle server does not write to its disk. */
  private get wasAsked(): boolean {
    const seen = this.seenLength
    this.seenLength = this.store.counters.read(Counter.bytes_read)
    return this.seenLength !== seen
  }

  private noteTime(): void {
    this.lastTime = this.clock.now
    this.mark(RecordKind.TIME, 0, this.lastTime)
  }

  private noteFinished(): void {
    const { arena, writer } = this
    for (const file of this.finished.splice(0)) {
      const record = encodeFinished(file)
      record.copy(arena.bytes, writer.cursor)
      writer.appended(writer.cursor + record.length)
    }
  }

  private reserve(version: number): void {
    this.reservedTo = version + RESERVED_AHEAD
    this.mark(RecordKind.RESERVED, this.reservedTo)
  }

  private mark(kind: RecordKind, version: number, time?: number): void {
    this.writer.appended(writeMark(this.arena, this.writer.cursor, kind, version, time))
  }

  private failed(error: Error): void {
    if (!this.isRefusing) {
      this.safeCountAtFailure = this.writer.safeCount
      this.isRefusing = true
      this.parts.board.countFailed(1)
    }
    this.parts.onFailed(error)
  }

  /** Publishes its state on the board; the writer counts its own work there. */
  private publish(): void {
    const { row } = this
    const { unwrittenLength, file } = this.writer
    row.set(JournalFigure.unwritten, unwrittenLength)
    row.set(JournalFigure.unsynced, file.length - file.durableLength)
    row.set(JournalFigure.fileLength, file.length)
    const recorded = row.get(JournalFigure.bytes) + unwrittenLength
    row.set(JournalFigure.recorded, recorded)
    this.recordedLength = recorded
    this.room.compare(recorded)
  }
}
