import type { Arena } from '../arena/arena.js'
import type { Store } from '../store/store.js'
import { type Contents, inspect, isBare, removeOlder } from './directory/directory.js'
import { KeptDirectory } from './directory/kept-directory.js'
import type { Files } from './disk/files.js'
import type { Processes } from './disk/processes.js'
import { noteRecovered, noteSnapshot } from './keeper-figures.js'
import { logRecovered } from './recovery/log-recovered.js'
import { type Recovered, recover } from './recovery/recovery.js'
import { Scratch } from './recovery/scratch.js'
import { Snapshot, type SnapshotFigures, type SnapshotParts } from './snapshot/snapshot.js'
import { SnapshotSchedule } from './snapshot-schedule.js'
import { Allowance } from './space/allowance.js'
import { SPACE_BOUNDS, type SpaceBounds } from './space/bounds.js'
import { Space } from './space/space.js'
import { Spare } from './space/spare.js'
import { WayOut } from './space/way-out.js'
import { type Board, KeeperFigure } from './writing/board.js'
import type { KeptJournal } from './writing/kept-journal.js'

export interface KeeperParts {
  readonly files: Files
  readonly processes: Processes
  readonly directory: string
  /** Seconds between snapshots; 0: only when the journals have grown. */
  readonly snapshotInterval: number
  readonly arena: Arena
  /** `Keeper.REGION_LENGTH` bytes of the arena. */
  readonly region: number
  readonly board: Board
  readonly store: Store
  /** Overrides for the usual bounds. */
  readonly bounds?: SpaceBounds
  /** Logs for the operator: level 0 for errors, level 1 for the state. */
  readonly log: (level: number, message: string) => void
}

/**
 * Manages a data directory: one keeper per server. It recovers the items, takes snapshots when the journals have grown or
 * after the interval, and removes the files that they replace. After a journal has failed, it takes snapshots until one is
 * complete. If the directory was deleted, moved or taken by another server, all journals fail, and each snapshot
 * takes it again.
 *
 *     generation 7   snapshot-7 ◀── journal-7-0, journal-7-1     the old items, and the changes since
 *     generation 8   snapshot-8.new  journal-8-0, journal-8-1    begun before the snapshot; 7 is removed once 8 is complete
 */
export class Keeper {
  readonly recovered: Recovered
  readonly spare: Spare
  journals: readonly KeptJournal[] = []
  private readonly parts: KeeperParts
  private readonly figures: Board['keeper']
  private readonly directory: KeptDirectory
  private readonly space: Space
  private readonly bounds: SpaceBounds
  private readonly allowance: Allowance
  private readonly schedule: SnapshotSchedule
  private readonly wayOut: WayOut
  /** The directory was lost, and was seen again. */
  private wasBack = false
  private generation: number
  /** The newest generation has its snapshot, or a journal of it has failed: the next attempt begins a new generation. */
  private isGenerationOver = true
  /** The journals that are in the newest generation. */
  private readonly begun = new Set<KeptJournal>()
  private running: Promise<boolean> | undefined = undefined
  private runningParts: SnapshotParts | undefined = undefined
  private timer: NodeJS.Timeout | undefined = undefined
  private isLookDue = false
  private isClosing = false
  private isGivenUp = false

  static readonly REGION_LENGTH = Snapshot.REGION_LENGTH + Scratch.LENGTH

  private constructor(parts: KeeperParts, directory: KeptDirectory, recovered: Recovered, spare: Spare) {
    this.parts = parts
    this.spare = spare
    this.bounds = parts.bounds ?? SPACE_BOUNDS
    this.space = new Space(parts.files, parts.directory, parts.store, spare, this.bounds)
    this.allowance = new Allowance({
      ...{ board: parts.board, space: this.space, bounds: this.bounds, spare, recovered },
      onChanged: () => {
        for (const journal of this.journals) journal.roomChanged()
      },
      onFull: (isFull) => this.filled(isFull),
    })
    this.figures = parts.board.keeper
    this.directory = directory
    this.recovered = recovered
    this.generation = recovered.contents.nextGeneration
    this.schedule = new SnapshotSchedule(parts.store, parts.snapshotInterval, recovered)
    this.wayOut = new WayOut(this.allowance, parts.store)
    this.figures.set(KeeperFigure.generation, this.generation)
    noteRecovered(this.figures, recovered)
  }

