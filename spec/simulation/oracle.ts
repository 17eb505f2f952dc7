import type { Arena } from '../../lib/arena/arena.js'
import { fromHalves } from '../../lib/arena/decimal.js'
import { Command } from '../../lib/request/command.js'
import type { Reply } from '../../lib/request/reply.js'
import { Status } from '../../lib/request/status.js'
import { Life } from '../../lib/store/expiry/expiry.js'
import { casHigh, casLow, expiryOf, keyLengthOf, keyStartOf } from '../../lib/store/item/item.js'
import type { MemoryStore } from '../../lib/store/memory-store.js'
import type { Store } from '../../lib/store/store.js'
import { memoryInFocus } from '../support/memories.js'
import { Finding, shown } from './finding.js'
import { FlushModel } from './flush-model.js'
import { itemComplaint, valueComplaint } from './item-complaint.js'
import type { JudgedWorker } from './judged-worker.js'
import {
  type CertainCounts,
  GONE,
  type ItemState,
  isCertain,
  KeyModel,
  type Receipt,
  type State,
} from './key-model.js'
import {
  absoluteTime,
  type Bounds,
  type Effect,
  type Operation,
  type Outcome,
  outcomeOf,
  removesOutdated,
} from './outcome.js'

/**
 * Knows the right state of every key, and judges each reply by it. It is notified of evictions, which cannot be predicted;
 * any other missing item is an error.
 */
export class Oracle {
  readonly keys: readonly KeyModel[]
  evictedCount = 0
  /** Whether memory has been too small for all items at some time. */
  isCrowded = false
  /** The clock is set back now and then: items that have expired, and are still on the disk, may come back. */
  isClockSetBack = false
  /** The directory was deleted, and may lack everything. */
  mayLackAll = false
  /** Up to which count records outlive a loss of power. */
  secured: number[] = [0]
  private readonly byName: Map<string, KeyModel>
  private readonly flush = new FlushModel()
  /** The times in records of this server, each with the first record of its worker that has it. */
  private recordedTimes: { readonly time: number; readonly receipt: Receipt }[] = []
  /** Of the flushes of this server: each worker's first change after them. */
  private laterThanFlush: (number | undefined)[][] = []
  /** The latest time that any worker has seen. */
  private latestTime = 0
  /** The time from which the clock was set back since the last recovery. */
  private timeBefore = 0
  /** The longest value of the request. */
  private askedLength = 0

  constructor(names: readonly string[]) {
    this.keys = names.map((name) => new KeyModel(name))
    this.byName = new Map(this.keys.map((key) => [key.name, key]))
  }

  // ─── while a server runs ───────────────────────────────────────────────────────────────────────────────────────────

  /** A worker has read the clock. */
  noteTime(worker: JudgedWorker): void {
    this.latestTime = Math.max(this.latestTime, worker.now)
    const { flush } = this
    if (flush.dueTime === 0 || flush.dueTime > worker.now) return
    this.noteFlush({ ...this.flushReceiptOf(worker), cause: flush.dueReceipt })
  }

  /** Items are going to be evicted: no segment has enough dead bytes. */
  noteEvicting({ evictableLength, store }: JudgedWorker): void {
    this.isCrowded = true
    // What the flush of a prefix has made dead takes room until it is buried.
    if (!isSwept(store)) return
    const length = this.liveLength + this.askedLength
    if (length < evictableLength)
      throw new Finding(`items are evicted, with ${length} bytes where ${evictableLength} fit`)
  }

  noteEviction(worker: JudgedWorker, item: number): void {
    const { words, bytes } = worker.store
    const start = keyStartOf(words, item)
    this.noteEvicted(bytes.toString('latin1', start, start + keyLengthOf(words, item)))
  }

  noteEvicted(name: string): void {
    const key = this.byName.get(name)
    if (key?.state === GONE) throw new Finding(`${shown(name)} was evicted, and was not there`)
    this.isCrowded = true
    this.evictedCount++
    key!.note({ kind: 'removed', receipt: undefined }, this.secured)
    key!.state = GONE
  }

  judgeFlush(expiry: number, worker: JudgedWorker, reply: Reply): void {
    if (reply.status === Status.TEMPORARY_FAILURE && worker.mayRefuse) return
    if (reply.status !== Status.OK) throw new Finding(`a flush was answered with status ${reply.status}`)
    const time = Math.max(worker.now, absoluteTime(expiry, worker.now))
    if (time > worker.now) this.flush.ask(time, this.flushReceiptOf(worker))
    else this.noteFlush(this.flushReceiptOf(worker))
  }

