import { SPARE_NAME } from '../../lib/journal/format/file-header.js'
import { Random } from '../support/random.js'
import { aimOf } from './aim.js'
import { AIMED_PLANS } from './aimed-plans.js'
import { Client } from './client.js'
import { endConnections } from './connections/hang-up.js'
import { Marks } from './connections/marks.js'
import { type WirePlan, wirePlanFor, withLongValues } from './connections/wire-plan.js'
import { WiredClients } from './connections/wired-clients.js'
import { CrashAim } from './crash-aim.js'
import { shortenOlderJournal } from './damage.js'
import { DirectoryLoss, losesDirectories } from './directory-loss.js'
import { DiskFaults } from './disk-faults.js'
import { dividedPlan, memoryCountOf } from './divided-plan.js'
import { EventLoop, settlePromises } from './event-loop.js'
import { judgeEvictions } from './evictions.js'
import { FeedObserver } from './feed-observer.js'
import { Finding } from './finding.js'
import { checkGenerations } from './generation-check.js'
import { judgedWorker } from './judged-worker.js'
import { keeperStateOf } from './keeper-state.js'
import { Life } from './life.js'
import { Machine } from './machine.js'
import { checkAllMemory, checkNothingPinned, checkReaped } from './memory-checks.js'
import { Oracle } from './oracle.js'
import { type Plan, planFor } from './plan.js'
import { RoomJudge } from './room-judge.js'
import { SecuredRecords } from './secured-records.js'
import { SimulatedDisk } from './simulated-disk.js'
import { DIRECTORY, type ServerOptions, SimulatedServer } from './simulated-server.js'
import { Workload } from './workload.js'

/** Bytes of items in memory, their share of the index included. */
const BRIMFUL_SHARE = 0.9
/** The same without the segments that are kept free, and the share of the items that may then find no room after a clean end. */
const PACKED_SHARE = 0.92
const REPACKED_SHARE = 0.01
const SEGMENTS_FOR_CLEANING = 2
const SEGMENTS_HALF_EMPTY = 2
const BEGIN_MS = 2_000_000_000_000

type End = 'stop' | 'kill' | 'power'

/**
 * A run: one server after the other over the same disk, until this many requests are done. All of it follows from the
 * seed.
 */
export class Simulation {
  operationCount = 0
  startCount = 0
  readonly plan: Plan
  private readonly random: Random
  /** For events on connections. */
  private readonly wireRandom: Random
  /** For a clock that is set back; undefined for a run whose clock is not. */
  private readonly clockRandom: Random | undefined
  /** Undefined for a run without connections. */
  private readonly wirePlan: WirePlan | undefined
  private readonly loop: EventLoop
  private readonly disk = new SimulatedDisk()
  private readonly machine: Machine
  private readonly faults: DiskFaults
  private readonly oracle: Oracle
  private readonly records: SecuredRecords
  private readonly workload: Workload
  /** Of bounded disks. */
  private readonly room: RoomJudge | undefined
  /** Of runs whose directories are deleted or moved. */
  private readonly loss: DirectoryLoss | undefined
  /** Of runs whose changes are recorded. */
  private readonly observer: FeedObserver | undefined
  /** Of runs that are aimed at crashes. */
  private readonly crashAim: CrashAim | undefined
  private server!: SimulatedServer
  private options!: ServerOptions
  private clients: Client[] = []
  private life!: Life
  /** A server had less memory than the one before it, or more workers to share it. */
  private hasShrunk = false
  /** What the last server had at an orderly end, with a snapshot of everything; undefined after another end. */
  private endedWith: ServerOptions | undefined
  private hasLostPower = false
  /** Of the files that the last server started with, and of those that it ended with. */
  private firstGeneration = 0
  private lastGeneration = 0

