import { recover } from '../../../lib/journal/recovery/recovery.js'
import { Snapshot } from '../../../lib/journal/snapshot/snapshot.js'
import { beginJournal } from '../../../lib/journal/writing/begun-journal.js'
import { Journal } from '../../../lib/journal/writing/journal.js'
import { Command } from '../../../lib/request/command.js'
import { oneMemory } from '../../support/memories.js'
import { Random } from '../../support/random.js'
import { checkInvariants } from '../../support/store-invariants.js'
import { Client } from '../client.js'
import { EventLoop } from '../event-loop.js'
import { Finding } from '../finding.js'
import type { JudgedWorker } from '../judged-worker.js'
import { Machine } from '../machine.js'
import { Oracle } from '../oracle.js'
import { type Plan, planFor } from '../plan.js'
import { SimulatedDisk } from '../simulated-disk.js'
import { type MemoryOptions, memoryFor, type SimulatedMemory } from '../simulated-memory.js'
import type { SimulatedWorker } from '../simulated-worker.js'
import { Workload } from '../workload.js'
import { Baton } from './baton.js'
import { DIRECTORY, GENERATION, History, type ThreadReport } from './history.js'
import { endInterleaving, interleave, interleaveKernel } from './interleave.js'
import type { ThreadTask } from './thread.js'
import { beginThreads, endThreads } from './thread-pool.js'

const BEGIN_SECONDS = 2_000_000_000

/**
 * A run of two to four workers in threads of their own over one store, and of one that takes a snapshot meanwhile. One of
 * them at a time holds the baton, and hands it over in the middle of its work. Replies are judged afterwards, in
 * the order in which the requests were decided; so is what the journals, with or without the snapshot, restore.
 */
export class Interleaving {
  operationCount = 0
  readonly startCount = 2
  digest = 0
  private readonly random: Random
  private readonly plan: Plan
  private readonly options: MemoryOptions
  private readonly loop: EventLoop
  private readonly disk = new SimulatedDisk()
  private readonly machine: Machine
  private readonly oracle: Oracle

  constructor(seed: number) {
    const random = new Random(seed)
    this.random = random
    const workerCount = random.pick([2, 2, 3, 4])
    const plan = planFor(random)
    this.plan = { ...plan, ...random.pick(KINDS)(random) }
    this.options = {
      workerCount,
      memoryLength: random.pick(this.plan.memoryLengths),
      memoryCount: 1,
      mayEvict: this.plan.mayEvict,
      windowCount: 0,
      ringLength: 0,
      itemSizeMax: random.pick(this.plan.itemSizesMax),
    }
    this.loop = new EventLoop(random, BEGIN_SECONDS * 1000, plan.lookMs)
    this.machine = new Machine(random, this.loop, this.disk)
    this.disk.makeDirectory(DIRECTORY)
    this.oracle = new Oracle(Workload.keyNames(random, this.plan))
  }

  async run(wantedCount: number): Promise<void> {
    const { loop, options, oracle } = this
    loop.install()
    const memory = memoryFor(loop, options)
    const { first } = memory
    await this.fill(memory)
    first.store.restoring.handOver()
    const reports = await this.runThreads(memory, Math.ceil(wantedCount / options.workerCount))
    this.operationCount = reports.reduce((sum, { entries }) => sum + entries.length, 0)
    loop.ms = 1000 * Math.max(...reports.map(({ entries }) => latestOf(entries)))
    first.engine.refreshClock()
    new History(oracle, first.store, options.itemSizeMax, this.fittingLength(first)).judge(reports)
    oracle.checkMemory(workerAtRest(first))
    checkInvariants(first.arena.words, oneMemory(first.store))
    const evictedCount = first.count('evictions')
    if (evictedCount !== oracle.evictedCount)
      throw new Finding(`${evictedCount} evictions are counted, and ${oracle.evictedCount} were reported`)
    const { pinnedCount } = oneMemory(first.store).segments.pool
    if (pinnedCount > 0) throw new Finding(`${pinnedCount} segments are pinned, and no reply needs them`)
    await this.recover(reports)
  }

  /** One worker alone stores so many items that the index is about to grow. */
  private async fill({ first, board, journalRegion }: SimulatedMemory): Promise<void> {
    const { disk, random, oracle, machine } = this
    const place = { files: disk, directory: DIRECTORY, store: first.store, worker: 0 }
    const begun = await machine.settled(beginJournal(place, GENERATION - 1))
    const parts = { ...place, arena: first.arena, region: journalRegion, board, fsync: 'no' } as const
    const onFailed = (error: Error): never => {
      throw error
    }
    const journal = await machine.settled(Journal.open({ ...parts, onFailed }, begun))
    first.keep(journal)
    const client = new Client(first, workerAtRest(first, this.options.itemSizeMax), oracle)
    const evicted = (item: number): void => oracle.noteEviction(client.judged, item)
    first.store.memory.onEviction({ evicted, clears: () => undefined })
    const workload = new Workload(random, this.plan, oracle.keys)
    if (this.plan.keyCount > BUCKETS_FULL)
      for (const key of oracle.keys.slice(0, BUCKETS_FULL)) {
        client.ask(key, { ...workload.operation(key, first.clock.now), command: Command.SET, cas: 0 }, false)
        client.commit(() => undefined)
        while (disk.waitingCount > 0) disk.proceed(random)
      }
    await machine.settled(journal.close())
  }

