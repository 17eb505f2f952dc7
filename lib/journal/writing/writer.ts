import type { Arena } from '../../arena/arena.js'
import { FRAME_HEADER_LENGTH, FrameFlag, RECORD_HEADER_LENGTH_MAX, roundUp } from '../format/format.js'
import { writeItemRecord } from '../format/record.js'
import { type FigureRow, JournalFigure } from './board.js'
import { FrameBuffer } from './frame-buffer.js'
import type { JournalFile } from './journal-file.js'
import type { LinkedValue } from './linked-value.js'
import { type RoomWaiter, type SafetyWaiter, Waiters } from './waiters.js'
import { type Link, WriteJob } from './write-job.js'

/** When a reply may be sent: after each change is on disk, or once the kernel has it, which is told to sync in between. */
export type Fsync = 'always' | 'everysec' | 'no'

export interface WriterParts {
  readonly arena: Arena
  /** `REGION_LENGTH` bytes of the arena. */
  readonly region: number
  /** Where it counts what it does. */
  readonly row: FigureRow<JournalFigure>
  readonly file: JournalFile
  readonly fsync: Fsync
  /** Somebody else writes a lot to the disk: nobody knows how long a write will take. */
  readonly isDiskBusy: () => boolean
  /** More is written, or on disk. */
  readonly onProgress: () => void
  /** A file that was written to before is on disk, all of it. */
  readonly onFinished: (file: JournalFile) => void
  readonly onFailed: (error: Error) => void
}

/**
 * Brings the records of one worker to its journal. They gather in one of two buffers, while the other is written:
 *
 *     append ──▶ filling ──▶ writeSync, while the disk is quick ───────────────▶ written ──▶ fdatasync ──▶ synced
 *                   └──────▶ in another thread, while it is slow or busy ──────────▲
 *
 * Records are counted, and whoever has to wait waits for a count: replies for `safeCount`, those who want to change
 * something for `hasRoom`. After the first error nothing is taken any more, since nobody knows what the disk has; `restart`
 * goes on with another file.
 */
export class Writer {
  appendedCount = 0
  writtenCount = 0
  syncedCount = 0
  /** The file that is written to. */
  file: JournalFile
  error: Error | undefined = undefined
  private readonly arena: Arena
  private readonly row: FigureRow<JournalFigure>
  private readonly fsync: Fsync
  private readonly isDiskBusy: () => boolean
  private readonly onProgress: () => void
  private readonly onFinished: (file: JournalFile) => void
  private readonly onFailed: (error: Error) => void
  /** Room in the buffer that is not to be used. */
  private roomLeft = ROOM_LEFT
  private filling: FrameBuffer
  private other: FrameBuffer
  /** Long values among what is in `filling`: each belongs where the buffer had been sealed. */
  private links: Link[] = []
  /** What is written in another thread. */
  private job: WriteJob | undefined = undefined
  private isSyncing = false
  /** The last write that was waited for took long, and none in another thread has been quick since. */
  private isSlow = false
  private readonly waiters = new Waiters()
  /** Files that were written to before, of which the last bytes may not be on disk. */
  private retired: JournalFile[] = []
  private next: { readonly file: JournalFile; readonly onSwitched: () => void } | undefined = undefined
  /** Who wants records on disk, whatever the mode. */
  private syncWanted: { readonly count: number; readonly resolve: () => void }[] = []
  /** Rises with every failure: what is still under way from before has no say any more. */
  private epoch = 0
  private readonly wakeWaiters = () => this.wake()

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

  /** Where the next record is to be written; `appended` tells where it ends. */
  get cursor(): number {
    return this.filling.cursor
  }

  appended(end: number): void {
    this.filling.cursor = end
    this.appendedCount++
  }

  /** Appends the record of an item whose value is written from where it lies. */
  appendLinked(item: number, value: LinkedValue): void {
    const { filling, file } = this
    filling.seal(0, file.seed, file.durableLength)
    this.appended(writeItemRecord(this.arena, filling.cursor, item, true))
    filling.seal(FrameFlag.CONTINUES, file.seed, file.durableLength)
    this.links.push({ at: filling.sealedEnd, value })
  }

  /** False: whoever wants to change something has to wait. Reserves are left for those who could not. */
  get hasRoom(): boolean {
    return this.filling.room > this.roomLeft && this.links.length === 0
  }

