import { Arena } from '../../lib/arena/arena.js'
import { fromHalves } from '../../lib/arena/decimal.js'
import { Context } from '../../lib/commands/context/context.js'
import { LocalEngine } from '../../lib/commands/local-engine.js'
import { Counter, type CounterName, Counters } from '../../lib/metrics/counters.js'
import { Command } from '../../lib/request/command.js'
import type { PartialValue } from '../../lib/request/partial-value.js'
import { Reply } from '../../lib/request/reply.js'
import { Request } from '../../lib/request/request.js'
import type { Status } from '../../lib/request/status.js'
import { Trait } from '../../lib/request/trait.js'
import { SingleStore } from '../../lib/store/single-store.js'
import type { Store } from '../../lib/store/store.js'
import { Clock } from '../../lib/store/time/clock.js'
import { COMMAND_OPTIONS } from './command-options.js'
import { SERVER_CONTROL } from './server-control.js'

export interface Found {
  readonly value: Buffer
  readonly clientFlags: number
  readonly cas: number
}

/** A clock that only moves when told to. */
export class HandClock extends Clock {
  private readonly handStarted = 2_000_000_000
  override now = this.handStarted

  override refresh(): void {}

  override advance(seconds: number): void {
    this.now += seconds
  }
}

type StoreClass<Kind> = new (...parts: ConstructorParameters<typeof SingleStore>) => Kind

export interface DriverOptions {
  /** The limit of memory can be raised to twice this value. */
  readonly memoryLength: number
  readonly mayEvict: boolean
  readonly itemSizeMax: number
}

/** An engine over a store of its own, without sockets and protocols: a method for each command. */
export class StoreDriver<Kind extends Store> {
  readonly arena: Arena
  readonly store: Kind
  readonly clock: HandClock
  readonly context: Context
  readonly engine: LocalEngine
  readonly request = new Request()
  readonly reply = new Reply()
  private readonly counters: Counters
  private readonly scratch: number

  constructor(
    arena: Arena,
    storeClass: StoreClass<Kind>,
    { memoryLength, mayEvict, itemSizeMax }: DriverOptions,
  ) {
    this.arena = arena
    this.clock = new HandClock(this.arena)
    this.counters = Counters.over(this.arena)
    const { worker, workerCount } = arena.workerSlot
    this.scratch = arena.reserve(workerCount * SCRATCH_LENGTH) + worker * SCRATCH_LENGTH
    this.store = new storeClass(this.arena, this.counters, this.clock, {
      memoryLength,
      memoryLengthMax: 2 * memoryLength,
      mayEvict,
    })
    const options = { ...COMMAND_OPTIONS, itemSizeMax }
    this.context = new Context(this.arena, this.store, options, undefined, { ...SERVER_CONTROL })
    this.engine = new LocalEngine(this.context)
  }

  /** Bytes of an arena for the drivers of this many workers, without their store. */
  static regionLength(workerCount: number): number {
    return (
      Counters.regionLength(workerCount) +
      Clock.regionLength() +
      Context.regionLength(workerCount) +
      workerCount * SCRATCH_LENGTH +
      4096
    )
  }

  count(name: CounterName): number {
    return this.counters.read(Counter[name])
  }

  advance(seconds: number): void {
    this.clock.advance(seconds)
    this.store.refreshClock()
  }

  get(key: string): Found | undefined {
    this.prepare(Command.GET, key)
    this.execute()
    return this.found()
  }

  getAndTouch(key: string, expiry: number): Found | undefined {
    this.prepare(Command.GET_AND_TOUCH, key)
    this.request.expiry = expiry
    this.execute()
    return this.found()
  }

  store_(command: Command, key: string, value: Buffer, clientFlags = 0, expiry = 0, cas = 0): Status {
    this.prepare(command, key, value)
    this.request.clientFlags = clientFlags
    this.request.expiry = expiry
    this.request.traits = cas === 0 ? 0 : Trait.NAMES_CAS
    this.request.casHigh = Math.floor(cas / 0x1_0000_0000)
    this.request.casLow = cas | 0
    return this.execute()
  }

  set(key: string, value: Buffer, clientFlags = 0, expiry = 0): Status {
    return this.store_(Command.SET, key, value, clientFlags, expiry)
  }

  /** Stores with a cas of the client's own; then the item is made stale, and a client wins the right to renew it. */
  setMarked(key: string, value: Buffer, cas: { high: number; low: number }): void {
    this.prepare(Command.SET, key, value)
    this.request.traits = Trait.OWN_CAS
    this.giveCas(cas)
    this.execute()
    this.prepare(Command.DELETE, key)
    this.request.traits = Trait.INVALIDATE | Trait.OWN_CAS
    this.giveCas(cas)
    this.execute()
    this.prepare(Command.META_GET, key)
    this.execute()
  }

  private giveCas({ high, low }: { high: number; low: number }): void {
    this.request.ownCasHigh = high
    this.request.ownCasLow = low
  }

  add(key: string, value: Buffer): Status {
    return this.store_(Command.ADD, key, value)
  }

  append(key: string, value: Buffer): Status {
    return this.store_(Command.APPEND, key, value)
  }

