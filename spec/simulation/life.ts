import { Command } from '../../lib/request/command.js'
import { Status } from '../../lib/request/status.js'
import type { Random } from '../support/random.js'
import type { Client } from './client.js'
import { hangUp } from './connections/hang-up.js'
import type { CrashAim } from './crash-aim.js'
import type { DiskFaults } from './disk-faults.js'
import { settlePromises } from './event-loop.js'
import type { FeedObserver } from './feed-observer.js'
import { Finding } from './finding.js'
import { keeperStateOf } from './keeper-state.js'
import type { Machine } from './machine.js'
import type { Operation } from './outcome.js'
import type { Plan } from './plan.js'
import type { RoomJudge } from './room-judge.js'
import type { SecuredRecords } from './secured-records.js'
import type { ServerOptions, SimulatedServer } from './simulated-server.js'
import { SMALL_BOUNDS } from './small-bounds.js'
import { Surge } from './surge.js'
import { sweptName } from './swept-name.js'
import type { Workload } from './workload.js'

export interface LifeParts {
  readonly random: Random
  readonly plan: Plan
  readonly machine: Machine
  readonly faults: DiskFaults
  readonly records: SecuredRecords
  readonly room: RoomJudge | undefined
  readonly workload: Workload
  readonly server: SimulatedServer
  readonly options: ServerOptions
  readonly clients: readonly Client[]
  readonly observer: FeedObserver | undefined
  readonly crashAim: CrashAim | undefined
}

/** What happens to one server between its start and its end. */
export class Life {
  operationCount = 0
  /** Its limit of memory was changed. */
  isLimited = false
  /** A crash comes while something is under way that it could damage. */
  isCutShort = false
  private readonly parts: LifeParts
  private delicateCount = 0
  private readonly surge: Surge
  private seenLength: number

  constructor(parts: LifeParts) {
    this.parts = parts
    const { disk } = parts.machine
    this.seenLength = disk.writtenLength
    this.surge = new Surge(disk, parts.workload, parts.plan.surgeLength)
  }

  async live(operationCount: number): Promise<void> {
    const { random, plan, records, faults, machine, room, server, clients } = this.parts
    let [servedCount, idleTurns] = [0, 0]
    while (this.operationCount < operationCount && !this.isCutShort) {
      this.surge.step(keeperStateOf(server.keeper).running !== undefined)
      if (plan.sweptShare > 0 && random.chance(ALL_READ_SHARE))
        for (const { readers } of clients) readers.endAll()
      for (let batch = random.below(2 * plan.calm); batch >= 0; batch--) {
        this.serve()
        this.observe()
      }
      // If room is short, messages between workers and keeper arrive before much more is stored.
      for (
        let turns = room === undefined ? 0 : TURNS_AT_ONCE;
        turns > 0 && machine.loop.hasImmediates;
        turns--
      ) {
        machine.loop.runImmediate()
        await settlePromises()
      }
      if (this.happen()) await settlePromises()
      room?.watch()
      records.watchSnapshots()
      if (machine.isIdle) records.noteIdle(faults.count)
      this.isCutShort = random.chance(plan.cutShare * this.delicacy) || this.isAimHit
      idleTurns = this.operationCount > servedCount ? 0 : idleTurns + 1
      servedCount = this.operationCount
      if (idleTurns > IDLE_TURNS_MAX) throw new Finding('no connection is accepted any more')
    }
    this.surge.end()
  }

  /** The run is aimed at a crash at this moment. Aimed runs take many snapshots. */
  private get isAimHit(): boolean {
    const { crashAim, random, server } = this.parts
    if (crashAim === undefined) return false
    if (random.chance(AIMED_SNAPSHOT_SHARE)) void server.keeper.snapshot()
    return crashAim.isHit
  }

  /** The last requests before a crash: much of what they change is on its way when it comes. */
  async part(): Promise<void> {
    const { random, workload, machine } = this.parts
    workload.isParting = true
    for (let turns = random.below(8); turns >= 0; turns--) this.serve()
    for (let calls = random.below(4); calls > 0; calls--)
      if (machine.disk.waitingCount > 0) machine.disk.proceed(random)
    workload.isParting = false
    await settlePromises()
  }

  /** Everything is written, and no client reads any more. */
  async rest(): Promise<void> {
    const { clients, machine, server, records, faults } = this.parts
    for (const client of clients) {
      client.readers.endAll()
      client.senders.endAll()
      if (client.wired === undefined) this.commit(client)
    }
    await hangUp(clients, machine, server)
    await machine.comeToRest(() => keeperStateOf(server.keeper).running !== undefined)
    for (const { wired } of clients) wired?.checkRest()
    records.watchSnapshots()
    records.noteIdle(faults.count)
  }

  /** Journals have just become short, and other programs leave about as much space as the next snapshot needs. */
  async pinch(room: RoomJudge): Promise<void> {
    const { faults, machine, random, server } = this.parts
    const { disk } = machine
    faults.isOn = false
    await machine.settled(server.keeper.snapshot())
    await this.passSeconds(NOTICE_SECONDS)
    const left = room.neededLength + random.below(2 * SMALL_BOUNDS.roomMin)
    if (Number.isFinite(disk.capacity)) disk.othersLength += Math.max(0, disk.freeLength() - left)
    room.watch()
    await this.passSeconds(NOTICE_SECONDS)
  }

