import type { Arena } from '../../arena/arena.js'
import { FRAME_HEADER_LENGTH, FrameFlag, RECORD_HEADER_LENGTH_MAX, roundUp } from '../format/format.js'
import { type RecordedStore, writeItemRecord } from '../format/record.js'
import { type FigureRow, JournalFigure } from './board.js'
import { FrameBuffer } from './frame-buffer.js'
import type { Fsync } from './fsync.js'
import type { JournalFile } from './journal-file.js'
import type { LinkedValue } from './linked-value.js'
import { type RoomWaiter, type SafetyWaiter, Waiters } from './waiters.js'
import { type Link, restLengthOf, WriteJob } from './write-job.js'

export interface WriterParts {
  readonly arena: Arena
  /** `REGION_LENGTH` bytes of the arena. */
  readonly region: number
  /** Where it counts its work. */
  readonly row: FigureRow<JournalFigure>
  readonly file: JournalFile
  readonly fsync: Fsync
  /** A snapshot or other program writes a lot to the disk: the duration of a write is unknown. */
  readonly isDiskBusy: () => boolean
  /** More is written, or on disk. */
  readonly onProgress: () => void
  /** An earlier file is completely on disk. */
  readonly onFinished: (file: JournalFile) => void
  readonly onFailed: (error: Error) => void
}

/**
 * Writes the records of one worker to its journal. They collect in one of two buffers, while the other is written:
 *
 *     append ──▶ filling ──▶ writeSync, while the disk is fast ────────────────▶ written ──▶ fdatasync ──▶ synced
 *                   └──────▶ in another thread, while it is slow or busy ──────────▲
 *
 * Records are counted, and waiters wait for a count: replies for `safeCount`, requests for changes for `hasRoom`.
 * After the first error nothing more is accepted, because the state of the disk is unknown; `restart` continues
 * with another file.
 */
export class Writer {
  appendedCount = 0
  writtenCount = 0
  syncedCount = 0
  /** The current file. */
  file: JournalFile
  error: Error | undefined = undefined
  private readonly arena: Arena
  private readonly row: FigureRow<JournalFigure>
  private readonly fsync: Fsync
  private readonly isDiskBusy: () => boolean
  private readonly onProgress: () => void
  private readonly onFinished: (file: JournalFile) => void
  private readonly onFailed: (error: Error) => void
  /** Room in the buffer that is kept free. */
  private roomLeft = ROOM_LEFT
  private filling: FrameBuffer
  private other: FrameBuffer
  /** Long values among the contents of `filling`: each belongs where the buffer was sealed. */
  private links: Link[] = []
  /** The job in another thread. */
  private job: WriteJob | undefined = undefined
  private isSyncing = false
  /** The last synchronous write was slow, and no write in another thread was fast since. */
  private isSlow = false
  private readonly waiters = new Waiters()
  /** Earlier files whose last bytes may not be on disk. */
  private retired: JournalFile[] = []
  private next: { readonly file: JournalFile; readonly onSwitched: () => void } | undefined = undefined
  /** Callers that wait for a sync, whatever the mode. */
  private syncWanted: { readonly count: number; readonly resolve: () => void }[] = []
  /** Incremented with every failure: results of operations begun before are ignored. */
  private epoch = 0
  private readonly wakeWaiters = () => this.wake()
  private readonly mayTake = () => this.hasRoom

  constructor(parts: WriterParts) {
    this.arena = parts.arena
    this.row = parts.row
    this.file = parts.file
    this.fsync = parts.fsync
    this.isDiskBusy = parts.isDiskBusy
    this.onProgress = parts.onProgress
    this.onFinished = parts.onFinished
    this.onFailed = parts.onFailed
    this.filling = new FrameBuffer(parts.arena, parts.region, BUFFER_LENGTH)
    this.other = new FrameBuffer(parts.arena, parts.region + BUFFER_LENGTH, BUFFER_LENGTH)
  }

  static readonly REGION_LENGTH = 2 * 4 * 1024 * 1024

  // ─── appending ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Where the next record is written; `appended` receives its end. */
  get cursor(): number {
    return this.filling.cursor
  }

  appended(end: number): void {
    this.filling.cursor = end
    this.appendedCount++
  }

  /** Appends the record of an item whose value is written in place. */
  appendLinked(store: RecordedStore, item: number, value: LinkedValue): void {
    const { filling, file } = this
    filling.seal(0, file.seed, file.durableLength)
    this.appended(writeItemRecord(this.arena, filling.cursor, store, item, true))
    filling.seal(FrameFlag.CONTINUES, file.seed, file.durableLength)
    this.links.push({ at: filling.sealedEnd, value })
  }

  /** False: a request for a change has to wait. The reserve is left for changes that cannot wait. */
  get hasRoom(): boolean {
    return this.filling.room > this.roomLeft && this.links.length === 0
  }

