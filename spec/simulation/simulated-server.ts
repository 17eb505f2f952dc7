import type { MessagePort } from 'node:worker_threads'
import { Keeper } from '../../lib/journal/keeper.js'
import { type BegunJournal, beginJournal } from '../../lib/journal/writing/begun-journal.js'
import { Board } from '../../lib/journal/writing/board.js'
import type { Fsync } from '../../lib/journal/writing/fsync.js'
import { Journal, type JournalParts } from '../../lib/journal/writing/journal.js'
import {
  obeyKeeper,
  RemoteJournal,
  reportFailure,
  reportShortage,
} from '../../lib/journal/writing/remote-journal.js'
import type { EventLoop } from './event-loop.js'
import type { SimulatedDisk } from './simulated-disk.js'
import { type MemoryOptions, memoryFor } from './simulated-memory.js'
import { SimulatedWorker } from './simulated-worker.js'
import { SMALL_BOUNDS } from './small-bounds.js'

export interface ServerOptions extends MemoryOptions {
  readonly fsync: Fsync
  /** With the small bounds of room. */
  readonly isTight: boolean
}

export const DIRECTORY = '/data'

/** A server over a simulated disk, without sockets: its keeper, and its workers from their engines down. */
export class SimulatedServer {
  readonly workers: readonly SimulatedWorker[]
  readonly keeper: Keeper
  readonly said: readonly string[]

  private constructor(workers: readonly SimulatedWorker[], keeper: Keeper, said: readonly string[]) {
    this.workers = workers
    this.keeper = keeper
    this.said = said
  }

  /**
   * Starts as lib/server/data.ts does: recovers in the first worker slot, creates all journals, and hands them to the
   * workers.
   */
  static async open(
    disk: SimulatedDisk,
    loop: EventLoop,
    options: ServerOptions,
    onRefresh: (worker: number) => void,
  ): Promise<SimulatedServer> {
    const { workerCount, fsync } = options
    const { arena, first, workerOptions, boardRegion, board, keeperRegion, journalRegion } = memoryFor(
      loop,
      options,
    )
    const said: string[] = []
    const keeper = await Keeper.open({
      files: disk,
      processes: { self: { pid: 1, begun: `${loop.ms}` }, begunOf: () => undefined },
      directory: DIRECTORY,
      snapshotInterval: 0,
      arena: arena.first,
      region: keeperRegion,
      board,
      store: first.store,
      ...(options.isTight ? { bounds: SMALL_BOUNDS } : {}),
      log: (_level, message) => void said.push(message),
    })
    const { identity } = keeper
    const place = (worker: number) => ({
      ...{ files: disk, directory: DIRECTORY, identity, store: first.store, worker },
    })
    const begun: BegunJournal[] = []
    const { firstGeneration, recovered, spare } = keeper
    for (let worker = 0; worker < workerCount; worker++) {
      const finished = worker === 0 ? recovered.finished : []
      const begin = () => beginJournal(place(worker), firstGeneration, 0, recovered.hasFlushed, finished)
      begun.push(await spare.backUp(begin))
    }
    const onShort = () => keeper.lookSoon()
    const partsOf = (worker: SimulatedWorker, number: number): Omit<JournalParts, 'onFailed'> => ({
      arena: worker.arena,
      region: journalRegion + number * Journal.REGION_LENGTH,
      board: new Board(worker.arena, boardRegion, workerCount),
      store: worker.store,
      files: disk,
      directory: DIRECTORY,
      worker: number,
      fsync,
    })
    if (workerCount === 1) {
      const parts = { ...partsOf(first, 0), onFailed: (error: Error) => keeper.failed(error), onShort }
      first.keep(await Journal.open(parts, begun[0]!))
      keeper.start([first.journal!])
      return new SimulatedServer([first], keeper, said)
    }
    first.store.restoring.handOver()
    const workers = arena.workerSlots.map(
      (workerSlot) => new SimulatedWorker(workerSlot, loop, workerOptions),
    )
    const remote: RemoteJournal[] = []
    for (const [number, worker] of workers.entries()) {
      const [keepers, workers_] = pipe(loop)
      const onFailed = (error: Error) => keeper.failed(error)
      remote.push(new RemoteJournal(keepers, board.journals[number]!, onFailed, onShort))
      const parts = {
        ...partsOf(worker, number),
        onFailed: (error: Error) => reportFailure(workers_, error),
        onShort: () => reportShortage(workers_, worker.journal),
      }
      const journal = await Journal.open(parts, begun[number]!)
      worker.keep(journal)
      obeyKeeper(workers_, journal, () => {
        worker.store.refreshClock()
        onRefresh(number)
      })
    }
    keeper.start(remote)
    return new SimulatedServer(workers, keeper, said)
  }

  stop(): Promise<void> {
    return this.keeper.close()
  }
}

type Listener = (message: unknown) => void

/** Two ports: a message to one arrives at the other, in a turn of its own. */
function pipe(loop: EventLoop): [MessagePort, MessagePort] {
  const heard: [Listener?, Listener?] = []
  const port = (own: 0 | 1): MessagePort => {
    const other = own === 0 ? 1 : 0
    const fake = {
      on(_event: string, listener: Listener) {
        heard[own] = listener
      },
      postMessage: (message: unknown) => loop.later(() => heard[other]?.(message)),
      unref: () => undefined,
      close: () => undefined,
    }
    return fake as unknown as MessagePort
  }
  return [port(0), port(1)]
}