  /** When there are no more faults, changes are accepted again after a while, unless the disk has no room. */
  async expectTaking(room: RoomJudge): Promise<void> {
    const { faults } = this.parts
    faults.isOn = false
    for (let seconds = 0; seconds < TAKING_SECONDS_MAX && !room.isTaking; seconds++) {
      this.passTime(1000)
      await this.rest()
      room.watch()
    }
    room.checkTaking()
    await this.overfill(room)
  }

  /** For a while, other programs take space that the next snapshot needs, and again what the server has made free meanwhile. */
  private async overfill(room: RoomJudge): Promise<void> {
    const { disk } = this.parts.machine
    if (!Number.isFinite(disk.capacity)) return
    const { othersLength } = disk
    const part = (this.operationCount % OVERFILLED_PARTS) / OVERFILLED_PARTS
    for (let times = 0; times < OVERFILLED_TIMES && room.isTaking; times++) {
      disk.othersLength += Math.max(0, disk.freeLength() - Math.floor(part * 2 * SMALL_BOUNDS.roomMin))
      room.watch()
      await this.passSeconds(NOTICE_SECONDS)
    }
    if (!room.isTaking) await this.expectWayOut(room)
    disk.othersLength = othersLength
  }

  /** A full disk accepts a flush, and then has space for a snapshot, which makes room for changes. */
  private async expectWayOut(room: RoomJudge): Promise<void> {
    const [client] = this.parts.clients
    if (client!.wired !== undefined || !room.hasWayOut) return
    client!.refreshClock()
    client!.flush(0)
    if (client!.worker.reply.status !== Status.OK) throw new Finding('a full disk refuses a flush')
    this.commit(client!)
    await this.passSeconds(NOTICE_SECONDS)
    client!.worker.store.memory.reap(Number.POSITIVE_INFINITY)
    await this.passSeconds(NOTICE_SECONDS)
    room.watch()
    if (!room.isTaking) throw new Finding('everything was flushed, and changes are refused for ever')
  }

  /** A server whose directory is gone notices that, and refuses changes. */
  async expectNotice(): Promise<void> {
    await this.passSeconds(NOTICE_SECONDS)
    if (this.parts.clients.some(({ worker }) => worker.journal!.isTaking))
      throw new Finding(`the directory is gone, and changes are accepted ${NOTICE_SECONDS} seconds later`)
  }

  /** A server that has a directory again accepts changes again. Those that it had not refused yet, too. */
  async expectAccepting(): Promise<void> {
    this.parts.faults.isOn = false
    await this.passSeconds(2 * NOTICE_SECONDS)
    if (!this.isAccepting)
      throw new Finding(`the directory is there, and changes are refused ${2 * NOTICE_SECONDS} seconds later`)
  }

  private get isAccepting(): boolean {
    return this.parts.clients.every(
      ({ worker: { journal } }) => journal!.error === undefined && journal!.isTaking && journal!.hasRoom,
    )
  }

  /** All that is due in so many seconds comes to its end. */
  private async passSeconds(count: number): Promise<void> {
    for (let seconds = 0; seconds < count; seconds++) {
      this.passTime(1000)
      await this.rest()
    }
  }

  /** A few requests of a client in one turn. */
  private serve(): void {
    const { random, plan, clients } = this.parts
    const client = this.operationCount < plan.aloneLength ? clients[0]! : random.pick(clients)
    if (client.wired !== undefined) {
      this.operationCount += client.wired.step()
      return
    }
    if (!client.worker.journal!.hasRoom) return
    client.refreshClock()
    for (let count = random.below(4); count >= 0; count--) {
      this.operationCount++
      // Before each request the client waits for room, as a change must.
      if (!client.worker.journal!.hasRoom) break
      if (random.chance(plan.flushShare)) this.flush(client)
      else this.ask(client)
    }
    if (random.chance(0.8)) this.commit(client)
    this.passTimeOfWrites()
  }

  /** The feed looks often, and its consumer reads or not. */
  private observe(): void {
    const { observer, random, machine } = this.parts
    if (observer === undefined) return
    for (let turns = random.below(TURNS_AT_ONCE); turns > 0; turns--) machine.loop.runImmediate()
    this.passTime(random.below(FEED_LOOKS_MS))
    observer.step()
  }

  private flush(client: Client): void {
    const { random, workload } = this.parts
    if (random.chance(0.8)) client.flushPrefix(workload.prefix())
    else client.flush(random.chance(0.3) ? 0 : workload.expiry(client.judged.now))
  }