  /** False: even changes that cannot wait do not fit. */
  get hasReserve(): boolean {
    return this.filling.room > RESERVE_LEFT
  }

  /** May take at most this many bytes more, until the next progress is reported. */
  limit(length: number): void {
    this.roomLeft = Math.max(ROOM_LEFT, this.filling.room - length)
  }

  get unwrittenLength(): number {
    let length = this.filling.cursor - this.filling.start + (this.job?.restLength ?? 0)
    for (const link of this.links) length += restLengthOf(link)
    return length
  }

  // ─── making safe ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Up to this count a change may be acknowledged. */
  get safeCount(): number {
    return this.fsync === 'always' ? this.syncedCount : this.writtenCount
  }

  /** Starts the write of everything appended. */
  commit(): void {
    if (this.filling.isEmpty || this.error !== undefined) return
    this.writeOn()
  }

  /** Notifies the waiter once this many records are safe. */
  wait(count: number, waiter: SafetyWaiter): void {
    this.row.add(JournalFigure.held, waiter.size)
    this.waiters.wait(count, waiter)
    if (count <= this.safeCount) this.waiters.wakeSoon(this.wakeWaiters)
  }

  /** Notifies the waiter once there is room again. For that, everything appended has to be committed. */
  waitForRoom(waiter: RoomWaiter): void {
    this.row.add(JournalFigure.waits, 1)
    this.waiters.waitForRoom(waiter)
  }

  /** Waiters for room should check again, as long as there is some. */
  wakeForRoom(hasRoom: () => boolean): void {
    this.waiters.wake(this.safeCount, hasRoom)
  }

  /** Call this every second. */
  tick(): void {
    if (this.error !== undefined) return
    this.commit()
    this.startSyncOfSecond()
  }

  /** Resolves once everything appended is on disk. Rejects if that is impossible. */
  async sync(): Promise<void> {
    const count = this.appendedCount
    if (this.error === undefined && (this.syncedCount < count || this.retired.length > 0)) {
      await new Promise<void>((resolve) => {
        this.syncWanted.push({ count, resolve })
        this.pump()
      })
    }
    if (this.error !== undefined) throw this.error
  }

