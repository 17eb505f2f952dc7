import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from '../../arena/arena.js'
import { Life } from '../../store/expiry/expiry.js'
import { isLong, MISSING, nextPieceOf, sizeOf, valueLengthOf } from '../../store/item/item.js'
import type { Store } from '../../store/store.js'
import { type Files, pathIn } from '../disk/files.js'
import { NEW_SUFFIX, newSeed, snapshotName } from '../format/file-header.js'
import { FileKind, FRAME_CHECKSUM, FrameFlag, RecordKind } from '../format/format.js'
import { encodeFrame, frameAround } from '../format/frame.js'
import { encodeRecord, itemRecordLength, writeItemRecord } from '../format/record.js'
import {
  AGE_GROUP_COUNT,
  ageGroup,
  encodeSummary,
  INDEX_LENGTH_PER_ITEM,
  type Summary,
} from '../format/summary.js'
import { addChecksum } from '../recovery/frame-reader.js'
import { FrameBuffer } from '../writing/frame-buffer.js'
import { JournalFile, settled } from '../writing/journal-file.js'
import { pinnedPieces, takePart } from '../writing/linked-value.js'

export interface SnapshotParts {
  readonly files: Files
  readonly directory: string
  readonly generation: number
  readonly arena: Arena
  /** `Snapshot.REGION_LENGTH` bytes of the arena. */
  readonly region: number
  readonly store: Store
  /** Resolves once everything in the journals is on disk. A snapshot must not have more than they do. */
  readonly syncJournals: () => Promise<void>
  /** This many bytes are written. Returns true if journals grow too fast: then pauses are shorter. */
  readonly isBehind: (writtenLength: number) => boolean
  /** Whether the disk has space for so many bytes more. */
  readonly mayWrite: (length: number) => boolean
  /** The attempt has failed: its file will be removed. */
  readonly onAbandoned: () => void
  /** Without pauses: the thread serves no clients. */
  isHurried: boolean
  /** The snapshot was cancelled. */
  isGivenUp: boolean
}

export interface SnapshotFigures {
  readonly itemCount: number
  readonly byteLength: number
  readonly milliseconds: number
}

/**
 * Writes every item to a file while workers change them. It walks the index bucket by bucket, a few hundred
 * microseconds at a time, and writes the items of that moment: the journals of its generation, which were
 * begun before, have all changes since. If workers in other threads serve meanwhile, it waits for none of them:
 * it returns later to a bucket that a worker is writing to.
 *
 *     buckets ──▶ one of two buffers ──▶ file.new ──▶ summary, sync, rename ──▶ file
 *                 └ long or many: pinned, and written in place
 */
export class Snapshot {
  private readonly parts: SnapshotParts
  private readonly store: Store
  private filling: FrameBuffer
  private other: FrameBuffer
  private file!: JournalFile
  private writing: Promise<void> = Promise.resolve()
  /** Items of the bucket that are too large to be copied. */
  private pinned: { readonly head: Buffer; readonly starts: number[]; readonly pieces: Buffer[] }[] = []
  private checksum = 0
  private itemCount = 0
  private oldestAccess: number
  /** When the snapshot began, in absolute seconds: ages are counted back from it. */
  private readonly time: number
  private unsyncedLength = 0
  private readonly lengthByAge = new Float64Array(AGE_GROUP_COUNT)

  static readonly REGION_LENGTH = 2 * 512 * 1024

  private constructor(parts: SnapshotParts) {
    this.parts = parts
    this.store = parts.store
    this.filling = new FrameBuffer(parts.arena, parts.region, BUFFER_LENGTH)
    this.other = new FrameBuffer(parts.arena, parts.region + Snapshot.REGION_LENGTH / 2, BUFFER_LENGTH)
    this.time = parts.store.clock.now
    this.oldestAccess = this.time
  }

  /** Resolves once the snapshot is complete, on disk, and renamed. Rejects if that fails, and leaves no file. */
  static take(parts: SnapshotParts): Promise<SnapshotFigures> {
    return Snapshot.takeOf(parts, (snapshot) => snapshot.visitAll())
  }

  /**
   * The same without items, for a directory that holds nothing yet, before journals of a later generation than the first begin
   * there: without a snapshot a start refuses them. It has the latest version too, so no cas is used again. The next snapshot
   * replaces it.
   */
  static takeEmpty(parts: SnapshotParts): Promise<SnapshotFigures> {
    return Snapshot.takeOf(parts, async () => undefined)
  }

