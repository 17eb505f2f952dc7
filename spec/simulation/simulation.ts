import { Random } from '../support/random.js'
import { checkInvariants } from '../support/store-invariants.js'
import { Client } from './client.js'
import { EventLoop, settlePromises } from './event-loop.js'
import { Finding, type JudgedWorker, Oracle } from './oracle.js'
import { type Plan, planFor } from './plan.js'
import { SimulatedDisk } from './simulated-disk.js'
import { type ServerOptions, SimulatedServer } from './simulated-server.js'
import type { SimulatedWorker } from './simulated-worker.js'
import { Workload } from './workload.js'

const BEGIN_MS = 2_000_000_000_000
/** Whoever is waited for so many events long hangs. */
const EVENTS_MAX = 20_000

type End = 'stop' | 'kill' | 'power'

/** Up to which count the records of the last server are certain, by how the machine went on. */
interface Certain {
  /** After a kill. */
  readonly written: readonly number[]
  /** After a loss of power. */
  readonly secured: readonly number[]
}

/** A run: one server after the other over the same disk, until so many requests have been made. All of it follows from the seed. */
export class Simulation {
  operationCount = 0
  startCount = 0
  readonly plan: Plan
  private readonly random: Random
  private readonly loop: EventLoop
  private readonly disk = new SimulatedDisk()
  private readonly oracle: Oracle
  private readonly workload: Workload
  private server!: SimulatedServer
  private options!: ServerOptions
  /** A server had less memory than the one before it, or more workers to share it. */
  private hasShrunk = false
  private clients: Client[] = []
  private certain: Certain = { written: [], secured: [] }
  private hasLostPower = false
  private faultCount = 0
  private isFaulty = false
  private securing: { readonly counts: readonly number[]; readonly faultCount: number } | undefined
  private snapshotCount = 0
  private snapshotCounts: readonly number[] = []
  private generation = 0

  constructor(seed: number) {
    this.random = new Random(seed)
    this.plan = planFor(this.random)
    this.loop = new EventLoop(this.random, BEGIN_MS)
    this.oracle = new Oracle(Workload.keyNames(this.random, this.plan))
    this.workload = new Workload(this.random, this.plan, this.oracle.keys)
    this.disk.faultOf = (call) => {
      if (!this.isFaulty || !this.random.chance(this.plan.faultShare)) return undefined
      const kind = this.random.below(4)
      if (call === 'write' && kind === 0) return { share: this.random.below(1000) / 1000 }
      if (call === 'write' && kind === 1) return { code: 'EINTR' }
      this.faultCount++
      return { code: this.random.pick(['ENOSPC', 'EIO']) }
    }
    this.disk.onWrite = () => {
      if (this.random.chance(this.plan.slowShare)) this.loop.ms += this.random.below(8)
    }
  }

  async run(wantedCount: number): Promise<void> {
    const operationCount = wantedCount * this.plan.operationFactor
    this.loop.install()
    while (this.operationCount < operationCount) {
      if (!(await this.start())) continue
      await this.live(
        Math.min(operationCount, this.operationCount + 1 + this.random.below(2 * this.plan.lifeLength)),
      )
      await this.end()
    }
    while (!(await this.start()));
    this.loop.clear()
  }

  /** Another one if anything has happened in another way. */
  get digest(): number {
    return this.random.below(0x7fff_ffff)
  }

  // ─── a server from its start to its end ────────────────────────────────────────────────────────────────────────────

  /** False when it was killed before it had recovered. */
  private async start(): Promise<boolean> {
    const { random, plan, loop, disk, oracle } = this
    this.startCount++
    this.isFaulty = false
    const before = this.options
    this.options = {
      workerCount: random.pick(plan.workerCounts),
      memoryLength: random.pick(plan.memoryLengths),
      itemSizeMax: random.pick(plan.itemSizesMax),
      mayEvict: plan.mayEvict,
      fsync: plan.fsync,
    }
    const { memoryLength, workerCount } = this.options
    if (before !== undefined && (memoryLength < before.memoryLength || workerCount > before.workerCount))
      this.hasShrunk = true
    this.clients = []
    const opening = SimulatedServer.open(disk, loop, this.options, (worker) =>
      oracle.noteTime(this.clients[worker]!.judged),
    )
    const isDoomed = random.chance(0.1)
    if (!(await this.waitFor(opening, isDoomed))) {
      this.crash(random.pick(['kill', 'power']))
      return false
    }
    this.server = await opening
    const { workers, keeper } = this.server
    this.clients = workers.map(
      (worker, number) => new Client(worker, this.judgedWorker(worker, number), oracle),
    )
    const { written, secured } = this.certain
    const { leftOutCount } = keeper.recovered
    if (leftOutCount > 0 && !oracle.isCrowded && !this.hasShrunk)
      throw new Finding(`${leftOutCount} items were left out after a restart, and all had fitted before`)
    oracle.judgeRecovery(this.judgedOfRecovery, this.hasLostPower ? secured : written, leftOutCount)
    for (const [number, worker] of workers.entries())
      worker.store.listenToEvictions({
        evicted: (item) => oracle.noteEviction(this.clients[number]!.judged, item),
        clears: () => undefined,
      })
    this.hasLostPower = false
    oracle.secured = workers.map(() => 0)
    this.securing = undefined
    this.snapshotCount = 0
    this.generation = 0
    this.isFaulty = true
    return true
  }

