import type { Arena } from '../arena/arena.js'
import { Counter, type Counters } from '../metrics/counters.js'
import type { ChangeListener } from '../store/changes.js'
import type { Clock } from '../store/clock.js'
import { expiryOf, isLong, keyLengthOf, keyStartOf, versionOf } from '../store/item.js'
import { type FileHeader, journalName, newSeed } from './file-header.js'
import type { Files } from './files.js'
import { FileKind, RecordKind } from './format.js'
import { JournalFile } from './journal-file.js'
import type { LinkedValue } from './linked-value.js'
import { encodeRecord, writeItemRecord, writeKeyRecord, writeMark } from './record.js'
import type { Waiter } from './waiters.js'
import { type Fsync, Writer } from './writer.js'

/** The part of a store that a journal needs: long values stay where they are while they are written. */
export interface JournaledStore {
  readonly clock: Clock
  readonly counters: Counters
  /** The version of the latest change. */
  readonly latestVersion: number
  eachPart(item: number, pieces: { add(start: number, length: number): void }): void
  pin(start: number): void
  unpin(start: number): void
}

export interface JournalParts {
  readonly arena: Arena
  /** `Journal.REGION_LENGTH` bytes of the arena. */
  readonly region: number
  readonly store: JournaledStore
  readonly files: Files
  readonly directory: string
  readonly generation: number
  readonly worker: number
  readonly fsync: Fsync
  readonly onFailed: (error: Error) => void
}

/**
 * The journal of one worker: it hears of every change to the store, and makes a record of each. A connection brings the
 * records of its requests on their way before it sends the replies, and waits where they are not safe at once:
 *
 *     const count = journal.commit()
 *     if (count > 0 && !journal.isSafe(count)) journal.wait(count, connection)
 *
 * Versions are promised before they are given away: a record tells up to where, far ahead. So even a version that only a
 * lost record had is never given away again.
 */
export class Journal implements ChangeListener {
  readonly worker: number
  readonly fsync: Fsync
  generation: number
  private readonly parts: JournalParts
  private readonly arena: Arena
  private readonly clock: Clock
  private readonly writer: Writer
  private reservedTo: number
  private lastTime = 0
  private committedCount = 0
  private seenLength = 0
  /** After a failure: until a snapshot holds what the disk may have lost. */
  private isRefusing = false
  private safeCountAtFailure = 0

  static readonly REGION_LENGTH = Writer.REGION_LENGTH

  private constructor(parts: JournalParts, file: JournalFile, reservedTo: number) {
    this.parts = parts
    this.arena = parts.arena
    this.clock = parts.store.clock
    this.worker = parts.worker
    this.fsync = parts.fsync
    this.generation = parts.generation
    this.reservedTo = reservedTo
    this.writer = new Writer({
      arena: parts.arena,
      region: parts.region,
      file,
      fsync: parts.fsync,
      onFailed: (error) => this.failed(error),
    })
  }

  /** A journal with a file of its own, which is on disk. */
  static async open(parts: JournalParts): Promise<Journal> {
    const reservedTo = parts.store.latestVersion + RESERVED_AHEAD
    return new Journal(parts, await createFile(parts, parts.generation, reservedTo), reservedTo)
  }

  // ─── what connections ask ──────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Brings what has been recorded since the last time on its way. Answers the count of records that has to be safe before
   * any of that may be acknowledged; 0 when there was nothing.
   */
  commit(): number {
    const { writer } = this
    if (writer.appendedCount === this.committedCount) return 0
    this.committedCount = writer.appendedCount
    const isRefusing = this.isRefusing
    writer.commit()
    // While changes are refused, nothing is recorded that anybody is to be told of.
    return isRefusing ? 0 : this.committedCount
  }

  isSafe(count: number): boolean {
    return count <= (this.isRefusing ? this.safeCountAtFailure : this.writer.safeCount)
  }

  wait(count: number, waiter: Waiter): void {
    if (this.isRefusing) waiter.committed(false)
    else this.writer.wait(count, waiter)
  }

  /** False: who wants to change something waits first. */
  get hasRoom(): boolean {
    return this.writer.hasRoom || this.isRefusing
  }

  waitForRoom(waiter: Waiter): void {
    this.writer.waitForRoom(waiter)
  }

  /** False: changes are refused. */
  get isTaking(): boolean {
    return !this.isRefusing && this.writer.hasReserve
  }

  // ─── what the store tells ──────────────────────────────────────────────────────────────────────────────────────────

  stored(item: number): void {
    const { arena, writer } = this
    const { words } = arena
    if (!this.begin(versionOf(words, item))) return
    if (isLong(words, item)) writer.appendLinked(item, this.linkedValue(item))
    else writer.appended(writeItemRecord(arena, writer.cursor, item, false))
  }

  removed(keyStart: number, keyLength: number, version: number): void {
    if (!this.begin(version)) return
    const { arena, writer } = this
    writer.appended(writeKeyRecord(arena, writer.cursor, RecordKind.REMOVED, version, keyStart, keyLength))
  }