  private static async takeOf(
    parts: SnapshotParts,
    visit: (snapshot: Snapshot) => Promise<void>,
  ): Promise<SnapshotFigures> {
    const snapshot = new Snapshot(parts)
    const path = pathIn(parts.directory, snapshotName(parts.generation))
    try {
      return await snapshot.write(path, visit)
    } catch (error) {
      parts.onAbandoned()
      await parts.files.remove(path + NEW_SUFFIX).catch(() => undefined)
      throw error
    }
  }

  private async write(path: string, visit: (snapshot: Snapshot) => Promise<void>): Promise<SnapshotFigures> {
    const { files, directory, generation } = this.parts
    const begunMs = performance.now()
    const header = { kind: FileKind.SNAPSHOT, generation, worker: 0, seed: newSeed() } as const
    const first = Buffer.concat([
      encodeRecord({ kind: RecordKind.TIME, version: 0, time: this.store.clock.now }),
      ...this.seenVersions(),
      ...this.prefixFlushes(),
    ])
    // A failed attempt leaves no file, unless the removal fails too.
    await files.remove(path + NEW_SUFFIX)
    this.file = await JournalFile.create(
      files,
      directory,
      snapshotName(generation) + NEW_SUFFIX,
      header,
      first,
    )
    try {
      this.addChecksumOf(encodeFrame(first, header.seed))
      await visit(this)
      const summary = this.summaryFrame()
      await this.parts.syncJournals()
      await this.append([summary])
      await settled((done) => this.file.sync(done))
    } finally {
      await this.writing.catch(() => undefined)
      this.file.retire()
    }
    await files.rename(path + NEW_SUFFIX, path)
    await files.syncDirectory(directory)
    const milliseconds = Math.round(performance.now() - begunMs)
    return { itemCount: this.itemCount, byteLength: this.file.length, milliseconds }
  }

  /**
   * A record for each worker. Its journal of this generation may begin with changes that other workers have overtaken before,
   * and such a removal is visible only as a missing item.
   */
  private seenVersions(): Buffer[] {
    return this.store.restoring.latestVersions.map((version, worker) =>
      encodeRecord({ kind: RecordKind.CLOSED, version, time: worker + 1 }),
    )
  }

  /**
   * A record for each prefix whose items are not all buried. None of them is written here, but the record of the flush is in an
   * older journal, and a journal of this generation may begin with changes from before the flush.
   */
  private prefixFlushes(): Buffer[] {
    return this.store.restoring.prefixFlushes.map(({ prefix, version }) =>
      encodeRecord({ kind: RecordKind.PREFIX_FLUSHED, version, key: prefix }),
    )
  }

  private async visitAll(): Promise<void> {
    const { visits } = this.store
    for (let bucket = 0; bucket < visits.bucketCount; ) {
      const isBehind = this.parts.isBehind(this.file.length)
      const untilMs = performance.now() + (isBehind ? STEP_BEHIND_MS : STEP_MS)
      let isFree = true
      while (isFree && bucket < visits.bucketCount && this.canGoOn(untilMs)) {
        isFree = visits.visitBucketIfFree(bucket, (item, frequency) => {
          if (this.store.lifeOf(item) === Life.LIVE) this.take(item, frequency)
        })
        if (isFree) bucket++
      }
      await this.writePinned()
      if (this.filling.room < ROOM_FOR_BUCKET) await this.swap()
      if (!isFree) await sleep(PAUSE_MS)
      else if (!this.parts.isHurried) await (isBehind ? nextTurn() : sleep(PAUSE_MS))
      if (this.parts.isGivenUp) throw new Error('it is not wanted any more')
    }
    await this.swap()
    await this.writing
  }

  private canGoOn(untilMs: number): boolean {
    const isInTime = this.parts.isHurried || performance.now() < untilMs
    return isInTime && this.filling.room >= ROOM_FOR_BUCKET && this.pinned.length === 0
  }