  private get judgedOfRecovery(): JudgedWorker {
    return this.clients[0]!.judged
  }

  private judgedWorker(worker: SimulatedWorker, number: number): JudgedWorker {
    const simulation = this
    return {
      number,
      arena: worker.arena,
      store: worker.store,
      itemSizeMax: this.options.itemSizeMax,
      get now() {
        return worker.clock.now
      },
      recordCounts: () => simulation.recordCounts(),
      get mayRefuse() {
        return simulation.faultCount > 0
      },
      get fittingLength() {
        const { segments } = worker.store
        if (segments.pool.pinnedCount > 0) return 0
        const kept = SEGMENTS_KEPT * simulation.options.workerCount * segments.segmentLength
        return FITTING_SHARE * (segments.limit - kept)
      },
    }
  }

  /** How many records each journal has; infinity of one that takes none. */
  private recordCounts(): number[] {
    return this.server.workers.map(({ journal }) =>
      journal!.error === undefined ? journal!.changeCount : Number.POSITIVE_INFINITY,
    )
  }

  private async live(operationCount: number): Promise<void> {
    const { random, plan } = this
    while (this.operationCount < operationCount) {
      for (let batch = random.below(2 * plan.calm); batch >= 0; batch--) this.serve(random.pick(this.clients))
      if (this.happen()) await settlePromises()
      this.watchSnapshots()
      this.secureByTick()
    }
  }

  private async end(): Promise<void> {
    const { oracle, random } = this
    for (const { judged } of this.clients) oracle.checkMemory(judged)
    const [{ worker }] = this.clients as [Client]
    checkInvariants(worker.arena.words, worker.store)
    const evictedCount = worker.count('evictions')
    if (evictedCount !== oracle.evictedCount)
      throw new Finding(`${evictedCount} evictions are counted, and ${oracle.evictedCount} were told`)
    const { pinnedCount } = worker.store.segments.pool
    if (pinnedCount > 0 && this.isAtRest)
      throw new Finding(`${pinnedCount} segments are pinned, and nobody reads them`)
    const end: End = random.pick(['stop', 'kill', 'kill', 'power'])
    if (end === 'stop' && (await this.stop())) return
    this.noteCertain()
    this.crash(end === 'power' ? 'power' : 'kill')
  }

  /** Nothing is on its way to the disk. */
  private get isAtRest(): boolean {
    const areWritten = this.server.workers.every(({ journal }) => {
      journal!.commit()
      return journal!.error === undefined && journal!.isSafe(journal!.changeCount)
    })
    return areWritten && this.isIdle && keeperState(this.server.keeper).running === undefined
  }

  /** False when it is cut short, or the disk fails. */
  private async stop(): Promise<boolean> {
    const { random, server } = this
    for (const client of this.clients) client.commit(() => this.noteAcknowledged())
    const isDoomed = random.chance(0.2)
    if (!(await this.waitFor(server.stop(), isDoomed))) return false
    if (server.said.some((message) => /was not closed|no snapshot could be taken/.test(message))) return false
    const all = server.workers.map(() => Number.POSITIVE_INFINITY)
    this.certain = { written: all, secured: all }
    this.crash(random.pick(['kill', 'power']))
    return true
  }

  private noteCertain(): void {
    const written = this.clients.map(({ acknowledgedCount }) => acknowledgedCount)
    this.certain = { written, secured: [...this.oracle.secured] }
  }

  private crash(how: 'kill' | 'power'): void {
    this.loop.clear()
    if (how === 'kill') {
      this.disk.kill(this.random)
    } else {
      this.disk.losePower(this.random)
      this.hasLostPower = true
    }
    this.loop.advance(this.random.below(1000 * this.plan.jumpSecondsMax))
  }

