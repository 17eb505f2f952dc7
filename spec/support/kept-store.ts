import type { Files } from '../../lib/journal/disk/files.js'
import { Keeper } from '../../lib/journal/keeper.js'
import { beginJournal } from '../../lib/journal/writing/begun-journal.js'
import { Board } from '../../lib/journal/writing/board.js'
import type { Fsync } from '../../lib/journal/writing/fsync.js'
import { Journal } from '../../lib/journal/writing/journal.js'
import { Counter } from '../../lib/metrics/counters.js'
import { EngineDriver } from './engine-driver.js'

const MEGABYTE = 1024 * 1024
export const DIRECTORY = '/data'

export interface KeptStoreOptions {
  readonly fsync?: Fsync
  readonly directory?: string
  readonly memoryLength?: number
  readonly mayEvict?: boolean
  /** Every process but this one has ended. */
  readonly pid?: number
  /** How many workers have a journal: changes go to them in turn. */
  readonly workerCount?: number
  readonly isSnapshotOnly?: boolean
  /** What the clock shows when it begins. */
  readonly now?: number
}

/** A store over a data directory: a server without sockets. Its clock moves only when told to. */
export class KeptStore {
  readonly driver: EngineDriver
  readonly keeper: Keeper
  readonly journals: readonly Journal[]
  readonly board: Board
  readonly said: string[]

  private constructor(
    driver: EngineDriver,
    keeper: Keeper,
    journals: readonly Journal[],
    board: Board,
    said: string[],
  ) {
    this.driver = driver
    this.keeper = keeper
    this.journals = journals
    this.board = board
    this.said = said
  }

  static async open(files: Files, options: KeptStoreOptions = {}): Promise<KeptStore> {
    const { memoryLength = MEGABYTE, mayEvict = true, fsync = 'everysec', workerCount = 1 } = options
    const directory = options.directory ?? DIRECTORY
    const spare =
      Keeper.REGION_LENGTH + workerCount * (Journal.REGION_LENGTH + 4096) + Board.regionLength(workerCount)
    const room = EngineDriver.createArena(memoryLength, 1, spare)
    const driver = new EngineDriver(memoryLength, mayEvict, memoryLength / 2, room)
    const { arena, store } = driver
    if (options.now !== undefined) driver.clock.now = options.now
    const board = new Board(arena, arena.reserve(Board.regionLength(workerCount)), workerCount)
    const said: string[] = []
    const self = { pid: options.pid ?? 1, begun: 'then' }
    const keeper = await Keeper.open({
      files,
      processes: { self, begunOf: (pid) => (pid === self.pid ? self.begun : undefined) },
      directory,
      snapshotInterval: 0,
      arena,
      region: arena.reserve(Keeper.REGION_LENGTH),
      board,
      store,
      log: (_level, message) => said.push(message),
    })
    const journals: Journal[] = []
    for (let worker = 0; worker < (options.isSnapshotOnly ? 0 : workerCount); worker++) {
      const region = arena.reserve(Journal.REGION_LENGTH)
      const onFailed = (error: Error) => keeper.failed(error)
      const onShort = () => keeper.lookSoon()
      const parts = { arena, region, board, store, files, directory, worker, fsync, onFailed, onShort }
      const { firstGeneration, identity, recovered } = keeper
      const finished = worker === 0 ? recovered.finished : []
      const begun = await keeper.spare.backUp(() =>
        beginJournal({ ...parts, identity }, firstGeneration, 0, recovered.hasFlushed, finished),
      )
      journals.push(await Journal.open(parts, begun))
    }
    const kept = new KeptStore(driver, keeper, journals, board, said)
    kept.listen()
    keeper.start(journals)
    stopEarlier(keeper)
    return kept
  }

  /** The only journal, or the first one. */
  get journal(): Journal {
    return this.journals[0]!
  }

  /** Commits the changes, as before a reply is sent. Fulfilled once the reply may be sent. */
  async acknowledge(): Promise<boolean> {
    const outcomes = this.journals.map(
      (journal) =>
        new Promise<boolean>((resolve) => {
          const { changeCount } = journal
          journal.commit()
          if (journal.isSafe(changeCount)) resolve(true)
          else journal.wait(changeCount, { size: 1, committed: resolve })
        }),
    )
    return (await Promise.all(outcomes)).every((isSafe) => isSafe)
  }

  /** A second in which a request came. */
  tick(): void {
    this.driver.store.counters.add(Counter.bytes_read, 1)
    for (const journal of this.journals) journal.tick()
  }

  text(key: string): string | undefined {
    return this.driver.get(key)?.value.toString('latin1')
  }

  setText(key: string, value: string, expiry = 0): void {
    this.driver.set(key, Buffer.from(value, 'latin1'), 0, expiry)
  }

  /** All items, by their keys. */
  contents(keys: readonly string[]): Map<string, string> {
    return new Map(keys.flatMap((key) => (this.text(key) === undefined ? [] : [[key, this.text(key)!]])))
  }

  /** Each change goes to another worker's journal: versions only promise to rise. */
  private listen(): void {
    const { journals } = this
    if (journals.length === 0) return
    let turn = 0
    const next = (): Journal => journals[turn++ % journals.length]!
    this.driver.store.onChange({
      stored: (item) => next().stored(item),
      removed: (keyStart, keyLength, version) => next().removed(keyStart, keyLength, version),
      forgotten: (keyStart, keyLength, version) => next().forgotten(keyStart, keyLength, version),
      // Journals write nothing for these: they must not change which journal is the next.
      expired: () => undefined,
      evicted: () => undefined,
      flushBegins: () => undefined,
      touched: (item, version) => next().touched(item, version),
      flushed: (version) => next().flushed(version),
      flushDue: (time, version) => next().flushDue(time, version),
      prefixFlushed: (start, length, version) => next().prefixFlushed(start, length, version),
    })
  }
}

/**
 * Only the last stores tick. A timer keeps its store and its arena from being collected: specs that open thousands of them would
 * slow down all later specs of their process.
 */
const TICKING_COUNT = 20
const ticking: Keeper[] = []

function stopEarlier(keeper: Keeper): void {
  ticking.push(keeper)
  if (ticking.length > TICKING_COUNT) clearInterval(ticking.shift()!['timer'])
}