  /** Takes the directory and restores its items. Rejects with a sentence if that is impossible. */
  static async open(parts: KeeperParts): Promise<Keeper> {
    const { files, directory, processes, arena, region, store } = parts
    files.makeDirectory(directory)
    inspect(files, directory)
    const spare = new Spare(files, directory)
    const kept = await spare.backUp(() => KeptDirectory.take({ files, directory, processes }))
    try {
      const scratch = region + Snapshot.REGION_LENGTH
      const recovered = await recover({ files, directory, arena, scratch, store })
      const keeper = new Keeper(parts, kept, recovered, spare)
      logRecovered(recovered, parts.log)
      return keeper
    } catch (error) {
      await kept.release()
      throw error
    }
  }

  /** The first generation of the journals. */
  get firstGeneration(): number {
    return this.generation
  }

  /** Journals get their names only in the directory with this identity. */
  get identity(): string {
    return this.directory.identity
  }

  get contents(): Contents {
    return this.recovered.contents
  }

  /** From now on ticks the journals and checks them. */
  start(journals: readonly KeptJournal[]): void {
    this.journals = journals
    if (this.recovered.hasFlushed) this.parts.log(1, 'the flush has been carried out that came due meanwhile')
    this.grant()
    this.tendSpare()
    this.timer = setInterval(() => this.tick(), TICK_MS)
    this.timer.unref()
  }

  /** A journal has failed: changes are refused until a snapshot is complete. */
  failed(error: Error): void {
    this.noteFailure(
      error,
      `the journal has failed: ${error.message}; changes are refused until a snapshot is whole`,
    )
  }

  private noteFailure(error: Error, message: string): void {
    this.isGenerationOver = true
    this.figures.add(KeeperFigure.failures, 1)
    this.parts.board.lastError = error.message
    this.parts.log(0, message)
    this.schedule.endPause()
    setImmediate(() => {
      if (!this.isClosing) this.tick()
    })
  }

  /** Ends cleanly: with a last snapshot, if that is fast or if there are no journals. */
  async close(): Promise<void> {
    this.isClosing = true
    clearInterval(this.timer)
    if (this.runningParts !== undefined) this.runningParts.isHurried = true
    await this.running
    await this.spare.settled
    const isSmall = this.parts.store.figures.liveLength <= LAST_SNAPSHOT_LENGTH_MAX
    if (this.journals.length === 0 || isSmall || this.hasFailed) await this.snapshot(true)
    if (this.isGivenUp) return
    await this.all((journal) => journal.close()).catch((error: Error) => {
      if (!this.isGivenUp) this.parts.log(0, `the journal was not closed: ${error.message}`)
    })
    if (!this.isGivenUp) await this.directory.release()
  }

  /** Memory is not reliable any more, or was never changed: leaves all files unchanged. */
  giveUp(): void {
    this.isGivenUp = true
    this.isClosing = true
    clearInterval(this.timer)
    if (this.runningParts !== undefined) this.runningParts.isGivenUp = true
  }

  /** Releases the directory, once no thread writes to it any more. */
  async leave(): Promise<void> {
    this.giveUp()
    await this.running
    await this.spare.settled
    await this.directory.release()
  }