  /** With items in so many memories, now and then in others; undefined: the seed decides. */
  constructor(seed: number, memoryCount = memoryCountOf(seed)) {
    this.random = new Random(seed)
    this.wireRandom = new Random(~seed)
    if (seed % SET_BACK_EVERY === SET_BACK_AT) this.clockRandom = new Random(~seed)
    this.wirePlan = wirePlanFor(seed, this.wireRandom)
    const aim = aimOf(seed)
    const whole = withLongValues(planFor(this.random, aim && AIMED_PLANS[aim]), this.wirePlan)
    const plan = dividedPlan(whole, memoryCount)
    const hasManyLives = losesDirectories(seed) || this.clockRandom !== undefined
    this.plan = hasManyLives ? { ...plan, lifeLength: Math.min(plan.lifeLength, SHORT_LIFE_LENGTH) } : plan
    this.loop = new EventLoop(this.random, BEGIN_MS, this.plan.lookMs)
    this.machine = new Machine(this.random, this.loop, this.disk)
    if (aim === 'crashes') this.crashAim = new CrashAim(this.random, this.disk)
    this.faults = new DiskFaults(this.random, this.plan, this.loop, this.disk)
    const { diskLength, longestValue } = this.plan
    this.disk.capacity = diskLength ?? Number.POSITIVE_INFINITY
    if (diskLength !== undefined) this.room = new RoomJudge(this.disk, longestValue)
    const names = Workload.keyNames(this.random, this.plan)
    // A key of the text protocol is one word.
    const mayHaveSpaces = this.wirePlan === undefined
    this.oracle = new Oracle(mayHaveSpaces ? names : names.map((name) => name.replace(' ', '_')))
    if (diskLength === undefined) this.observer = FeedObserver.for(seed, this.loop, this.oracle)
    if (diskLength === undefined) this.loss = DirectoryLoss.for(seed, this.disk, this.faults, this.oracle)
    this.oracle.isClockSetBack = this.clockRandom !== undefined
    this.records = new SecuredRecords(this.oracle, this.plan.fsync)
    this.workload = new Workload(this.random, this.plan, this.oracle.keys)
  }

  async run(wantedCount: number): Promise<void> {
    const operationCount = wantedCount * this.plan.operationFactor
    this.loop.install()
    while (this.operationCount < operationCount) {
      if (!(await this.start())) continue
      const left = operationCount - this.operationCount
      await this.life.live(Math.min(left, 1 + this.random.below(2 * this.plan.lifeLength)))
      await this.loss?.happen(this.life, this.server)
      await this.end()
      this.operationCount += this.life.operationCount
    }
    while (!(await this.start()));
    this.loop.clear()
  }

  /** Differs if anything has happened in another way. */
  get digest(): number {
    return this.random.below(0x7fff_ffff) ^ this.wireRandom.below(0x7fff_ffff)
  }

  // ─── a server starts ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Returns false if it was killed before it had recovered. */
  private async start(): Promise<boolean> {
    const { random, plan, disk, oracle, faults, records } = this
    this.startCount++
    faults.isOn = false
    this.options = this.nextOptions()
    this.clients = []
    if (random.chance(0.1) && this.startCount > 1 && !oracle.mayLackAll) await this.expectRefusalOfDamage()
    const opening = this.open()
    const isDoomed = this.aimAtStart() ?? random.chance(disk.hasUnsyncedName ? 0.7 : plan.doomedShare)
    try {
      if (!(await this.machine.waitFor(opening, isDoomed))) {
        await this.crash(disk.hasUnsyncedName ? 'power' : random.pick(['kill', 'power']))
        return false
      }
    } catch (error) {
      if (await this.isFull(error as Error)) return false
      throw new Finding(`the server does not start: ${(error as Error).message}`)
    }
    this.server = await opening
    this.clients = this.server.workers.map(
      (worker, number) =>
        new Client(worker, judgedWorker(worker, number, this.options, records, faults, this.room), oracle),
    )
    if (this.wirePlan !== undefined) this.connect(this.wirePlan)
    this.judgeRecovery()
    this.firstGeneration = this.server.keeper.firstGeneration
    this.crashAim?.atWork()
    judgeEvictions(this.clients, oracle)
    records.begin(this.server, this.clients)
    this.room?.begin(this.server)
    this.observer?.begin(this.clients)
    this.life = new Life({
      ...{ random, plan, machine: this.machine, faults, records, room: this.room, workload: this.workload },
      ...{ server: this.server, options: this.options, clients: this.clients, observer: this.observer },
      crashAim: this.crashAim,
    })
    this.hasLostPower = false
    faults.isOn = true
    return true
  }

  /** When the start is cut short; undefined if nothing is aimed at. */
  private aimAtStart(): (() => boolean) | undefined {
    const { crashAim } = this
    if (crashAim === undefined) return undefined
    crashAim.atStart()
    return () => crashAim.isHit
  }