  judgePrefixFlush(prefix: string, worker: JudgedWorker, reply: Reply): void {
    if (reply.status === Status.TEMPORARY_FAILURE && worker.mayRefuse) return
    if (reply.status !== Status.OK)
      throw new Finding(`the flush of a prefix was answered with status ${reply.status}`)
    const receipt = this.receiptOf(worker)
    for (const key of this.keys)
      if (key.name.startsWith(prefix) && !key.wasNeverThere) this.remove(key, receipt)
  }

  /** A request is about to be executed, and may need this much room. */
  beginAsking({ state }: KeyModel, { value }: Operation): void {
    this.askedLength = value.length + (state?.value.length ?? 0)
  }

  /** Compares a reply with the expected one, and records what the request has changed. Returns what it found. */
  judge(key: KeyModel, operation: Operation, worker: JudgedWorker, reply: Reply): State {
    this.askedLength = 0
    const isChange = operation.command !== Command.GET || operation.vivify !== undefined
    if (reply.status === Status.TEMPORARY_FAILURE && worker.mayRefuse && isChange) return GONE
    const keyLength = key.key.length
    const isLong = (valueLength: number): boolean => worker.store.items.needsPieces(keyLength, valueLength)
    const bounds: Bounds = { itemSizeMax: worker.itemSizeMax, keyLength, isLong, now: worker.now }
    const { state } = key
    this.latestTime = Math.max(this.latestTime, worker.now)
    const isOver = state !== GONE && state.expiry !== 0 && state.expiry <= this.latestTime
    // Another worker may have seen a later time, and removed it.
    const isSure = !isOver || state.expiry <= worker.now
    if (
      !isSure &&
      this.complaint(outcomeOf(operation, state, bounds), state, worker.arena, reply) === undefined
    ) {
      this.apply(key, outcomeOf(operation, state, bounds), worker, reply)
      return state
    }
    const present = isOver ? GONE : state
    if (reply.status === Status.OUT_OF_MEMORY) {
      this.expectFull(worker, 2 * operation.value.length, 'a value was refused')
      if (removesOutdated(operation)) this.remove(key, this.receiptOf(worker))
      return GONE
    }
    if (isMissForWantOfRoom(operation, present, reply)) {
      this.expectFull(worker, 0, 'an item was not created')
      return GONE
    }
    const outcome = outcomeOf(operation, present, bounds)
    const complaint = this.complaint(outcome, present, worker.arena, reply)
    if (complaint !== undefined)
      throw new Finding(`${nameOf(operation.command)} ${shown(key.name)}: ${complaint}`)
    this.apply(key, outcome, worker, reply)
    return present
  }

  private complaint(outcome: Outcome, present: State, arena: Arena, reply: Reply): string | undefined {
    if (reply.status !== outcome.status) return `status ${reply.status} in place of ${outcome.status}`
    if (outcome.number !== undefined) {
      const number = BigInt.asUintN(64, (BigInt(reply.numberHigh) << 32n) | BigInt(reply.numberLow >>> 0))
      if (number !== outcome.number) return `the number ${number} in place of ${outcome.number}`
    }
    if (outcome.tells === undefined) return undefined
    const item = present as ItemState
    if (reply.clientFlags !== item.clientFlags)
      return `flags ${reply.clientFlags} in place of ${item.clientFlags}`
    if (casOf(reply) !== item.cas) return `cas ${casOf(reply)} in place of ${item.cas}`
    if (outcome.tells === 'flags') return undefined
    const { starts, lengths, count } = reply.value
    return valueComplaint(arena, item.value, count, (index) => [starts[index]!, lengths[index]!])
  }

  private apply(key: KeyModel, { effect }: Outcome, worker: JudgedWorker, reply: Reply): void {
    if (effect === undefined) return
    if (effect.kind === 'stored') this.store(key, effect, casOf(reply), this.receiptOf(worker))
    else if (effect.kind === 'removed') this.remove(key, this.receiptOf(worker))
    else this.touch(key, effect.expiry, worker)
  }

  private store(key: KeyModel, effect: Effect & { kind: 'stored' }, cas: number, receipt: Receipt): void {
    if (cas <= key.lowestCas)
      throw new Finding(`${shown(key.name)}: the cas ${cas} is not above ${key.lowestCas}`)
    key.lowestCas = cas
    const { value, clientFlags, expiry } = effect
    const state: ItemState = { value, clientFlags, expiry, cas }
    key.note({ kind: 'stored', state, receipt }, this.secured)
    key.state = state
  }