  // ─── items ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private take(item: number, counted: number): void {
    const { store, filling } = this
    const { words } = store
    const accessTime = store.items.accessTime(item)
    // Items in the main queue count as used, even if they were not read since they moved there.
    const frequency = Math.max(counted, store.items.isInMainQueue(item) ? 1 : 0)
    const usage = { frequency, accessTime }
    this.itemCount++
    this.oldestAccess = Math.min(this.oldestAccess, accessTime)
    const group = ageGroup(this.time - accessTime, frequency)
    this.lengthByAge[group]! += this.takenLengthOf(item) + INDEX_LENGTH_PER_ITEM
    const isCopied = valueLengthOf(words, item) <= COPIED_LENGTH_MAX && !isLong(words, item)
    if (isCopied && itemRecordLength(words, item) <= filling.room) {
      filling.cursor = writeItemRecord(this.parts.arena, filling.cursor, store, item, false, usage)
    } else {
      this.pin(item, usage)
    }
  }

  /** The bytes of an item in its segments, including all its pieces. */
  private takenLengthOf(item: number): number {
    const { words } = this.store
    let length = sizeOf(words, item)
    if (!isLong(words, item)) return length
    for (let piece = nextPieceOf(words, item); piece !== MISSING; piece = nextPieceOf(words, piece)) {
      length += sizeOf(words, piece)
    }
    return length
  }

  /** The item does not move until it has been written. */
  private pin(item: number, usage: { frequency: number; accessTime: number }): void {
    const { starts, pieces } = pinnedPieces(item, this.parts.arena, this.store)
    this.pinned.push({ head: this.headOf(item, usage), starts, pieces })
  }

  /** The record of an item without its value, outside the arena. */
  private headOf(item: number, usage: { frequency: number; accessTime: number }): Buffer {
    const { arena } = this.parts
    const start = this.filling.end
    const end = writeItemRecord(arena, start, this.store, item, true, usage)
    return Buffer.from(arena.view(start, end))
  }

  private async writePinned(): Promise<void> {
    const pinned = this.pinned.splice(0)
    if (pinned.length === 0) return
    try {
      await this.swap()
      await this.writing
      for (const { head, pieces } of pinned) await this.writeInParts(head, pieces)
    } finally {
      await this.writing.catch(() => undefined)
      for (const { starts } of pinned) for (const start of starts) this.store.pins.unpinOnlooking(start)
    }
  }

  private async writeInParts(head: Buffer, pieces: Buffer[]): Promise<void> {
    await this.append(frameAround([head], this.file.seed, FrameFlag.CONTINUES, 0))
    while (pieces.length > 0) {
      const part = takePart(pieces)
      const flags = FrameFlag.PART | (pieces.length > 0 ? FrameFlag.CONTINUES : 0)
      await this.append(frameAround(part, this.file.seed, flags, 0))
    }
  }

  // ─── the file ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts the write of the full buffer, while the other one fills. */
  private async swap(): Promise<void> {
    const { filling } = this
    filling.seal(0, this.file.seed, 0)
    if (filling.isEmpty) return
    await this.writing
    this.filling = this.other
    this.other = filling
    this.writing = this.append([filling.view(filling.start, filling.sealedEnd)]).then(() => filling.clear())
    // The next write waits for it; until then the promise has no other reader.
    this.writing.catch(() => undefined)
  }

  /** Writes a frame. Syncs now and then, so that the disk does not collect so much that other writes are slow. */
  private async append(frame: Buffer[]): Promise<void> {
    const length = frame.reduce((sum, piece) => sum + piece.length, 0)
    if (!this.parts.mayWrite(length)) throw new Error(NO_SPACE)
    this.addChecksumOf(frame[0]!)
    await settled((done) => this.file.write(frame, done))
    this.unsyncedLength += length
    if (this.unsyncedLength < UNSYNCED_LENGTH_MAX) return
    this.unsyncedLength = 0
    await settled((done) => this.file.sync(done))
  }

  private addChecksumOf(frame: Buffer): void {
    this.checksum = addChecksum(this.checksum, frame.readUInt32LE(FRAME_CHECKSUM))
  }

  private summaryFrame(): Buffer {
    const { store } = this
    const summary: Summary = {
      version: store.latestVersion,
      flushBoundary: store.restoring.flushBoundary,
      flushDueTime: store.restoring.flushDueTime,
      time: this.time,
      itemCount: this.itemCount,
      checksum: this.checksum,
      oldestAccess: this.oldestAccess,
      lengthByAge: this.lengthByAge,
    }
    const value = encodeSummary(summary)
    return encodeFrame(
      encodeRecord({ kind: RecordKind.END, version: summary.version, value }),
      this.file.seed,
    )
  }
}

/** The rest of a region, for the head of a pinned item. */
const BUFFER_LENGTH = Snapshot.REGION_LENGTH / 2 - 512
/** A bucket is not begun with less room: few have more in small items. Items that do not fit are pinned. */
const ROOM_FOR_BUCKET = 64 * 1024
/** A longer value is written in place. */
const COPIED_LENGTH_MAX = 4 * 1024

/** The longest time that requests wait for the snapshot, and the pause in which the worker serves them. */
const STEP_MS = 0.25
const PAUSE_MS = 1
/** A snapshot that is late works longer at once, and continues in the next turn of the event loop. */
const STEP_BEHIND_MS = 1
/** With the code that a write would have failed with, and journals, too. */
const NO_SPACE = 'ENOSPC: the disk has no space for it'
const UNSYNCED_LENGTH_MAX = 16 * 1024 * 1024