  /** A server does not start on a full disk, even if it has given up the spare: the operator makes room. */
  private async isFull({ message }: Error): Promise<boolean> {
    const { disk, plan } = this
    if (!message.startsWith('ENOSPC') || !Number.isFinite(disk.capacity)) return false
    const spareLength = disk.lengthOf(`${DIRECTORY}/${SPARE_NAME}`)
    if (spareLength > 0)
      throw new Finding(
        `the server finds the disk full, and does not give up its spare of ${spareLength} bytes`,
      )
    await this.crash('kill')
    disk.othersLength = 0
    disk.capacity = Math.max(disk.capacity, disk.usedLength + plan.diskLength!)
    return true
  }

  /** From now on requests come through connections. */
  private connect(wirePlan: WirePlan): void {
    const { plan, workload, oracle, records } = this
    const common = { marks: new Marks(), refusals: { count: 0 } }
    const onAcknowledged = () => records.noteAcknowledged()
    const onRequest = () => records.watchSnapshots()
    const parts = {
      random: this.wireRandom,
      plan,
      wirePlan,
      workload,
      oracle,
      onAcknowledged,
      onRequest,
      ...common,
    }
    for (const client of this.clients) client.wired = new WiredClients(client, parts)
  }

  private nextOptions(): ServerOptions {
    const { random, plan, options: before } = this
    const options: ServerOptions = {
      workerCount: random.pick(plan.workerCounts),
      memoryLength: random.pick(plan.memoryLengths),
      memoryCount: plan.memoryCounts.length === 1 ? plan.memoryCounts[0]! : random.pick(plan.memoryCounts),
      itemSizeMax: random.pick(plan.itemSizesMax),
      mayEvict: plan.mayEvict,
      fsync: plan.fsync,
      isTight: plan.diskLength !== undefined,
      windowCount: this.wirePlan?.windowCount ?? 0,
      ringLength: this.observer?.ringLength ?? 0,
    }
    if (before !== undefined && isSmaller(options, before)) this.hasShrunk = true
    return options
  }

  private open(): Promise<SimulatedServer> {
    const { disk, loop, options, oracle } = this
    return SimulatedServer.open(disk, loop, options, (worker) =>
      oracle.noteTime(this.clients[worker]!.judged),
    )
  }

  /** A journal that lacks synced bytes must not be read as one that a crash cut off. */
  private async expectRefusalOfDamage(): Promise<void> {
    const { random, disk, machine, firstGeneration } = this
    const mend = shortenOlderJournal(random, disk, DIRECTORY, firstGeneration)
    if (mend === undefined) return
    try {
      await machine.waitFor(this.open(), false)
    } catch (error) {
      if (!/lacks its end|is damaged/.test((error as Error).message)) throw error
      mend()
      this.loop.clear()
      disk.kill(random)
      return
    }
    throw new Finding('a journal without its end is read as one that a crash cut off')
  }

  private judgeRecovery(): void {
    const { oracle, records, disk } = this
    const { leftOutCount, itemCount, torn, contents } = this.server.keeper.recovered
    // Items that fill memory completely may be packed less tightly after a restart.
    const isBrimful = oracle.liveLength > BRIMFUL_SHARE * this.lengthOfMemory
    if (leftOutCount > 0 && !oracle.isCrowded && !this.hasShrunk && !isBrimful)
      throw new Finding(`${leftOutCount} items were left out after a restart, and all had fitted before`)
    const hasFitted = this.endedWith !== undefined && !isSmaller(this.options, this.endedWith)
    const repackedCount = this.isPackedTightly ? REPACKED_SHARE * itemCount : 0
    if (hasFitted && leftOutCount > repackedCount)
      throw new Finding(
        `${leftOutCount} items were left out after an orderly end, and ${itemCount} came back`,
      )
    for (const { name, offset } of torn)
      if (offset > 0 && disk.lengthOf(`${DIRECTORY}/${name}`) !== offset)
        throw new Finding(`the end of ${name} was reported as cut off, and exists`)
    const { firstGeneration, lastGeneration } = this
    const fromTheEnd = lastGeneration === firstGeneration || lastGeneration === contents.snapshot?.generation
    const certain = this.hasLostPower ? records.secured : records.written
    // A later journal begins with the time at which it was created, and until it is used the one before it tells later ones.
    if (lastGeneration !== firstGeneration) oracle.forgetTimes()
    oracle.judgeRecovery(this.clients[0]!.judged, certain, leftOutCount, fromTheEnd)
    this.loss?.judged(contents)
  }

  /** Items fill all segments but those that workers keep free. The next server may pack them a little less tightly. */
  private get isPackedTightly(): boolean {
    const { workerCount } = this.options
    const { segmentLength } = this.clients[0]!.worker.store.figures
    const keptCount = SEGMENTS_HALF_EMPTY + SEGMENTS_FOR_CLEANING * workerCount
    return this.oracle.liveLength > PACKED_SHARE * (this.lengthOfMemory - keptCount * segmentLength)
  }