  private touch(key: KeyModel, expiry: number, worker: JudgedWorker): void {
    const receipt = this.receiptOf(worker)
    key.note({ kind: 'touched', expiry, time: worker.now, receipt }, this.secured)
    key.state = { ...key.state!, expiry }
  }

  private remove(key: KeyModel, receipt: Receipt): void {
    key.note({ kind: 'removed', receipt }, this.secured)
    key.state = GONE
  }

  /** Of a change that a worker has just made. */
  private receiptOf(worker: JudgedWorker): Receipt {
    const { number } = worker
    const count = worker.recordCounts()[number]!
    for (const later of this.laterThanFlush) later[number] ??= count
    const receipt = { worker: number, count }
    if (worker.now > (this.recordedTimes.at(-1)?.time ?? 0))
      this.recordedTimes.push({ time: worker.now, receipt })
    return receipt
  }

  private flushReceiptOf(worker: JudgedWorker): Receipt {
    const receipt = { ...this.receiptOf(worker), later: [] }
    this.laterThanFlush.push(receipt.later)
    return receipt
  }

  private noteFlush(receipt: Receipt): void {
    this.flush.carriedOut(receipt)
    for (const key of this.keys) if (!key.wasNeverThere) this.remove(key, receipt)
  }

  /** Room may be lacking only where there is not much. */
  private expectFull(worker: JudgedWorker, length: number, what: string): void {
    const { fittingLength, evictingLength, store } = worker
    this.isCrowded = true
    if (!isSwept(store)) return
    if (length < evictingLength) throw new Finding(`${what}, and nothing was evicted for it`)
    if (this.liveLength + length < fittingLength)
      throw new Finding(`${what}, with ${this.liveLength} bytes of items where ${fittingLength} fit`)
  }

  /** Bytes that all items take at most. */
  get liveLength(): number {
    return this.keys.reduce(
      (sum, { key, state }) => sum + (state === GONE ? 0 : ITEM_OVERHEAD + key.length + state.value.length),
      0,
    )
  }

  /** No server runs, and the clock is set back from this time. Expiries and flushes that were due by then may have happened. */
  noteSetBack(time: number): void {
    for (const key of this.keys) key.noteSetBack(time, this.secured)
    this.flush.noteSetBack()
    this.timeBefore = Math.max(this.timeBefore, time)
    this.latestTime = 0
  }

  /** Newer journals may tell an earlier time. */
  forgetTimes(): void {
    this.recordedTimes = []
  }

  // ─── all of memory ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Memory has exactly the right items. */
  checkMemory(worker: JudgedWorker): void {
    this.latestTime = Math.max(this.latestTime, worker.now)
    const found = this.itemsOf(worker)
    for (const key of this.keys) {
      const item = found.get(key.name)
      const { state } = key
      const isOver = state !== GONE && state.expiry !== 0 && state.expiry <= this.latestTime
      if (item === undefined) {
        if (state !== GONE && !isOver) throw new Finding(`${shown(key.name)} is missing`)
      } else if (state === GONE) {
        throw new Finding(`${shown(key.name)} is there, and should not be`)
      } else {
        const complaint = itemComplaint(worker.arena, item.store, item.item, state)
        if (complaint !== undefined) throw new Finding(`${shown(key.name)}: ${complaint}`)
      }
    }
  }

