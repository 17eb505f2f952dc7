import type { Arena } from '../arena/arena.js'
import { diskFiles } from '../journal/files.js'
import { Journal } from '../journal/journal.js'
import { Keeper } from '../journal/keeper.js'
import { MemoryFile } from '../journal/memory-file.js'
import { runningProcesses } from '../journal/processes.js'
import { journalStatistics } from '../journal/statistics.js'
import type { Statistic } from '../request/reply.js'
import type { Store } from '../store/store.js'
import type { ServerOptions } from './options.js'

/** The data directory of a server: the keeper, the journals of its workers, and memcached's memory file. */
export class Data {
  readonly journal: Journal | undefined
  private readonly keeper: Keeper
  private readonly memoryFile: MemoryFile | undefined
  private readonly mode: string

  private constructor(keeper: Keeper, journal: Journal | undefined, options: ServerOptions) {
    this.keeper = keeper
    this.journal = journal
    this.memoryFile = memoryFileOf(options)
    this.mode = options.snapshotOnly ? 'snapshots' : options.fsync
  }

  /** How many bytes of an arena it takes. */
  static regionLength({ dataDirectory }: ServerOptions): number {
    return dataDirectory === null ? 0 : Keeper.REGION_LENGTH + Journal.REGION_LENGTH + 2 * ALIGNMENT
  }

  /** Brings back what the directory holds. Undefined when nothing is to be kept. */
  static async open(
    options: ServerOptions,
    arena: Arena,
    store: Store,
    log: (level: number, message: string) => void,
  ): Promise<Data | undefined> {
    const { dataDirectory: directory, snapshotInterval, snapshotOnly, fsync } = options
    if (directory === null) return undefined
    const files = diskFiles
    const memoryFile = memoryFileOf(options)
    memoryFile?.check()
    const region = arena.reserve(Keeper.REGION_LENGTH, ALIGNMENT)
    const processes = runningProcesses(files)
    const keeper = await Keeper.open({
      files,
      processes,
      directory,
      snapshotInterval,
      arena,
      region,
      store,
      log,
    })
    try {
      await memoryFile?.taken()
      const journal = snapshotOnly
        ? undefined
        : await Journal.open({
            arena,
            region: arena.reserve(Journal.REGION_LENGTH, ALIGNMENT),
            store,
            files,
            directory,
            generation: keeper.firstGeneration,
            worker: 0,
            fsync,
            onFailed: (error) => keeper.failed(error),
          })
      if (journal !== undefined) {
        store.tell(journal)
        if (keeper.recovered.hasFlushed) journal.flushed(store.flushBoundary)
      }
      keeper.start(journal === undefined ? [] : [journal])
      return new Data(keeper, journal, options)
    } catch (error) {
      await keeper.abandon()
      throw error
    }
  }

  /** Everything is on disk once the promise is fulfilled. */
  async close(): Promise<void> {
    await this.keeper.close()
    await this.memoryFile?.leave()
  }

  statistics(): Statistic[] {
    return journalStatistics(this.keeper, this.mode)
  }
}

function memoryFileOf({ memoryFile }: ServerOptions): MemoryFile | undefined {
  return memoryFile === null ? undefined : new MemoryFile(diskFiles, memoryFile)
}

const ALIGNMENT = 4096