  touched(item: number, version: number): void {
    if (!this.begin(version)) return
    const { arena, writer } = this
    const { words } = arena
    const [keyStart, keyLength] = [keyStartOf(words, item), keyLengthOf(words, item)]
    const time = expiryOf(words, item)
    writer.appended(
      writeKeyRecord(arena, writer.cursor, RecordKind.TOUCHED, version, keyStart, keyLength, time),
    )
  }

  flushed(version: number): void {
    if (this.begin(version)) this.mark(RecordKind.FLUSHED, version)
  }

  flushDue(time: number, version: number): void {
    if (this.begin(version)) this.mark(RecordKind.FLUSH_DUE, version, time)
  }

  // ─── what the keeper asks ──────────────────────────────────────────────────────────────────────────────────────────

  /** To be called every second. */
  tick(): void {
    if (this.writer.error === undefined && this.clock.now !== this.lastTime && this.wasAsked) this.noteTime()
    this.commit()
    this.writer.tick()
  }

  /** Goes on in a file of another generation. Rejects when the disk fails. */
  async rotate(generation: number): Promise<void> {
    const reservedTo = Math.max(this.reservedTo, this.parts.store.latestVersion + RESERVED_AHEAD)
    const file = await createFile(this.parts, generation, reservedTo)
    this.reservedTo = reservedTo
    this.lastTime = 0
    await this.writer.switchTo(file)
    if (this.writer.error !== undefined) throw this.writer.error
    this.generation = generation
  }

  /** Fulfilled once everything that has been recorded is on disk. */
  sync(): Promise<void> {
    return this.writer.sync()
  }

  /** A snapshot holds everything: changes are taken again. */
  resume(): void {
    if (this.writer.error === undefined) this.isRefusing = false
  }

  get error(): Error | undefined {
    return this.isRefusing ? (this.writer.error ?? new Error('a snapshot is due')) : undefined
  }

  /** Length of the file that is written to. */
  get fileLength(): number {
    return this.writer.file.length
  }

  get figures(): Readonly<Writer['figures']> & { readonly unwritten: number; readonly unsynced: number } {
    const { figures, unwrittenLength, file } = this.writer
    return { ...figures, unwritten: unwrittenLength, unsynced: file.length - file.durableLength }
  }

  /** Says that it ends in order. */
  async close(): Promise<void> {
    try {
      if (this.writer.error === undefined) this.mark(RecordKind.CLOSED, this.parts.store.latestVersion)
      await this.writer.sync()
    } finally {
      this.writer.close()
    }
  }

  // ─── records ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Before each record. False when none can be written. */
  private begin(version: number): boolean {
    if (this.writer.error !== undefined) return false
    if (!this.writer.hasReserve) {
      // Nobody asked `isTaking`: rather a journal that says that it lacks something than one that does not.
      this.writer.fail(new Error('more was changed than the journal has room for'))
      return false
    }
    if (this.clock.now !== this.lastTime) this.noteTime()
    if (version > this.reservedTo - RESERVED_AHEAD / 2) this.reserve(version)
    return true
  }

  /** Somebody may have seen what time it was, by what has expired. An idle server leaves its disk in peace. */
  private get wasAsked(): boolean {
    const seen = this.seenLength
    this.seenLength = this.parts.store.counters.read(Counter.bytes_read)
    return this.seenLength !== seen
  }

  private noteTime(): void {
    this.lastTime = this.clock.now
    this.mark(RecordKind.TIME, 0, this.lastTime)
  }

  private reserve(version: number): void {
    this.reservedTo = version + RESERVED_AHEAD
    this.mark(RecordKind.RESERVED, this.reservedTo)
  }

  private mark(kind: RecordKind, version: number, time?: number): void {
    this.writer.appended(writeMark(this.arena, this.writer.cursor, kind, version, time))
  }

  private linkedValue(item: number): LinkedValue {
    const { arena, parts } = this
    const starts: number[] = []
    const pieces: Buffer[] = []
    parts.store.eachPart(item, {
      add(start, length) {
        parts.store.pin(start)
        starts.push(start)
        pieces.push(arena.view(start, start + length))
      },
    })
    return {
      pieces,
      release: () => {
        for (const start of starts) parts.store.unpin(start)
      },
    }
  }

  private failed(error: Error): void {
    if (!this.isRefusing) this.safeCountAtFailure = this.writer.safeCount
    this.isRefusing = true
    this.parts.onFailed(error)
  }
}

async function createFile(parts: JournalParts, generation: number, reservedTo: number): Promise<JournalFile> {
  const { files, directory, worker, store } = parts
  const header: FileHeader = { kind: FileKind.JOURNAL, generation, worker, seed: newSeed() }
  const body = Buffer.concat([
    encodeRecord({ kind: RecordKind.TIME, version: 0, time: store.clock.now }),
    encodeRecord({ kind: RecordKind.RESERVED, version: reservedTo }),
  ])
  return JournalFile.create(files, directory, journalName(generation, worker), header, body)
}

/** Versions are promised so far ahead: more are not given away before the promise is on disk. */
export const RESERVED_AHEAD = 2 ** 34