  /**
   * After a restart every key must have a state that the certain records allow. `leftOutCount` items may be missing
   * for want of room, and no more. If records are only lost `fromTheEnd` of each journal, those before one that is
   * there are certain too.
   */
  judgeRecovery(
    worker: JudgedWorker,
    promised: CertainCounts,
    leftOutCount: number,
    fromTheEnd: boolean,
  ): void {
    const { now, arena } = worker
    this.latestTime = Math.max(this.latestTime, now)
    const found = this.itemsOf(worker)
    const certain = fromTheEnd ? this.raisedByFound(promised, found) : promised
    if (leftOutCount > 0) this.isCrowded = true
    const flushTime = this.judgeFlushTime(worker, certain)
    const times = this.flush.timesAfter(certain)
    const isDue = (time: number): boolean => time !== 0 && time <= now
    const mayBeDue = (time: number): boolean => isDue(time) || (time !== 0 && time <= this.timeBefore)
    const [mayBeFlushed, mustBeFlushed] = [times.some(mayBeDue), times.every(isDue)]
    const isRecorded = ({ receipt }: { readonly receipt: Receipt }): boolean => isCertain(receipt, certain)
    const recordedTime = this.recordedTimes.findLast(isRecorded)?.time ?? 0
    const missing: string[] = []
    for (const key of this.keys) {
      const place = found.get(key.name)
      if (place === undefined) {
        if (!mayBeFlushed && !this.mayLackAll && !key.mayBeGone(certain, now)) missing.push(key.name)
        if ((leftOutCount === 0 && !this.isClockSetBack) || mustBeFlushed) key.begin(GONE)
        else key.leaveOut(certain)
        continue
      }
      const { item, store } = place
      const expiry = expiryOf(store.words, item)
      if (expiry !== 0 && expiry <= recordedTime)
        throw new Finding(`${shown(key.name)} had expired, and is back after a restart`)
      const cas = fromHalves(casHigh(store.words, item), casLow(store.words, item))
      const state = mustBeFlushed ? GONE : key.stateAfter(certain, cas, expiry)
      const complaint =
        state === undefined
          ? `cas ${cas} and expiry ${expiry} cannot be`
          : itemComplaint(arena, store, item, state)
      if (complaint !== undefined) throw new Finding(`after a restart ${shown(key.name)}: ${complaint}`)
      key.begin(state)
    }
    if (missing.length > leftOutCount)
      throw new Finding(
        `after a restart ${missing.length} items are missing, among them ${shown(missing[0]!)}, and ${leftOutCount} were left out`,
      )
    this.flush.begin(flushTime)
    this.laterThanFlush = []
    this.evictedCount = 0
    this.timeBefore = 0
    this.forgetTimes()
  }

  private raisedByFound(promised: CertainCounts, found: ReadonlyMap<string, FoundItem>): CertainCounts {
    const certain = [...promised]
    for (const key of this.keys) {
      const place = found.get(key.name)
      if (place === undefined) continue
      const { item, store } = place
      const receipt = key.receiptOf(fromHalves(casHigh(store.words, item), casLow(store.words, item)))
      if (receipt === undefined || !Number.isFinite(receipt.count)) continue
      certain[receipt.worker] = Math.max(certain[receipt.worker] ?? 0, receipt.count)
    }
    return certain
  }

  /** When a flush is due after a restart. One that was due meanwhile has been executed. */
  private judgeFlushTime({ now, store }: JudgedWorker, certain: CertainCounts): number {
    const { flushDueTime } = store.restoring
    const possible = this.flush.timesAfter(certain).map((time) => (time <= now ? 0 : time))
    if (this.mayLackAll || possible.some((time) => time !== 0 && time <= this.timeBefore)) possible.push(0)
    if (!possible.includes(flushDueTime))
      throw new Finding(`a flush is due at ${flushDueTime}, and not at ${possible.join(' or ')}`)
    return flushDueTime
  }

  private itemsOf({ store }: JudgedWorker): Map<string, FoundItem> {
    const found = new Map<string, FoundItem>()
    for (let bucket = 0; bucket < store.visits.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item) => {
        if (store.lifeOf(item) !== Life.LIVE) return
        const { words, bytes } = store
        const start = keyStartOf(words, item)
        const name = bytes.toString('latin1', start, start + keyLengthOf(words, item))
        if (!this.byName.has(name)) throw new Finding(`${shown(name)} is there, and was never stored`)
        if (found.has(name)) throw new Finding(`${shown(name)} is there twice`)
        found.set(name, { item, store: memoryInFocus(store) })
      })
    return found
  }
}

interface FoundItem {
  readonly item: number
  /** The memory that has it. */
  readonly store: MemoryStore
}

/** Header, share of the index, and what is lost where items end. */
const ITEM_OVERHEAD = 60

/** A get that was to create the item is a miss if there is no room. */
const isMissForWantOfRoom = ({ command, vivify }: Operation, present: State, { status }: Reply): boolean =>
  command === Command.GET && vivify !== undefined && present === GONE && status === Status.NOT_FOUND

const isSwept = ({ restoring }: Store): boolean => restoring.prefixFlushes.length === 0

const casOf = (reply: Reply): number => fromHalves(reply.casHigh, reply.casLow)

const NAMES = Object.fromEntries(Object.entries(Command).map(([name, command]) => [command, name]))
const nameOf = (command: Command): string => NAMES[command]!.toLowerCase()