  private async runThreads(memory: SimulatedMemory, operationCount: number): Promise<ThreadReport[]> {
    const { workerCount } = this.options
    const { random } = this
    // The last one is this thread, with the snapshot.
    const threadCount = workerCount + 1
    const shared = Baton.memoryFor(threadCount, random.below(0x7fff_ffff), BEGIN_SECONDS)
    const batonTask = { memory: shared, threadCount, calm: random.pick([2, 10, 50]) }
    const tasks = Array.from(
      { length: workerCount },
      (_, worker): ThreadTask => ({
        ...{ baton: batonTask, memory: memory.arena.first.memory, workerSlot: { worker, workerCount } },
        ...{ workerOptions: memory.workerOptions, boardRegion: memory.boardRegion },
        ...{ journalRegion: memory.journalRegion, plan: this.plan, operationCount },
        ...{ keyNames: this.oracle.keys.map(({ name }) => name), seed: random.below(0x7fff_ffff) },
      }),
    )
    const { reports } = await beginThreads(tasks)
    const baton = new Baton(batonTask, workerCount)
    baton.begin()
    interleaveKernel(memory.arena.first)
    try {
      baton.await()
      interleave(baton)
      if (random.chance(SNAPSHOT_SHARE)) await this.takeSnapshot(memory, baton)
    } catch (error) {
      endThreads()
      throw error
    } finally {
      endInterleaving()
      baton.leave()
    }
    const settled = await reports
    this.digest = baton.digest
    return settled
  }

  private async takeSnapshot({ first, keeperRegion }: SimulatedMemory, baton: Baton): Promise<void> {
    const { disk, random, machine } = this
    for (let wait = random.below(WAITS_MAX); wait > 0; wait--) baton.handOver()
    const taken = Snapshot.take({
      ...{
        files: disk,
        directory: DIRECTORY,
        generation: GENERATION,
        arena: first.arena,
        region: keeperRegion,
      },
      ...{ store: first.store, isHurried: false, isGivenUp: false },
      // All that the threads do is in their journals when they are read.
      syncJournals: async () => undefined,
      isBehind: () => false,
      mayWrite: () => true,
      onAbandoned: () => undefined,
    })
    await machine.settled(taken, () => baton.handOver())
  }

  /** A server with one worker starts on what the threads have left. */
  private async recover(reports: readonly ThreadReport[]): Promise<void> {
    const { disk, loop, oracle, options, machine } = this
    for (const [name, bytes] of reports.flatMap(({ files }) => files)) {
      const file = await machine.settled(disk.create(`${DIRECTORY}/${name}`))
      file.writeSync(bytes)
      file.close()
    }
    const { first, keeperRegion } = memoryFor(loop, { ...options, workerCount: 1 })
    const { arena, store } = first
    const parts = {
      files: disk,
      directory: DIRECTORY,
      arena,
      scratch: keeperRegion + Snapshot.REGION_LENGTH,
      store,
    }
    const { leftOutCount } = await machine.settled(recover(parts))
    if (leftOutCount > 0 && !oracle.isCrowded)
      throw new Finding(`${leftOutCount} items were left out by recovery, and all had fitted before`)
    oracle.judgeRecovery(workerAtRest(first), [Number.POSITIVE_INFINITY], leftOutCount, false)
  }

  private fittingLength({ store }: SimulatedWorker): number {
    const { segments } = oneMemory(store)
    const kept = SEGMENTS_KEPT * this.options.workerCount * segments.segmentLength
    return FITTING_SHARE * (segments.limit - kept)
  }
}

const latestOf = (entries: ThreadReport['entries']): number =>
  entries.reduce((latest, entry) => ('now' in entry ? Math.max(latest, entry.now) : latest), BEGIN_SECONDS)

const workerAtRest = ({ arena, store, clock }: SimulatedWorker, itemSizeMax = 0): JudgedWorker => ({
  ...{
    number: 0,
    arena,
    store,
    now: clock.now,
    itemSizeMax,
    mayRefuse: false,
    fittingLength: 0,
    evictingLength: 0,
    evictableLength: 0,
  },
  recordCounts: () => [0],
})

const MEGABYTE = 1024 * 1024
/** So many items that the index grows when there are more. */
const BUCKETS_FULL = 7800

/** The purpose of a run, besides its plan. */
const KINDS: readonly ((random: Random) => Partial<Plan>)[] = [
  // All threads use the same keys.
  (random) => ({ keyCount: random.pick([1, 2, 5, 20, 100]), expiringShare: 0.3 }),
  // The index grows.
  () => ({
    ...{ keyCount: 14_000, longestValue: 60, thresholdShare: 0, filledLength: 0, fillingShare: 0.8 },
    ...{ memoryLengths: [2 * MEGABYTE], itemSizesMax: [MEGABYTE], hotCount: 8 },
  }),
  // Memory is full.
  (random) => ({
    ...{ keyCount: 600, filledLength: Math.floor(((60 + random.below(90)) * MEGABYTE) / 100 / 600) },
    ...{ memoryLengths: [MEGABYTE], itemSizesMax: [MEGABYTE / 2], fillingShare: 0.5 },
  }),
]
const SNAPSHOT_SHARE = 0.7
const WAITS_MAX = 2000
/** What a worker keeps free, writes to, or may have pinned; and the room of values that others write. */
const SEGMENTS_KEPT = 8
const FITTING_SHARE = 0.2
