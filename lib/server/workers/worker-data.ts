import { resolve } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import type { Arena } from '../../arena/arena.js'
import type { ChangeGate } from '../../commands/context/context.js'
import { diskFiles } from '../../journal/disk/files.js'
import { Keeper } from '../../journal/keeper.js'
import { journalStatistics } from '../../journal/statistics.js'
import type { BegunJournal } from '../../journal/writing/begun-journal.js'
import { Board } from '../../journal/writing/board.js'
import { Journal } from '../../journal/writing/journal.js'
import { obeyKeeper, reportFailure, reportShortage } from '../../journal/writing/remote-journal.js'
import type { ServerOptions } from '../../options/table/options.js'
import type { Statistic } from '../../request/reply.js'
import type { Store } from '../../store/store.js'

export interface WorkerDataParts {
  readonly arena: Arena
  readonly store: Store
  readonly options: ServerOptions
}

/** What a thread needs for its journal: the file, and the port to the keeper. */
export interface JournalTask {
  readonly begun: BegunJournal
  readonly port: MessagePort
}

/** A worker's part of the data directory: its journal, and the board with the state of all journals. */
export class WorkerData implements ChangeGate {
  /** The journal; undefined before the worker serves, and with snapshots only. */
  journal: Journal | undefined = undefined
  readonly board: Board
  /** Memory for the keeper. */
  readonly keeperRegion: number
  private readonly needs: WorkerDataParts
  private readonly journalRegion: number

  constructor(needs: WorkerDataParts) {
    const { arena } = needs
    const { worker, workerCount } = arena.workerSlot
    this.needs = needs
    this.board = new Board(arena, arena.reserve(Board.regionLength(workerCount)), workerCount)
    this.keeperRegion = arena.reserve(Keeper.REGION_LENGTH, ALIGNMENT)
    const firstJournal = arena.reserve(workerCount * Journal.REGION_LENGTH, ALIGNMENT)
    this.journalRegion = firstJournal + worker * Journal.REGION_LENGTH
  }

  /** Its length in an arena, in bytes. */
  static regionLength(workerCount: number): number {
    const journals = workerCount * Journal.REGION_LENGTH
    return Board.regionLength(workerCount) + Keeper.REGION_LENGTH + journals + 3 * ALIGNMENT
  }

  get isTaking(): boolean {
    return this.journal === undefined || this.journal.isTaking
  }

  get isTakingRemovals(): boolean {
    return this.journal === undefined || this.journal.isTakingRemovals
  }

  get isTakingFlushes(): boolean {
    return this.journal === undefined || this.journal.isTakingFlushes
  }

  /** Changes are kept from now on. */
  async open(begun: BegunJournal, onFailed: (error: Error) => void, onShort: () => void): Promise<Journal> {
    const { arena, store, options } = this.needs
    const parts = {
      arena,
      region: this.journalRegion,
      board: this.board,
      store,
      files: diskFiles,
      directory: directoryOf(options),
      worker: arena.workerSlot.worker,
      fsync: options.fsync,
      onFailed,
      onShort,
    }
    const journal = await Journal.open(parts, begun)
    store.onChange(journal)
    this.journal = journal
    return journal
  }

  /** The same in a worker thread, with the keeper in another thread. */
  async openInThread({ begun, port }: JournalTask): Promise<void> {
    const journal = await this.open(
      begun,
      (error) => reportFailure(port, error),
      () => reportShortage(port, this.journal),
    )
    obeyKeeper(port, journal, () => this.needs.store.refreshClock())
  }

  statistics(): Statistic[] {
    const { snapshotOnly, fsync } = this.needs.options
    return journalStatistics(this.board, snapshotOnly ? 'snapshots' : fsync)
  }
}

const ALIGNMENT = 4096

/** The data directory of a server that has one. The path is resolved: no part of it is missing once it was made. */
export const directoryOf = ({ dataDirectory }: ServerOptions): string => resolve(dataDirectory as string)
