import { MessageChannel } from 'node:worker_threads'
import type { Arena } from '../arena/arena.js'
import { diskFiles } from '../journal/disk/files.js'
import { runningProcesses } from '../journal/disk/processes.js'
import { isSystemError, reasonOf } from '../journal/disk/system-error.js'
import { Keeper } from '../journal/keeper.js'
import { MemoryFile } from '../journal/memory-file.js'
import { type BegunJournal, beginJournal, removeBegun } from '../journal/writing/begun-journal.js'
import { JournalFigure } from '../journal/writing/board.js'
import { RemoteJournal } from '../journal/writing/remote-journal.js'
import { startError } from '../options/start-error.js'
import type { ServerOptions } from '../options/table/options.js'
import type { Store } from '../store/store.js'
import type { Log } from './workers/log.js'
import { directoryOf, type JournalTask, type WorkerData } from './workers/worker-data.js'

export interface DataParts {
  readonly arena: Arena
  readonly store: Store
  readonly log: Log
  readonly options: ServerOptions
  /** That of the first worker, whose worker slot this thread has until a worker thread serves. */
  readonly own: WorkerData
}

/**
 * The data directory of a server, in the thread that started it: the keeper, the files that journals begin with, and
 * memcached's memory file.
 *
 *     open   recovers the items, and creates journals
 *     start  the workers write them: here, or in threads that were given their tasks
 *     close  brings everything to disk; or `giveUp` and `leave`, when a thread has died
 */
export class Data {
  private readonly needs: DataParts
  private readonly directory: string
  private readonly memoryFile: MemoryFile | undefined
  private keeper: Keeper | undefined = undefined
  private begun: BegunJournal[] = []
  private remote: RemoteJournal[] = []
  private isStarted = false

  constructor(needs: DataParts) {
    const { memoryFile } = needs.options
    this.needs = needs
    this.directory = directoryOf(needs.options)
    this.memoryFile = memoryFile === null ? undefined : new MemoryFile(diskFiles, memoryFile)
  }

  /** Before clients are served: recovers what the directory holds. Errors name the option. */
  async open(): Promise<void> {
    try {
      await this.recover()
    } catch (error) {
      const option = this.memoryFile === undefined ? 'dataDirectory' : 'memoryFile'
      const sentence = isSystemError(error)
        ? `${error.path ?? this.directory} cannot be used: ${reasonOf(error)}`
        : (error as Error).message
      throw startError((nameOf) => `${nameOf(option)}: ${sentence}`, error)
    }
  }

  private async recover(): Promise<void> {
    this.memoryFile?.check()
    this.keeper = await this.openKeeper()
    try {
      await this.memoryFile?.taken()
      if (!this.needs.options.snapshotOnly) await this.begin(this.keeper)
    } catch (error) {
      await this.leave()
      this.keeper = undefined
      throw error
    }
  }

  /** The tasks of threads, by worker; none with snapshots only. */
  handOut(): JournalTask[] {
    this.needs.store.restoring.handOver()
    return this.begun.map((begun, worker) => {
      const { port1, port2 } = new MessageChannel()
      const figures = this.needs.own.board.journals[worker]!
      const onFailed = (error: Error) => this.keeper?.failed(error)
      this.remote.push(new RemoteJournal(port1, figures, onFailed, () => this.keeper?.lookSoon()))
      return { begun, port: port2 }
    })
  }

  /** That of the only worker. */
  get journal(): WorkerData['journal'] {
    return this.needs.own.journal
  }

  /** Changes are kept from now on. */
  async start(): Promise<void> {
    const { keeper, begun, remote } = this
    if (keeper === undefined) return
    const isAlone = this.needs.arena.workerSlot.workerCount === 1
    const onFailed = (error: Error) => keeper.failed(error)
    const onShort = () => keeper.lookSoon()
    const own = isAlone ? begun.map((each) => this.needs.own.open(each, onFailed, onShort)) : []
    keeper.start([...(await Promise.all(own)), ...remote])
    this.isStarted = true
  }

  /** Everything is on disk once the promise is fulfilled. */
  async close(): Promise<void> {
    if (this.keeper === undefined) return
    if (this.isStarted) await this.keeper.close()
    else await this.leave()
    await this.memoryFile?.leave()
  }

  /** A thread has died: memory may be inconsistent, and the directory stays as a kill would leave it. */
  giveUp(): void {
    this.keeper?.giveUp()
    for (const journal of this.remote) journal.lose()
  }

  /** Once no thread writes any more. */
  async leave(): Promise<void> {
    if (!this.isStarted) await this.removeBegun()
    await this.keeper?.leave()
  }

  /** False while the disk takes no changes. */
  get isTaking(): boolean {
    const { own } = this.needs
    return own.isTaking && !own.board.isRefusing
  }

  private openKeeper(): Promise<Keeper> {
    const { arena, store, log, options, own } = this.needs
    return Keeper.open({
      files: diskFiles,
      processes: runningProcesses(diskFiles),
      directory: this.directory,
      snapshotInterval: options.snapshotInterval,
      arena,
      region: own.keeperRegion,
      board: own.board,
      store,
      log: (level, message) => log.say(level, message),
    })
  }

  private async begin({ firstGeneration, identity, recovered, spare }: Keeper): Promise<void> {
    const { hasFlushed } = recovered
    for (let worker = 0; worker < this.needs.arena.workerSlot.workerCount; worker++) {
      // The first one reports for all what is finished.
      const finished = worker === 0 ? recovered.finished : []
      const place = { ...this.placeOf(worker), identity }
      const begin = () => beginJournal(place, firstGeneration, 0, hasFlushed, finished)
      this.begun.push(await spare.backUp(begin))
    }
  }

  /** The server did not serve yet, except datagrams that the first thread may have answered. */
  private async removeBegun(): Promise<void> {
    const { journals } = this.needs.own.board
    const unused = this.begun.map((begun, worker) => {
      const isUsed = journals[worker]!.get(JournalFigure.fileLength) > begun.length
      return isUsed ? undefined : removeBegun(this.placeOf(worker), begun)
    })
    await Promise.all(unused)
  }

  private placeOf(worker: number) {
    return { files: diskFiles, directory: this.directory, store: this.needs.store, worker }
  }
}
