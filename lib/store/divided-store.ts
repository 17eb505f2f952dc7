import type { Arena } from '../arena/arena.js'
import type { Counters } from '../metrics/counters.js'
import { Memory, sharesOf } from './cleaning/memory.js'
import { PrefixSweep } from './cleaning/prefix-sweep.js'
import type { Life } from './expiry/expiry.js'
import { Figures } from './figures.js'
import { memoryOfHash } from './index/buckets.js'
import { KeysAhead } from './index/keys-ahead.js'
import { Visits } from './index/visits.js'
import { ItemDraft } from './item/draft.js'
import type { Items } from './items.js'
import { BothListeners, type ChangeListener } from './listeners/change-listener.js'
import { FocusedChanges } from './listeners/focused-listeners.js'
import { MemoryStore } from './memory-store.js'
import { memoryPartsLength, type StoreOptions, sharedPartsLength } from './parts.js'
import { type Past, Restoring } from './restoring.js'
import { Pins } from './segments/pins.js'
import type { StagedValue } from './staging/staging.js'
import type { Store } from './store.js'
import type { Clock } from './time/clock.js'
import type { WorkingParts } from './working-parts.js'

/**
 * A store whose items are in several memories, for more than 4 GiB of them. The hash of a key chooses the memory:
 *
 *     arena     │ windows, counters … │ latest versions │ flushes │      shared by all memories
 *     memory 1  │ segments │ index │ lock │                           each with a MemoryStore
 *     memory 2  │ segments │ index │ lock │
 *
 * An item is the index of a word in its memory. The memory of the item that was found, locked or visited last is in the focus: `words`,
 * `bytes` and `items` are of that memory. Whoever looks at items of others in between, such as a listener to evictions, leaves the
 * focus as it was.
 */
export class DividedStore implements Store {
  readonly clock: Clock
  readonly counters: Counters
  readonly restoring: Restoring
  readonly memory: Memory
  readonly pins: Pins
  readonly visits: Visits
  readonly figures: Figures
  readonly keysAhead: KeysAhead
  readonly draft = new ItemDraft()
  words: Int32Array
  bytes: Buffer
  items: Items
  private readonly arena: Arena
  readonly stores: readonly MemoryStore[]
  /** What belongs to no memory is done by the first. */
  private readonly first: MemoryStore
  private focus = 0
  /** The store in the focus. */
  private store: MemoryStore
  private changes: ChangeListener | undefined = undefined
  private readonly focusOn = (memory: number): number => {
    const before = this.focus
    if (memory === before) return before
    const store = this.stores[memory]!
    this.focus = memory
    this.store = store
    this.words = store.words
    this.bytes = store.bytes
    this.items = store.items
    return before
  }

  constructor(arena: Arena, counters: Counters, clock: Clock, options: StoreOptions) {
    this.arena = arena
    this.counters = counters
    this.clock = clock
    this.stores = storesOver(arena, counters, clock, options, this.draft)
    const [first] = this.stores as readonly [MemoryStore]
    this.first = first
    this.store = first
    this.words = first.words
    this.bytes = first.bytes
    this.items = first.items
    const parts = this.stores.map((store) => store.parts) as [WorkingParts, ...WorkingParts[]]
    const sweep = new PrefixSweep(arena, parts)
    this.restoring = new Restoring(parts, sweep)
    this.memory = new Memory(parts, sweep, this.focusOn)
    this.pins = new Pins(parts)
    this.visits = new Visits(parts, this.focusOn)
    this.figures = new Figures(parts)
    this.keysAhead = new KeysAhead(
      arena,
      parts.map(({ index }) => index),
    )
  }

  /** Bytes of the arena. */
  static regionLength(workerCount: number): number {
    return sharedPartsLength(workerCount) + PrefixSweep.regionLength()
  }

  /** Bytes of each of so many item memories. */
  static itemRegionLength(
    memoryCount: number,
    memoryLength: number,
    workerCount: number,
    memoryLengthMax: number,
  ): number {
    const share = (length: number): number => Math.ceil(length / memoryCount)
    return memoryPartsLength(share(memoryLength), workerCount, share(memoryLengthMax))
  }

  refreshClock(): void {
    this.first.refreshClock()
  }

  onChange(listener: ChangeListener): void {
    this.changes = listener
    for (const [memory, store] of this.stores.entries())
      store.onChange(new FocusedChanges(listener, memory, this.focusOn))
  }

  onChangeToo(listener: ChangeListener): void {
    this.onChange(this.changes === undefined ? listener : new BothListeners(this.changes, listener))
  }

