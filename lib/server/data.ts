import type { Arena } from '../arena/arena.js'
import type { ChangeGate } from '../commands/context.js'
import { diskFiles } from '../journal/files.js'
import { Journal } from '../journal/journal.js'
import { Keeper } from '../journal/keeper.js'
import { MemoryFile } from '../journal/memory-file.js'
import { runningProcesses } from '../journal/processes.js'
import { journalStatistics } from '../journal/statistics.js'
import type { Statistic } from '../request/reply.js'
import type { Store } from '../store/store.js'
import type { Log } from './log.js'
import type { ServerOptions } from './options.js'

export interface DataNeeds {
  readonly arena: Arena
  readonly store: Store
  readonly log: Log
  readonly options: ServerOptions
}

/** The data directory of a server: the keeper, the journal, and memcached's memory file. */
export class Data implements ChangeGate {
  /** Where changes go once the directory is open; none with snapshots only. */
  journal: Journal | undefined = undefined
  private keeper: Keeper | undefined = undefined
  private readonly needs: DataNeeds
  private readonly memoryFile: MemoryFile | undefined
  private readonly keeperRegion: number
  private readonly journalRegion: number

  private constructor(needs: DataNeeds) {
    const { arena, options } = needs
    this.needs = needs
    this.memoryFile = options.memoryFile === null ? undefined : new MemoryFile(diskFiles, options.memoryFile)
    this.keeperRegion = arena.reserve(Keeper.REGION_LENGTH, ALIGNMENT)
    this.journalRegion = arena.reserve(Journal.REGION_LENGTH, ALIGNMENT)
  }

  /** Undefined when nothing is to be kept. */
  static for(needs: DataNeeds): Data | undefined {
    return needs.options.dataDirectory === null ? undefined : new Data(needs)
  }

  /** How many bytes of an arena it takes. */
  static regionLength({ dataDirectory }: ServerOptions): number {
    return dataDirectory === null ? 0 : Keeper.REGION_LENGTH + Journal.REGION_LENGTH + 2 * ALIGNMENT
  }

  get isTaking(): boolean {
    return this.journal === undefined || this.journal.isTaking
  }

  /** Before anybody is served: brings back what the directory holds. From now on changes are kept. */
  async open(): Promise<void> {
    const { options } = this.needs
    this.memoryFile?.check()
    const keeper = await this.openKeeper()
    try {
      await this.memoryFile?.taken()
      if (!options.snapshotOnly) this.journal = await this.openJournal(keeper)
    } catch (error) {
      await keeper.abandon()
      throw error
    }
    keeper.start(this.journal === undefined ? [] : [this.journal])
    this.keeper = keeper
  }

  /** Everything is on disk once the promise is fulfilled. */
  async close(): Promise<void> {
    if (this.keeper === undefined) return
    await this.keeper.close()
    await this.memoryFile?.leave()
  }

  statistics(): Statistic[] {
    const { snapshotOnly, fsync } = this.needs.options
    return this.keeper === undefined ? [] : journalStatistics(this.keeper, snapshotOnly ? 'snapshots' : fsync)
  }

  private get directory(): string {
    return this.needs.options.dataDirectory as string
  }

  private openKeeper(): Promise<Keeper> {
    const { arena, store, log, options } = this.needs
    return Keeper.open({
      files: diskFiles,
      processes: runningProcesses(diskFiles),
      directory: this.directory,
      snapshotInterval: options.snapshotInterval,
      arena,
      region: this.keeperRegion,
      store,
      log: (level, message) => log.say(level, message),
    })
  }

  private async openJournal(keeper: Keeper): Promise<Journal> {
    const { arena, store, options } = this.needs
    const journal = await Journal.open({
      arena,
      region: this.journalRegion,
      store,
      files: diskFiles,
      directory: this.directory,
      generation: keeper.firstGeneration,
      worker: 0,
      fsync: options.fsync,
      onFailed: (error) => keeper.failed(error),
    })
    store.tell(journal)
    if (keeper.recovered.hasFlushed) journal.flushed(store.restoring.flushBoundary)
    return journal
  }
}

const ALIGNMENT = 4096