  private ask(client: Client): void {
    const { random, plan, workload } = this.parts
    if (plan.sweptShare > 0 && random.chance(plan.sweptShare) && this.readSwept(client)) return
    const key = workload.key()
    const operation = workload.operation(key, client.judged.now)
    if (random.chance(plan.partShare)) client.sendPart(random)
    if (isSentSlowly(operation) && client.senders.mayBegin && random.chance(plan.slowSenderShare))
      // The end of a fault is drawn at its start.
      client.beginSending(key, { ...operation, expiry: 0 })
    else client.ask(key, operation, random.chance(plan.slowReaderShare))
  }

  /** Pins a segment that is being cleaned. Returns false if none is. */
  private readSwept(client: Client): boolean {
    const { random, workload } = this.parts
    const key = workload.keyNamed(sweptName(random, client.worker))
    if (key === undefined) return false
    const operation = workload.operation(key, client.judged.now)
    client.ask(key, { ...operation, command: Command.GET }, true)
    return true
  }

  private commit(client: Client): void {
    client.commit(() => this.parts.records.noteAcknowledged())
  }

  /** A step that is not a request. Returns true if it may have settled promises. */
  private happen(): boolean {
    const { random, machine, plan, clients, server } = this.parts
    const { loop, disk } = machine
    const roll = this.surge.isOn ? random.below(CALM_ROLLS) : random.below(100)
    if (roll < 40) {
      if (disk.waitingCount === 0) return false
      disk.proceed(random)
    } else if (roll < 65) {
      if (!loop.hasImmediates) return false
      loop.runImmediate()
    } else if (roll < 72) {
      this.passTime(random.below(5))
    } else if (roll < 80) {
      this.passTime(random.below(1500))
    } else if (roll < 82) {
      this.passTime(random.below(1000 * plan.jumpSecondsMax))
    } else if (roll < 87) {
      random.pick(clients).worker.store.memory.reap(random.below(300))
      return false
    } else if (roll < 90) {
      random.pick(clients).readers.endOne(random)
      return false
    } else if (roll < 91) {
      if (random.chance(0.5)) void server.keeper.snapshot()
    } else if (roll < 92) {
      if (plan.hasLimits && random.chance(0.2)) this.limitMemory()
      return false
    } else {
      if (random.chance(plan.othersShare * 10)) this.crowd()
      return false
    }
    return true
  }

  /** How much a crash could damage: while a snapshot is being taken, is renamed, or has just made journals unnecessary. */
  private get delicacy(): number {
    const { server, machine } = this.parts
    if (keeperStateOf(server.keeper).running !== undefined) {
      this.delicateCount = EVENTS_BEHIND_SNAPSHOT
      return machine.disk.hasUnsyncedName ? 10 : 1
    }
    if (this.delicateCount > 0) this.delicateCount--
    return this.delicateCount > 0 ? 3 : 0
  }

  /** Other programs write to the disk, or remove what they have written. */
  private crowd(): void {
    const { random, machine } = this.parts
    const { disk } = machine
    if (random.chance(0.3)) disk.othersLength = 0
    else if (Number.isFinite(disk.capacity))
      disk.othersLength += Math.floor(disk.freeLength() * random.pick([0.3, 0.8, 0.95, 1]))
  }

  /** As a client may, while the server runs. */
  private limitMemory(): void {
    const { random, options, clients } = this.parts
    const { store } = random.pick(clients).worker
    this.isLimited = true
    store.memory.limit(Math.floor((options.memoryLength * (1 + random.below(8))) / 4))
  }

  /** The free space that the server reads now and then is not much older than the true one. */
  private passTimeOfWrites(): void {
    const { room, machine } = this.parts
    const { writtenLength } = machine.disk
    if (room !== undefined) machine.loop.ms += (writtenLength - this.seenLength) / WRITTEN_IN_MS
    this.seenLength = writtenLength
  }

  private passTime(ms: number): void {
    const { machine, records, faults } = this.parts
    const { isIdle } = machine
    const counts = records.writtenCounts()
    if (machine.loop.advance(ms)) records.noteTick(counts, isIdle, faults.count)
  }
}

const isSentSlowly = ({ command, cas, value }: Operation): boolean =>
  command === Command.SET && cas === 0 && value.length > SENT_AT_ONCE_MAX

/** Longer values may arrive in parts. */
const SENT_AT_ONCE_MAX = 16 * 1024

const EVENTS_BEHIND_SNAPSHOT = 20

/** This many turns in which no client may change anything. */
const IDLE_TURNS_MAX = 20_000

const TURNS_AT_ONCE = 4

/** If cleaning is aimed at: how often all slow readers have their values at last. */
const ALL_READ_SHARE = 0.1

const AIMED_SNAPSHOT_SHARE = 0.1

/** Of the steps that are not requests, those in which no time passes. */
const CALM_ROLLS = 65

/** The feed looks for the changes of other workers at least so often. */
const FEED_LOOKS_MS = 9

/** Small bounds of room need disks that write this many bytes in a millisecond. */
const WRITTEN_IN_MS = 4096

/** The directory is looked at every second. */
const NOTICE_SECONDS = 2

/** How finely the space is graded that is left on a full disk. */
const OVERFILLED_PARTS = 8
const OVERFILLED_TIMES = 3

/** Attempts at a snapshot are at most a minute apart. */
const TAKING_SECONDS_MAX = 130