  flushAt(time: number): void {
    this.first.flushAt(time)
  }

  /** All keys of all memories are locked, from the first memory to the last. */
  flushPrefix(start: number, length: number): boolean {
    for (const store of this.stores) store.holdAll()
    const isFlushed = this.first.parts.expiry.flushPrefix(start, length)
    for (const store of this.stores) store.releaseAll()
    return isFlushed
  }

  get mayFlushPrefix(): boolean {
    return this.first.mayFlushPrefix
  }

  // ─── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  find(keyStart: number, keyLength: number): number {
    const hash = this.arena.hash(keyStart, keyLength)
    return this.storeFor(hash).find(keyStart, keyLength, hash)
  }

  peek(keyStart: number, keyLength: number): number {
    const hash = this.arena.hash(keyStart, keyLength)
    return this.storeFor(hash).peek(keyStart, keyLength, hash)
  }

  held(keyStart: number, keyLength: number): number {
    return this.store.held(keyStart, keyLength)
  }

  noteHit(item: number): void {
    this.store.noteHit(item)
  }

  lifeOf(item: number): Life {
    return this.store.lifeOf(item)
  }

  release(): void {
    this.store.release()
  }

  keyAddress(item: number): number {
    return this.store.keyAddress(item)
  }

  valueAddress(item: number): number {
    return this.store.valueAddress(item)
  }

  // ─── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  makeRoom(): boolean {
    return this.storeForDraft().makeRoom()
  }

  prepareIndex(): boolean {
    return this.storeForDraft().prepareIndex()
  }

  get isSound(): boolean {
    return this.stores.every((store) => store.isSound)
  }

  lock(keyStart: number, keyLength: number): number {
    const hash = this.arena.hash(keyStart, keyLength)
    return this.storeFor(hash).lock(keyStart, keyLength, hash)
  }

  create(): number {
    return this.store.create()
  }

  lockPublished(item: number): void {
    this.store.lockPublished(item)
  }

  publish(item: number, locked: number): void {
    this.store.publish(item, locked)
  }

  canOverwrite(item: number): boolean {
    return this.store.canOverwrite(item)
  }

  overwrite(item: number): void {
    this.store.overwrite(item)
  }

  renew(item: number, keepsCas = false): void {
    this.store.renew(item, keepsCas)
  }

  isChangeable(item: number): boolean {
    return this.store.isChangeable(item)
  }

  remove(item: number): void {
    this.store.remove(item)
  }

  forget(keyStart: number, keyLength: number): void {
    this.store.forget(keyStart, keyLength)
  }

  republish(item: number, locked: number, past: Past): void {
    this.store.republish(item, locked, past)
  }

  touch(item: number, expiry: number): boolean {
    return this.store.touch(item, expiry)
  }

  giveExpiry(item: number, expiry: number): boolean {
    return this.store.giveExpiry(item, expiry)
  }

  substitute(item: number, locked: number): void {
    this.store.substitute(item, locked)
  }

  stage(asItComes: boolean): StagedValue | undefined {
    return this.storeForDraft().stage(asItComes)
  }

  get latestVersion(): number {
    return this.first.latestVersion
  }

  get itemCount(): number {
    return this.figures.itemCount
  }

  /** The store of a key, which is in the focus from now on. */
  private storeFor(hash: number): MemoryStore {
    const memory = memoryOfHash(hash, this.stores.length)
    if (memory === this.focus) return this.store
    this.store.expectNothingHeld()
    this.focusOn(memory)
    return this.store
  }

  private storeForDraft(): MemoryStore {
    return this.storeFor(this.arena.hash(this.draft.keyStart, this.draft.keyLength))
  }
}

/** A store for each memory. The first reserves what they share. */
function storesOver(
  arena: Arena,
  counters: Counters,
  clock: Clock,
  options: StoreOptions,
  draft: ItemDraft,
): readonly MemoryStore[] {
  const { length } = arena.itemMemories
  const { memoryLength, memoryLengthMax = memoryLength, mayEvict } = options
  const [lengths, lengthsMax] = [sharesOf(memoryLength, length), sharesOf(memoryLengthMax, length)]
  let seen: WorkingParts | undefined
  return arena.itemMemories.map((memory, index) => {
    const share = { memoryLength: lengths[index]!, memoryLengthMax: lengthsMax[index]!, mayEvict }
    const store = new MemoryStore(memory, counters, clock, share, { arena, draft, seen })
    seen ??= store.parts
    return store
  })
}