  /** Of one, if there are several: it may have most of the items. */
  private get lengthOfMemory(): number {
    return this.options.memoryLength / this.options.memoryCount
  }

  // ─── a server ends ─────────────────────────────────────────────────────────────────────────────────────────────────

  private async end(): Promise<void> {
    const { oracle, random, life, clients } = this
    if (life.isLimited) this.hasShrunk = true
    if (random.chance(this.observer === undefined ? 0.1 : 0.5)) await this.rest()
    const isPinched = this.room !== undefined && this.plan.isPinched
    if (isPinched) await life.pinch(this.room!)
    if (this.room !== undefined && (isPinched || random.chance(0.7))) await life.expectTaking(this.room)
    if (random.chance(0.2)) checkReaped(clients)
    if (random.chance(0.5)) await life.part()
    for (const { senders, wired } of clients) {
      senders.endAll()
      wired?.breakOffArriving()
    }
    checkAllMemory(clients, oracle)
    checkGenerations(this.server, this.firstGeneration)
    const end = this.endOfLife()
    if (end === 'stop' && (await this.stop())) return
    this.records.end()
    await this.crash(end === 'power' ? 'power' : 'kill')
  }

  private endOfLife(): End {
    const { random, life, crashAim } = this
    if (crashAim !== undefined) return crashAim.isHit ? 'kill' : random.pick(['stop', 'power', 'power'])
    return life.isCutShort ? random.pick(['kill', 'power']) : random.pick(['stop', 'kill', 'kill', 'power'])
  }

  private async rest(): Promise<void> {
    await this.life.rest()
    const areSafe = this.server.workers.every(
      ({ journal }) => journal!.error === undefined && journal!.isSafe(journal!.changeCount),
    )
    if (areSafe) checkNothingPinned(this.clients)
    await this.observer?.compare(this.machine)
  }

  /** Returns false if it is cut short, or the disk fails. */
  private async stop(): Promise<boolean> {
    const { random, server, clients } = this
    for (const client of clients) {
      client.readers.endAll()
      if (client.wired === undefined) client.commit(() => this.records.noteAcknowledged())
    }
    await endConnections(clients, this.machine)
    this.observer?.stop()
    if (!(await this.machine.waitFor(server.stop(), random.chance(0.2)))) return false
    if (server.said.some((message) => /was not closed|no snapshot could be taken/.test(message))) return false
    checkNothingPinned(clients)
    this.records.endInOrder()
    this.loss?.endedInOrder()
    await this.crash(random.pick(['kill', 'power']))
    if (!this.life.isLimited) this.endedWith = this.options
    return true
  }

  private async crash(how: 'kill' | 'power'): Promise<void> {
    // Pending callbacks run now: later they would act on the memory of the next server.
    await settlePromises()
    if (this.clients.length === 0) this.oracle.forgetTimes()
    if (this.clients.length > 0) this.endedWith = undefined
    if (this.clients.length > 0) this.lastGeneration = keeperStateOf(this.server.keeper).generation
    this.loop.clear()
    this.loss?.ended()
    if (how === 'kill') {
      this.disk.kill(this.random)
    } else {
      this.disk.losePower(this.random)
      this.hasLostPower = true
    }
    const time = this.loop.seconds
    this.loop.advance(this.random.below(1000 * this.plan.jumpSecondsMax))
    if (this.clockRandom?.chance(SET_BACK_SHARE) === true) {
      this.oracle.noteSetBack(time)
      this.loop.ms -= this.clockRandom.below(1000 * SET_BACK_FACTOR * this.plan.jumpSecondsMax)
    }
  }
}

/** Requests of a server, if what matters happens to each server once. */
const SHORT_LIFE_LENGTH = 500

/** Of so many seeds one has a clock that is set back while no server runs; none of these has threads or connections. */
const SET_BACK_EVERY = 10
const SET_BACK_AT = 4
const SET_BACK_SHARE = 0.5
/** It may show what it showed several servers ago. */
const SET_BACK_FACTOR = 4

const isSmaller = (options: ServerOptions, before: ServerOptions): boolean =>
  options.memoryLength < before.memoryLength ||
  options.workerCount > before.workerCount ||
  // Items are divided in another way.
  options.memoryCount !== before.memoryCount
