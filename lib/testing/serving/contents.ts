import type { Arena } from '../../arena/arena.js'
import { Counter } from '../../metrics/counters.js'
import { Command } from '../../request/command.js'
import type { Engine } from '../../request/engine.js'
import { KEY_LENGTH_MAX, READ_LENGTH, RELATIVE_EXPIRY_MAX_SECONDS } from '../../request/limits.js'
import type { PartialValue } from '../../request/partial-value.js'
import { Reply } from '../../request/reply.js'
import { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import type { Worker } from '../../server/connection/worker.js'
import { Life } from '../../store/expiry/expiry.js'
import {
  casHigh,
  casLow,
  clientFlagsOf,
  expiryOf,
  keyLengthOf,
  keyStartOf,
  MISSING,
} from '../../store/item/item.js'
import { refuse } from '../faults/checks.js'
import { OUTCOMES } from '../faults/outcomes.js'
import type { TestItem } from './controls.js'
import { keyText } from './key-text.js'
import { type LoadedItem, type LoadedValue, parseLoaded } from './loaded-value.js'

/** The items, for the test: without connections and log. Commands run as those of clients do. */
export class Contents {
  private readonly worker: Worker
  /** The worker's own, without faults. */
  private readonly engine: Engine
  private readonly request = new Request()
  private readonly reply = new Reply()

  private readonly itemSizeMax: number

  constructor(worker: Worker, engine: Engine, itemSizeMax: number) {
    this.worker = worker
    this.engine = engine
    this.itemSizeMax = itemSizeMax
    this.request.session.isAuthenticated = true
  }

  /** All live items, in the order of their keys. */
  items(): TestItem[] {
    const { store } = this.worker
    store.refreshClock()
    const items: TestItem[] = []
    for (let bucket = 0; bucket < store.visits.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item) => {
        if (store.lifeOf(item) === Life.LIVE) items.push(this.read(item))
      })
    return items.sort((one, other) => (one.key < other.key ? -1 : 1))
  }

  private read(item: number): TestItem {
    const { arena, store } = this.worker
    const { words } = store
    const parts: Buffer[] = []
    store.items.eachPart(item, { add: (start, length) => parts.push(arena.view(start, start + length)) })
    return {
      key: keyText(this.keyOf(item)),
      value: Buffer.concat(parts),
      flags: clientFlagsOf(words, item) >>> 0,
      expiry: expiryOf(words, item),
      cas: (BigInt(casHigh(words, item) >>> 0) << 32n) | BigInt(casLow(words, item) >>> 0),
    }
  }

  /** All is checked before anything is stored. Only if memory runs out, values before that stay. */
  load(entries: Readonly<Record<string, LoadedValue>>): void {
    const items = parseLoaded(entries)
    this.engine.refreshClock()
    for (const item of items) this.check(item)
    for (const item of items) this.store(item)
  }

  private check(item: LoadedItem): void {
    const { field, value, expiry } = item
    if (this.worker.clock.now + expiry > EXPIRY_MAX)
      throw new RangeError(`${field}.expiry: ${expiry} seconds from now is later than items can expire`)
    if (value.length + ITEM_OVERHEAD_MAX <= this.itemSizeMax) return
    this.begin(item)
    this.withWindow((start) => {
      this.placeItem(start, item)
      this.engine.stage(this.request, this.reply)?.discard()
      this.engine.release()
    })
    this.throwIfRefused(item)
  }

  private store(item: LoadedItem): void {
    const { request, reply, worker } = this
    const { value } = item
    this.begin(item)
    this.withWindow((start) => {
      this.placeItem(start, item)
      if (value.length <= VALUE_LENGTH_MAX) worker.arena.bytes.set(value, request.valueStart)
      else if (!this.stage(value)) return
      this.engine.execute(request, reply)
      this.engine.release()
    })
    this.throwIfRefused(item)
  }

  private begin({ flags, expiry }: LoadedItem): void {
    const { request, worker } = this
    request.command = Command.SET
    // A set that fails leaves the old item.
    request.traits = Trait.KEEP
    request.staged = undefined
    request.clientFlags = flags | 0
    // Clients name a longer time as a date.
    request.expiry = expiry > RELATIVE_EXPIRY_MAX_SECONDS ? worker.clock.now + expiry : expiry
  }

  private placeItem(start: number, { key, value }: LoadedItem): void {
    const { request } = this
    this.place(start, key)
    request.valueStart = request.keyEnd
    request.valueEnd = request.valueStart + value.length
  }

  private throwIfRefused({ field }: LoadedItem): void {
    const { status } = this.reply
    if (status !== Status.OK) throw new RangeError(`${field}: ${OUTCOMES[status]}`)
  }

  /** Puts a value that is longer than a window into the store. Returns false, with an error in the reply, if there is no room. */
  private stage(value: Uint8Array): boolean {
    const { request, reply, engine } = this
    const staged = engine.stage(request, reply)
    if (staged === undefined) {
      engine.release()
      return false
    }
    request.staged = staged
    if (fill(this.worker.arena, staged, value)) return true
    engine.fail(request, reply)
    engine.release()
    return false
  }

  /** Removes all items, and cancels a delayed flush. */
  clear(): void {
    const { store, clock } = this.worker
    store.refreshClock()
    this.removeAll()
    store.flushAt(clock.now)
  }

  /** Returns how many there were. */
  private removeAll(): number {
    const { store } = this.worker
    const keys: Buffer[] = []
    for (let bucket = 0; bucket < store.visits.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item) => keys.push(this.keyOf(item)))
    this.withWindow((start) => {
      for (const key of keys) {
        this.place(start, key)
        this.remove(this.request)
      }
    })
    return keys.length
  }

  private keyOf(item: number): Buffer {
    const { words, bytes } = this.worker.store
    const start = keyStartOf(words, item)
    return Buffer.from(bytes.subarray(start, start + keyLengthOf(words, item)))
  }

  /** The time has moved: removes what has expired or was flushed, so that counts leave it out. */
  timeMoved(): void {
    const { store, counters } = this.worker
    const hadFlush = store.restoring.flushDueTime !== 0
    store.refreshClock()
    store.memory.reapAll()
    // The flush was due: all items are dead. Nobody has asked for them.
    if (hadFlush && store.restoring.flushDueTime === 0) counters.add(Counter.get_flushed, -this.removeAll())
  }

  /** Removes an item as if there were no room for it. */
  evict(request: Request): void {
    if (this.remove(request)) this.worker.counters.count(Counter.evictions)
  }

  /** Removes the item of a key. False if there is none. */
  private remove({ keyStart, keyEnd }: Request): boolean {
    const { store } = this.worker
    const item = store.lock(keyStart, keyEnd - keyStart)
    if (item !== MISSING) store.remove(item)
    store.release()
    return item !== MISSING
  }

  /** Statistics of a group by name; without one the general ones. */
  statistics(group: string): Record<string, string> {
    const { request, reply } = this
    const name = Buffer.from(group)
    if (name.length > KEY_LENGTH_MAX) refuse('group', group, 'a group of statistics')
    this.engine.refreshClock()
    request.command = Command.STATS
    this.withWindow((start) => {
      this.place(start, name)
      this.engine.execute(request, reply)
      this.engine.release()
    })
    if (reply.statistics === undefined) refuse('group', group, 'a group of statistics')
    return Object.fromEntries(reply.statistics)
  }

  private place(start: number, key: Uint8Array): void {
    this.worker.arena.bytes.set(key, start)
    this.request.keyStart = start
    this.request.keyEnd = start + key.length
  }

  private withWindow(act: (start: number) => void): void {
    const { pool } = this.worker
    const window = pool.take()
    if (window === undefined) throw new RangeError('the test server has no memory left for this')
    try {
      act(window.start)
    } finally {
      pool.give(window)
    }
  }
}

/** A longer value is stored piece by piece. */
const VALUE_LENGTH_MAX = READ_LENGTH

/** More than what an item has beside its value, in the measure of `itemSizeMax`. */
const ITEM_OVERHEAD_MAX = 1024

/** An expiry is 32 bits of seconds. */
const EXPIRY_MAX = 2 ** 32 - 1

/** False if room for it ran out. */
function fill(arena: Arena, staged: PartialValue, value: Uint8Array): boolean {
  for (let done = 0; done < value.length; ) {
    const length = Math.min(staged.room, value.length - done)
    if (length === 0) return false
    arena.view(staged.place, staged.place + length).set(value.subarray(done, done + length))
    staged.add(length)
    done += length
  }
  return true
}