  /** False: not even those can be served. */
  get hasReserve(): boolean {
    return this.filling.room > RESERVE_LEFT
  }

  /** Has room for so many bytes more at the most, from the progress that it tells of until the next. */
  limit(length: number): void {
    this.roomLeft = Math.max(ROOM_LEFT, this.filling.room - length)
  }

  get unwrittenLength(): number {
    return this.filling.cursor - this.filling.start + (this.job?.restLength ?? 0)
  }

  // ─── making safe ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Up to this count a change may be acknowledged. */
  get safeCount(): number {
    return this.fsync === 'always' ? this.syncedCount : this.writtenCount
  }

  /** Brings what was appended on its way. */
  commit(): void {
    if (this.filling.isEmpty || this.error !== undefined) return
    this.writeOn()
  }

  /** Tells the waiter once so many records are safe. */
  wait(count: number, waiter: SafetyWaiter): void {
    this.row.add(JournalFigure.held, waiter.size)
    this.waiters.wait(count, waiter)
    if (count <= this.safeCount) this.waiters.wakeSoon(this.wakeWaiters)
  }

  /** Tells the waiter once there is room again. What has been appended has to be committed for that. */
  waitForRoom(waiter: RoomWaiter): void {
    this.row.add(JournalFigure.waits, 1)
    this.waiters.waitForRoom(waiter)
  }

  /** Those who wait for room are to look for themselves. */
  wakeForRoom(): void {
    this.waiters.wake(this.safeCount, true)
  }

  /** To be called every second. */
  tick(): void {
    if (this.error !== undefined) return
    this.commit()
    if (this.fsync === 'everysec') this.startSync()
  }

  /** Fulfilled once everything that has been appended is on disk. Rejects when it cannot be. */
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

  /** Goes on with another file from now on. Fulfilled once nothing more is written to the one before. */
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

  /** Writes what has gathered at once, where that is quick, and begins whatever can be done next. */
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

  /** Begins whatever can be done next in another thread. */
  private pump(): void {
    if (this.job !== undefined || this.error !== undefined) return
    this.switchNow()
    // Before the next write, or nothing would ever be synced while there is always more to write.
    if (this.fsync === 'always' || this.syncWanted.length > 0) this.startSync()
    if (!this.filling.isEmpty && !this.isGathering) this.startJob()
  }

  /** With a sync for each change, what comes during one is written and synced together after it. */
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
    this.job = new WriteJob({
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
        else this.written(count, begunMs)
      },
    })
    this.job.step()
    this.onProgress()
  }

  private written(count: number, begunMs: number): void {
    if (performance.now() - begunMs < QUICK_MS) this.isSlow = false
    this.writtenCount = count
    this.wake()
    this.pump()
  }

  // ─── syncing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private startSync(): void {
    const hasNews = this.writtenCount > this.syncedCount || this.retired.length > 0
    if (this.isSyncing || this.error !== undefined || !hasNews) return
    this.isSyncing = true
    const count = this.writtenCount
    this.syncNext(this.retired.splice(0), this.file, count, performance.now())
  }

  /** Older files first: what a later one says of itself is true of those before, too. */
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
    row.set(JournalFigure.syncUs, syncUs)
    row.set(JournalFigure.syncUsMax, Math.max(row.get(JournalFigure.syncUsMax), syncUs))
    this.syncedCount = Math.max(this.syncedCount, count)
    const { syncWanted } = this
    this.syncWanted = syncWanted.filter((wanted) => wanted.count > this.syncedCount)
    for (const wanted of syncWanted) if (wanted.count <= this.syncedCount) wanted.resolve()
    this.wake()
    this.writeOn()
  }

  // ─── who waits ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private wake(): void {
    this.onProgress()
    this.waiters.wake(this.safeCount, this.hasRoom)
  }

  /** Nothing that is not safe yet ever will be. */
  fail(error: Error): void {
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
/** Long values that have arrived are appended whatever the room: their records are short. */
const RESERVE_LEFT = 2 * RECORD_LENGTH_MAX
const ROOM_LEFT = 1024 * 1024

/** A write that takes longer than this would be felt by readers. */
const SLOW_MS = 4
/** Then writes go to another thread, until one of them comes back as soon as this. */
const QUICK_MS = 2