  /** Takes a snapshot, unless one is being taken. False if it failed; the failure has been logged. */
  snapshot(isHurried = false): Promise<boolean> {
    this.figures.set(KeeperFigure.isTakingSnapshot, 1)
    this.running ??= this.takeSnapshot(isHurried).finally(() => {
      this.running = undefined
      this.runningParts = undefined
      this.figures.set(KeeperFigure.isTakingSnapshot, 0)
      this.allowance.leaveSnapshot()
      this.wayOut.endAttempt()
      this.grant()
    })
    return this.running
  }

  get snapshotCount(): number {
    return this.figures.get(KeeperFigure.snapshots)
  }

  get hasFailed(): boolean {
    return this.directory.loss !== undefined || this.journals.some(({ error }) => error !== undefined)
  }

  // ─── every second ──────────────────────────────────────────────────────────────────────────────────────────────────

  private tick(): void {
    this.parts.store.clock.refresh()
    for (const journal of this.journals) journal.tick()
    void this.checkDirectory()
    this.grant()
    if (this.running !== undefined) return
    if (this.directory.loss !== undefined) void this.seekDirectory()
    const isSound = !this.schedule.isRetrying
    if (this.isSnapshotDue || this.wayOut.isOpen || (isSound && this.allowance.hasGrown)) void this.snapshot()
    else if (isSound) this.tendSpare()
  }

  /** The last writes to a lost directory may be missing, or may be in a directory that another server uses. */
  private checkDirectory(): Promise<void> {
    return this.directory.check((error) => {
      for (const journal of this.journals) journal.fail(error)
      if (this.journals.length === 0) this.noteFailure(error, error.message)
    })
  }

  /** A lost directory that is back is taken again at once, whenever the next attempt would be. */
  private async seekDirectory(): Promise<void> {
    const isBack = await this.directory.isBack(this.generation)
    const wasBack = this.wasBack
    this.wasBack = isBack && this.directory.loss !== undefined
    if (this.wasBack && !wasBack && !this.isClosing) void this.snapshot()
  }

  private get isSnapshotDue(): boolean {
    const isShort = this.journals.length > 0 && this.allowance.isShort
    return this.schedule.isDue(isShort || this.hasFailed)
  }

  private tendSpare(): void {
    const { spareLength } = this.space
    if (spareLength > this.spare.length + this.bounds.spareStep) void this.spare.grow(spareLength)
  }

  // ─── room ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A journal needs more room. It may be in the middle of another operation. */
  lookSoon(): void {
    this.allowance.ask()
    if (this.isLookDue || this.isClosing) return
    this.isLookDue = true
    setImmediate(() => {
      this.isLookDue = false
      if (this.isClosing) return
      // Also while a snapshot begins: the live data grows meanwhile, and with it the space that the snapshot needs.
      this.grant()
      if (this.running === undefined && this.isSnapshotDue) void this.snapshot()
    })
  }

  private grant(): void {
    if (this.journals.length > 0 && !this.isClosing)
      this.allowance.grant(this.running !== undefined || !this.schedule.isRetrying)
  }

  private filled(isFull: boolean): void {
    const { board, log } = this.parts
    board.noteFull(isFull)
    log(
      0,
      isFull
        ? 'the disk has no room for a snapshot: changes are refused until it has, except deletes and flushes'
        : 'the disk has room again: changes are taken',
    )
  }