  /** Stores if the item still has this cas. */
  compareAndSet(key: string, value: Buffer, cas: number): Status {
    return this.store_(Command.SET, key, value, 0, 0, cas)
  }

  remove(key: string): Status {
    this.prepare(Command.DELETE, key)
    return this.execute()
  }

  touch(key: string, expiry: number): Status {
    this.prepare(Command.TOUCH, key)
    this.request.expiry = expiry
    return this.execute()
  }

  flush(delay: number): Status {
    this.prepare(Command.FLUSH, '')
    this.request.expiry = delay
    return this.execute()
  }

  flushPrefix(prefix: string): Status {
    this.prepare(Command.FLUSH_PREFIX, prefix)
    return this.execute()
  }

  increment(key: string, delta: number, initial?: number): { status: Status; value: number } {
    this.prepare(Command.INCREMENT, key)
    const { request, reply } = this
    request.deltaHigh = 0
    request.deltaLow = delta
    request.initialHigh = 0
    request.initialLow = initial ?? 0
    request.createsCounter = initial !== undefined
    request.expiry = 0
    return { status: this.execute(), value: fromHalves(reply.numberHigh, reply.numberLow) }
  }

  /** Begins to store a value whose bytes will arrive in pieces. */
  stage(key: string, valueLength: number, clientFlags = 0, expiry = 0): PartialValue | undefined {
    this.prepare(Command.SET, key)
    this.request.valueEnd = this.request.valueStart + valueLength
    this.request.clientFlags = clientFlags
    this.request.expiry = expiry
    const partial = this.engine.stage(this.request, this.reply)
    this.engine.release()
    return partial
  }

  /** The next bytes of such a value. False when there is no room for them. */
  fill(partial: PartialValue, bytes: Buffer): boolean {
    bytes.copy(this.arena.bytes, this.scratch + KEY_ROOM)
    return partial.copyIn(this.scratch + KEY_ROOM, bytes.length)
  }

  publish(partial: PartialValue, key: string, valueLength: number, clientFlags = 0, expiry = 0): Status {
    this.prepare(Command.SET, key)
    this.request.valueEnd = this.request.valueStart + valueLength
    this.request.clientFlags = clientFlags
    this.request.expiry = expiry
    this.request.staged = partial
    return this.execute()
  }

  /** The place of a key's value, without counting as a read. */
  placesOf(key: string): number[] {
    this.prepare(Command.GET, key)
    this.engine.execute(this.request, this.reply)
    const places = this.reply.value.starts.slice(0, this.reply.value.count)
    this.engine.release()
    return this.reply.hasItem ? places : []
  }

  private execute(): Status {
    this.engine.execute(this.request, this.reply)
    this.lastFound = this.reply.hasItem ? this.copyItem() : undefined
    this.engine.release()
    return this.reply.status
  }

  private lastFound: Found | undefined
  private found(): Found | undefined {
    return this.lastFound
  }

  private copyItem(): Found {
    const { value, clientFlags, casHigh, casLow } = this.reply
    const parts = value.starts
      .slice(0, value.count)
      .map((start, index) => Buffer.from(this.arena.view(start, start + value.lengths[index]!)))
    return { value: Buffer.concat(parts), clientFlags, cas: fromHalves(casHigh, casLow) }
  }

  private prepare(command: Command, key: string, value: Buffer = EMPTY): void {
    const { request, scratch } = this
    const keyLength = this.arena.bytes.write(key, scratch, 'latin1')
    value.copy(this.arena.bytes, scratch + KEY_ROOM)
    request.command = command
    request.staged = undefined
    request.traits = 0
    request.casHigh = 0
    request.casLow = 0
    request.clientFlags = 0
    request.expiry = 0
    request.keyStart = scratch
    request.keyEnd = scratch + keyLength
    request.valueStart = scratch + KEY_ROOM
    request.valueEnd = request.valueStart + value.length
  }
}

/** Over a store whose items are in the arena itself. */
export class EngineDriver extends StoreDriver<SingleStore> {
  constructor(
    memoryLength: number,
    mayEvict = true,
    itemSizeMax = memoryLength / 2,
    arena = EngineDriver.createArena(memoryLength, 1),
  ) {
    super(arena, SingleStore, { memoryLength, mayEvict, itemSizeMax })
  }

  /** Room for a store, for the drivers of this many workers, and for other regions. */
  static createArena(memoryLength: number, workerCount: number, spareLength = 0): Arena {
    return Arena.create(
      SingleStore.regionLength(memoryLength, workerCount, 2 * memoryLength) +
        EngineDriver.regionLength(workerCount) +
        spareLength,
      workerCount,
    )
  }

  /** Two workers over one store. */
  static pair(memoryLength: number, itemSizeMax = memoryLength / 2): [EngineDriver, EngineDriver] {
    const workerCount = 2
    const first = EngineDriver.createArena(memoryLength, workerCount)
    const second = Arena.attach(first.memory, { worker: 1, workerCount })
    const over = (arena: Arena): EngineDriver => new EngineDriver(memoryLength, true, itemSizeMax, arena)
    return [over(first), over(second)]
  }
}

const EMPTY = Buffer.alloc(0)
const KEY_ROOM = 256
const SCRATCH_LENGTH = 4 * 1024 * 1024