  // ─── what happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A few requests in one turn. */
  private serve(client: Client): void {
    const { random, workload } = this
    if (!client.worker.journal!.hasRoom) return
    client.refreshClock()
    for (let count = random.below(4); count >= 0; count--) {
      this.operationCount++
      if (random.chance(this.plan.flushShare))
        client.flush(random.chance(0.3) ? 0 : workload.expiry(client.judged.now))
      else {
        const key = workload.key()
        client.ask(key, workload.operation(key, client.judged.now))
      }
    }
    if (random.chance(0.8)) client.commit(() => this.noteAcknowledged())
  }

  private noteAcknowledged(): void {
    if (this.plan.fsync !== 'always') return
    this.oracle.secured = this.clients.map(({ acknowledgedCount }) => acknowledgedCount)
  }

  /** Something that is no request. True when promises may have been settled by it. */
  private happen(): boolean {
    const { random, loop, disk, plan } = this
    const roll = random.below(100)
    if (roll < 40) {
      if (disk.waitingCount === 0) return false
      disk.proceed(random)
    } else if (roll < 70) {
      if (!loop.hasImmediates) return false
      loop.runImmediate()
    } else if (roll < 80) {
      this.passTime(random.below(1500))
    } else if (roll < 82) {
      this.passTime(random.below(1000 * plan.jumpSecondsMax))
    } else if (roll < 90) {
      random.pick(this.clients).worker.store.reap(random.below(300))
      return false
    } else if (roll < 91) {
      if (random.chance(0.5)) void this.server.keeper.snapshot()
    } else if (roll < 92) {
      if (plan.hasLimits && random.chance(0.2)) this.limitMemory()
      return false
    } else {
      return false
    }
    return true
  }

  /** As a client may, while the server runs. */
  private limitMemory(): void {
    const { random } = this
    const { store } = random.pick(this.clients).worker
    this.hasShrunk = true
    store.limitMemory(Math.floor((this.options.memoryLength * (1 + random.below(8))) / 4))
  }

  private passTime(ms: number): void {
    const { isIdle } = this
    const counts = this.recordCounts()
    if (this.loop.advance(ms) > 0)
      this.securing = isIdle ? { counts, faultCount: this.faultCount } : undefined
  }

  private get isIdle(): boolean {
    return this.disk.waitingCount === 0 && !this.loop.hasImmediates
  }

  private watchSnapshots(): void {
    const { keeper } = this.server
    const { generation } = keeperState(keeper)
    if (generation !== this.generation) {
      this.generation = generation
      this.snapshotCounts = this.recordCounts()
    }
    if (keeper.snapshotCount === this.snapshotCount) return
    this.snapshotCount = keeper.snapshotCount
    this.secure(this.snapshotCounts)
  }

  /** In mode `everysec` a tick begins to sync all that there is, unless a sync is under way. */
  private secureByTick(): void {
    const { securing } = this
    if (securing === undefined || !this.isIdle) return
    if (this.plan.fsync === 'everysec' && securing.faultCount === this.faultCount)
      this.secure(securing.counts)
    this.securing = undefined
  }

  private secure(counts: readonly number[]): void {
    this.oracle.secured = this.oracle.secured.map((count, worker) => {
      const more = counts[worker]!
      return Number.isFinite(more) ? Math.max(count, more) : count
    })
  }

  /** Lets things happen until a promise is settled. False when that is cut short. */
  private async waitFor(promise: Promise<unknown>, isDoomed: boolean): Promise<boolean> {
    const { random, loop, disk } = this
    let isSettled = false
    let failure: unknown
    promise.then(
      () => {
        isSettled = true
      },
      (error: unknown) => {
        isSettled = true
        failure = error
      },
    )
    for (let events = 0; events < EVENTS_MAX; events++) {
      await settlePromises()
      if (isSettled) {
        if (failure !== undefined)
          throw new Finding(`the server does not start: ${(failure as Error).message}`)
        return true
      }
      if (isDoomed && random.chance(0.1)) return false
      if (disk.waitingCount > 0 && random.chance(0.6)) disk.proceed(random)
      else if (loop.hasImmediates) loop.runImmediate()
      else if (disk.waitingCount > 0) disk.proceed(random)
      else loop.advance(Math.max(0, Math.min(1000, loop.nextDueMs - loop.ms)))
    }
    throw new Finding('the server hangs')
  }
}

/** What a keeper tells nobody. */
interface KeeperState {
  readonly generation: number
  /** A snapshot that is being taken. */
  readonly running: Promise<boolean> | undefined
}

const keeperState = (keeper: SimulatedServer['keeper']): KeeperState => keeper as unknown as KeeperState

/** What a worker keeps free, writes to, or may have pinned. */
const SEGMENTS_KEPT = 6
/** Of the rest, so much is used by items before any may be evicted. */
const FITTING_SHARE = 0.4