  // ─── snapshots ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private async takeSnapshot(isHurried: boolean): Promise<boolean> {
    const { store, log } = this.parts
    const version = store.latestVersion
    this.wayOut.beginAttempt()
    let wasRefusing = false
    try {
      await this.checkDirectory()
      wasRefusing = this.journals.length > 0 && this.hasFailed
      await this.directory.regain(this.generation)
      this.wasBack = false
      const { space, spare } = this
      if (space.needsSpare && space.isSpareEnough) await spare.giveUp()
      const attempt = () => this.takeGeneration(isHurried || this.isClosing)
      const figures = await spare.backUp(attempt, () => space.isSpareEnough)
      noteSnapshot(this.figures, figures, store.clock.now)
    } catch (error) {
      if (!this.isGivenUp) this.snapshotFailed(this.directory.loss ?? (error as Error))
      return false
    }
    this.schedule.succeeded(version)
    if (wasRefusing && !this.hasFailed) log(0, 'a snapshot is whole: changes are taken again')
    return true
  }

  private async takeGeneration(isHurried: boolean): Promise<SnapshotFigures> {
    if (this.isGivenUp) throw new Error('it is not wanted any more')
    const { files, directory, arena, region, store } = this.parts
    const generation = this.isGenerationOver ? this.generation + 1 : this.generation
    const assertIsOwn = async () => {
      await this.checkDirectory()
      if (this.directory.loss !== undefined) throw this.directory.loss
    }
    const syncJournals = async () => {
      await assertIsOwn()
      await this.all((journal) => journal.sync())
    }
    const isBehind = (writtenLength: number) => this.allowance.isBehind(writtenLength)
    const mayWrite = (length: number) => this.journals.length === 0 || this.allowance.mayWrite(length)
    const onAbandoned = () => this.allowance.abandonSnapshot()
    const { isGivenUp } = this
    const parts: SnapshotParts = {
      ...{ files, directory, generation, arena, region, store },
      ...{ syncJournals, isBehind, mayWrite, onAbandoned, isHurried, isGivenUp },
    }
    this.runningParts = parts
    await this.takeEmpty({ ...parts, syncJournals: assertIsOwn })
    await this.begin(generation)
    this.allowance.beginSnapshot()
    const figures = await Snapshot.take(parts)
    this.isGenerationOver = true
    this.allowance.endSnapshot(figures.byteLength)
    this.figures.set(KeeperFigure.olderLength, 0)
    await this.all((journal) => journal.resume())
    await this.removeBefore(generation)
    return figures
  }

  /**
   * Before the first journals in an empty directory, if an earlier one was lost. If the server is killed before its snapshot is
   * complete, the next one starts there without items.
   */
  private async takeEmpty(parts: SnapshotParts): Promise<void> {
    const { files, directory } = this.parts
    if (this.journals.length > 0 && isBare(files, directory)) await Snapshot.takeEmpty(parts)
  }

  /**
   * Switches all journals to files of a generation. After a failed attempt most have them already, except those that
   * could not create theirs: so repeated attempts on a failing disk leave no more files than the first.
   */
  private async begin(generation: number): Promise<void> {
    if (generation !== this.generation) this.begun.clear()
    this.generation = generation
    this.isGenerationOver = false
    this.figures.set(KeeperFigure.generation, generation)
    await this.all(async (journal) => {
      if (this.begun.has(journal)) return
      await journal.rotate(generation, this.directory.identity)
      this.begun.add(journal)
    })
    this.figures.set(KeeperFigure.olderLength, this.allowance.olderLength)
  }

  /** Waits until all journals have answered: otherwise the next attempt could overtake a slow one. */
  private async all(ask: (journal: KeptJournal) => Promise<void>): Promise<void> {
    for (const outcome of await Promise.allSettled(this.journals.map(ask)))
      if (outcome.status === 'rejected') throw outcome.reason
  }

  private snapshotFailed(error: Error): void {
    const { log, board } = this.parts
    board.lastError = error.message
    const seconds = this.schedule.failed()
    log(0, `no snapshot could be taken: ${error.message}; the next attempt is in ${seconds} s`)
  }

  /** The snapshot of a generation replaces all older files. */
  private async removeBefore(generation: number): Promise<void> {
    const { files, directory, log } = this.parts
    try {
      await removeOlder(files, directory, generation)
      this.allowance.noteRemoved()
    } catch (error) {
      log(0, `old files could not be removed: ${(error as Error).message}`)
    }
  }
}

const TICK_MS = 1000
/** At the end of a server with journals, a snapshot up to this size is taken: it keeps what is known of use. */
const LAST_SNAPSHOT_LENGTH_MAX = 256 * 1024 * 1024