  // ─── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Switches to another file. Resolves once nothing more is written to the one before. */
  switchTo(file: JournalFile): Promise<void> {
    if (this.error !== undefined) {
      this.restart(file)
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.next = { file, onSwitched: resolve }
      this.pump()
    })
  }

  close(): void {
    for (const file of [...this.retired.splice(0), this.file]) file.retire()
  }

  private restart(file: JournalFile): void {
    this.file.retire()
    this.file = file
    this.error = undefined
    this.isSlow = false
    this.writtenCount = this.appendedCount
    this.syncedCount = this.appendedCount
  }

  private switchNow(): void {
    const { next } = this
    if (next === undefined || this.filling.sealedEnd > this.filling.start) return
    this.next = undefined
    this.retired.push(this.file)
    this.file = next.file
    next.onSwitched()
  }

  // ─── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private get isQuick(): boolean {
    const isIdle =
      this.job === undefined && !this.isSyncing && this.links.length === 0 && this.next === undefined
    return isIdle && !this.isSlow && !this.isDiskBusy()
  }

  /** Writes the buffer at once if the disk is fast, and starts whatever can be done next. */
  private writeOn(): void {
    if (this.isQuick && !this.filling.isEmpty) this.writeNow()
    this.pump()
  }

  private writeNow(): void {
    const { filling, file } = this
    filling.seal(0, file.seed, file.durableLength)
    const begunMs = performance.now()
    try {
      file.writeNow(filling.view(filling.start, filling.sealedEnd))
    } catch (error) {
      this.fail(error as Error)
      return
    }
    this.isSlow = performance.now() - begunMs > SLOW_MS
    this.row.add(JournalFigure.writes, 1)
    if (this.isSlow) this.row.add(JournalFigure.slowWrites, 1)
    this.row.add(JournalFigure.bytes, filling.sealedEnd - filling.start)
    filling.clear()
    this.writtenCount = this.appendedCount
    this.waiters.wakeSoon(this.wakeWaiters)
  }

  /** Starts whatever can be done next in another thread. */
  private pump(): void {
    if (this.job !== undefined || this.error !== undefined) return
    this.switchNow()
    // Before the next write: otherwise nothing would ever be synced while there is always more to write.
    if (this.fsync === 'always' || this.syncWanted.length > 0) this.startSync()
    if (!this.filling.isEmpty && !this.isGathering) this.startJob()
  }

  /** With a sync for each change, records that arrive during one are written and synced together after it. */
  private get isGathering(): boolean {
    return this.fsync === 'always' && this.isSyncing
  }

  private startJob(): void {
    const { filling, file, other, links, row } = this
    filling.seal(0, file.seed, file.durableLength)
    const [begunMs, count] = [performance.now(), this.appendedCount]
    const { epoch } = this
    this.links = []
    this.filling = other
    this.other = filling
    row.add(JournalFigure.writes, 1)
    const job = new WriteJob({
      file,
      buffer: filling,
      links,
      onWritten: (length) => {
        row.add(JournalFigure.bytes, length)
        this.onProgress()
      },
      onEnd: (error) => {
        this.job = undefined
        if (this.epoch !== epoch) this.pump()
        else if (error) this.fail(error)
        else this.written(count, begunMs, job.slowestMs)
      },
    })
    this.job = job
    job.step()
    this.onProgress()
  }

  private written(count: number, begunMs: number, slowestMs: number): void {
    if (slowestMs > SLOW_ELSEWHERE_MS) this.row.add(JournalFigure.slowWrites, 1)
    if (performance.now() - begunMs < QUICK_MS) this.isSlow = false
    this.writtenCount = count
    this.wake()
    this.pump()
  }

  // ─── syncing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private startSyncOfSecond(): void {
    if (this.fsync === 'everysec') this.startSync()
  }

  private startSync(): void {
    const hasNews = this.writtenCount > this.syncedCount || this.retired.length > 0
    if (this.isSyncing || this.error !== undefined || !hasNews) return
    this.isSyncing = true
    const count = this.writtenCount
    this.syncNext(this.retired.splice(0), this.file, count, performance.now())
  }

  /** Older files first: a record in a later one about its own state implies the same for those before. */
  private syncNext(
    retired: readonly JournalFile[],
    current: JournalFile,
    count: number,
    begunMs: number,
  ): void {
    const [older, ...rest] = retired
    const { epoch } = this
    const file = older ?? current
    file.sync((error) => {
      if (error === null && older !== undefined) {
        older.retire()
        if (this.epoch === epoch) this.onFinished(older)
        this.syncNext(rest, current, count, begunMs)
        return
      }
      this.isSyncing = false
      for (const other of retired) other.retire()
      if (this.epoch !== epoch) this.pump()
      else if (error) this.fail(error)
      else this.synced(count, begunMs)
    })
  }

  private synced(count: number, begunMs: number): void {
    const { row } = this
    const syncUs = Math.round((performance.now() - begunMs) * 1000)
    row.add(JournalFigure.syncs, 1)
    if (this.fsync === 'always' && syncUs > SLOW_ELSEWHERE_MS * 1000) row.add(JournalFigure.slowSyncs, 1)
    row.set(JournalFigure.syncUs, syncUs)
    row.set(JournalFigure.syncUsMax, Math.max(row.get(JournalFigure.syncUsMax), syncUs))
    this.syncedCount = Math.max(this.syncedCount, count)
    const { syncWanted } = this
    this.syncWanted = syncWanted.filter((wanted) => wanted.count > this.syncedCount)
    for (const wanted of syncWanted) if (wanted.count <= this.syncedCount) wanted.resolve()
    this.wake()
    this.writeOn()
  }

  // ─── waiters ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private wake(): void {
    this.onProgress()
    this.waiters.wake(this.safeCount, this.mayTake)
  }

  /** Records that are not safe yet never will be. */
  fail(error: Error): void {
    // What was written before is acknowledged, and is nowhere else until a snapshot is complete.
    this.startSyncOfSecond()
    this.error = error
    this.epoch++
    this.job?.cancel()
    this.filling.clear()
    for (const { value } of this.links.splice(0)) value.release()
    for (const file of this.retired.splice(0)) file.retire()
    this.next?.file.retire()
    this.next?.onSwitched()
    this.next = undefined
    this.onFailed(error)
    this.waiters.refuse()
    for (const { resolve } of this.syncWanted.splice(0)) resolve()
  }
}

const BUFFER_LENGTH = Writer.REGION_LENGTH / 2
/** The longest record of an item that is not linked, and the marks before it. */
const RECORD_LENGTH_MAX = FRAME_HEADER_LENGTH + RECORD_HEADER_LENGTH_MAX + roundUp(255 + 65535) + 256
/** Long values that have arrived are appended without regard to the room: their records are short. */
const RESERVE_LEFT = 2 * RECORD_LENGTH_MAX
const ROOM_LEFT = 1024 * 1024

/** A longer write would noticeably delay reads. */
const SLOW_MS = 4
/** After such a write, another thread writes until one of its writes is as fast as this. */
const QUICK_MS = 2
/** A longer write or sync in another thread delays replies to changes. Syncs of a disk with moving heads take 10 to 20 ms. */
const SLOW_ELSEWHERE_MS = 25
