import type { Arena } from '../arena/arena.js'
import { Counter, type Counters } from '../metrics/counters.js'
import type { Cleaning } from './cleaning/cleaning.js'
import { removeDead } from './cleaning/reaper.js'
import { type Expiry, Life } from './expiry/expiry.js'
import type { Index } from './index/index.js'
import { ItemDraft } from './item/draft.js'
import {
  Flag,
  flagsOf,
  isLong,
  keyLengthOf,
  keyStartOf,
  LAYOUT_FLAGS,
  layoutOf,
  MISSING,
  setExpiry,
  setOwnCas,
  setVersion,
  sizeFor,
  valueStartOf,
  versionHigh,
  versionLow,
  versionOf,
} from './item/item.js'
import type { Items } from './items.js'
import { LaneChoice } from './lane-choice.js'
import { BothListeners, type ChangeListener } from './listeners/change-listener.js'
import { type RwLock, stripeOf } from './lock/rw-lock.js'
import { NothingChanged } from './nothing-changed.js'
import type { SharedParts, StoreOptions } from './parts.js'
import { type Past, restoreUse } from './restoring.js'
import { queueOf } from './segments/lanes.js'
import type { Segments } from './segments/segments.js'
import type { StagedValue, Staging } from './staging/staging.js'
import type { Clock } from './time/clock.js'
import type { Versions } from './version.js'
import { buildWorkingParts, type WorkingParts } from './working-parts.js'

/** The store of one memory: what can be done with its items, key by key. */
export class MemoryStore {
  readonly arena: Arena
  readonly clock: Clock
  readonly counters: Counters
  readonly segments: Segments
  readonly index: Index
  readonly items: Items
  /** The item that is about to be written. */
  readonly draft: ItemDraft
  readonly parts: WorkingParts
  /** The memory of the item that was found, locked or visited last, as words and as bytes. */
  readonly words: Int32Array
  readonly bytes: Buffer
  private readonly base: number
  private readonly versions: Versions
  private readonly expiry: Expiry
  private readonly rwLock: RwLock
  private readonly cleaning: Cleaning
  private readonly lanes: LaneChoice
  private readonly staging: Staging
  private changes: ChangeListener | undefined = undefined
  private hash = 0
  private hold: Hold = Hold.NOTHING
  /** Where room was last made. */
  private lane = 0
  /** The slot of the locked key's item. */
  private slot = 0

  /** Several memories share some parts, and the draft. */
  constructor(
    arena: Arena,
    counters: Counters,
    clock: Clock,
    options: StoreOptions,
    shared: SharedParts = { arena, draft: new ItemDraft(), seen: undefined },
  ) {
    const parts = buildWorkingParts(arena, counters, clock, options, shared)
    this.arena = arena
    this.draft = shared.draft
    this.words = arena.words
    this.bytes = arena.bytes
    this.base = arena.base
    this.counters = counters
    this.clock = clock
    this.parts = parts
    this.segments = parts.segments
    this.index = parts.index
    this.items = parts.items
    this.versions = parts.versions
    this.expiry = parts.expiry
    this.rwLock = parts.lock
    this.cleaning = parts.cleaning
    this.staging = parts.staging
    this.lanes = new LaneChoice(arena, parts)
  }

  /** Call this before a batch of requests. */
  refreshClock(): void {
    this.clock.refresh()
    this.expiry.flushIfDue()
  }

  /** From now on the listener receives every change, and no other one does. */
  onChange(listener: ChangeListener): void {
    this.changes = listener
    this.expiry.changes = listener
    this.parts.changes = listener
  }

  /** From now on the listener receives every change as well, after the listener that there is. */
  onChangeToo(listener: ChangeListener): void {
    this.onChange(this.changes === undefined ? listener : new BothListeners(this.changes, listener))
  }

  /** All items present at `time` will be dead then. */
  flushAt(time: number): void {
    this.expiry.flushAt(time)
  }

  /**
   * All items present whose keys begin so are dead from now on. False if nothing was flushed, since `OPEN_PREFIX_COUNT_MAX` other
   * prefixes are still being swept: `memory.reap` goes on with that.
   */
  flushPrefix(start: number, length: number): boolean {
    this.holdAll()
    const isFlushed = this.expiry.flushPrefix(start, length)
    this.releaseAll()
    return isFlushed
  }

  /** Locks all keys. */
  holdAll(): void {
    this.expectNothingHeld()
    this.hold = Hold.NOT_YET
    this.rwLock.writeAll()
  }

  releaseAll(): void {
    this.rwLock.endWriteAll()
    this.hold = Hold.NOTHING
  }

  /** One more prefix can be flushed, whichever it is. */
  get mayFlushPrefix(): boolean {
    return this.expiry.prefixes.hasRoom
  }

  // ─── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The live item under a key, or MISSING. It does not move until `release`. */
  find(keyStart: number, keyLength: number, hash = this.arena.hashKey(keyStart, keyLength)): number {
    const item = this.peek(keyStart, keyLength, hash)
    if (item === MISSING) return MISSING
    this.slot = this.index.slot
    if (this.expiry.lifeOf(this.words, item) === Life.LIVE) return item
    this.release()
    return this.lock(keyStart, keyLength, hash)
  }

  /** The item under a key, live or dead, or MISSING. It does not move until `release`. */
  peek(keyStart: number, keyLength: number, hash = this.arena.hashKey(keyStart, keyLength)): number {
    this.expectNothingHeld()
    this.hash = hash
    this.hold = Hold.NOT_YET
    this.rwLock.read(stripeOf(hash))
    this.hold = Hold.READING
    return this.index.find(hash, keyStart, keyLength)
  }

  /** The item under the locked key: it has not changed meanwhile. */
  held(keyStart: number, keyLength: number): number {
    return this.index.find(this.hash, keyStart, keyLength)
  }

  /** Records a read of the item that was just found or locked. */
  noteHit(item: number): void {
    this.index.hitAt(this.slot)
    this.items.access(item)
  }

  lifeOf(item: number): Life {
    return this.expiry.lifeOf(this.words, item)
  }

  /** Releases what `find` or `lock` returned. */
  release(): void {
    if (this.hold === Hold.READING) this.rwLock.endRead()
    else if (this.hold === Hold.WRITING) this.rwLock.endWrite(stripeOf(this.hash))
    this.hold = Hold.NOTHING
  }

  /** The address of an item's key. */
  keyAddress(item: number): number {
    return this.base + keyStartOf(this.words, item)
  }

  /** The address of the value of an item in one piece. */
  valueAddress(item: number): number {
    return this.base + valueStartOf(this.words, item)
  }

  // ─── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Ensures that the next `create` of the item in the draft succeeds. False if no room can be made for it. */
  makeRoom(): boolean {
    const { draft } = this
    const size = sizeFor(layoutOf(draft) | draft.moreFlags, draft.keyLength, draft.valueLength)
    this.cleaning.keepStep(size)
    const lane = this.lanes.choose(draft)
    this.lane = lane
    // The lane last: making room for the index may move items, which may fill the lane.
    return this.prepareIndex() && (this.segments.roomIn(lane) >= size || this.cleaning.roomForNew(lane, size))
  }

  /** Ensures that the next new key finds a place in the index. */
  prepareIndex(): boolean {
    return this.index.isReady || this.cleaning.roomInIndex()
  }

  /**
   * True if an exception has left everything consistent: nothing was being moved, and no item was about to be changed. A lock
   * for reading only has to be released.
   */
  get isSound(): boolean {
    return this.hold <= Hold.READING && !this.cleaning.isAtWork && !this.segments.pool.mutex.isHeld
  }

  /** Locks a key. Returns its live item, or MISSING; an item that has expired is removed. */
  lock(keyStart: number, keyLength: number, hash = this.arena.hashKey(keyStart, keyLength)): number {
    this.expectNothingHeld()
    this.hash = hash
    this.hold = Hold.NOT_YET
    this.rwLock.write(stripeOf(hash))
    this.hold = Hold.WRITING
    const item = this.index.find(hash, keyStart, keyLength)
    if (item === MISSING) return MISSING
    this.slot = this.index.slot
    const life = this.expiry.lifeOf(this.words, item)
    if (life === Life.LIVE) return item
    this.counters.count(life === Life.EXPIRED ? Counter.get_expired : Counter.get_flushed)
    removeDead(this.parts, this.slot, item, life)
    return MISSING
  }

  /** Creates the item in the draft, with its key and room for its value: it cannot be found before `publish`. */
  create(): number {
    const { draft } = this
    const item = this.items.writeShort(this.lane, layoutOf(draft) | draft.moreFlags, draft)
    if (item === MISSING) throw new NothingChanged('no room was made for an item')
    return item
  }

  /** The item that was just published is the locked one from now on. */
  lockPublished(item: number): void {
    if (this.index.findItem(this.hash, item)) this.slot = this.index.slot
  }

  /** Replaces the item that `lock` returned with this one. */
  publish(item: number, locked: number): void {
    setVersion(this.words, item, this.nextVersion())
    this.link(item, locked)
    this.counters.count(Counter.total_items)
    this.changes?.stored(item)
  }

  /** Whether the value of the draft can overwrite the item's value in place. */
  canOverwrite(item: number): boolean {
    const { segments, draft } = this
    if ((flagsOf(this.words, item) & LAYOUT_FLAGS) !== layoutOf(draft)) return false
    if (!this.items.canHold(item, draft.valueLength)) return false
    const segment = segments.of(item)
    if (segments.pins(segment) !== 0) return false
    const lane = segments.lane(segment)
    return this.lanes.inQueue(draft.expiry, queueOf(lane)) === lane
  }

  /** The value of the draft was written in place: the result counts as a new item. */
  overwrite(item: number): void {
    this.items.overwriteHeader(item, this.draft)
    setVersion(this.words, item, this.nextVersion())
    this.counters.count(Counter.total_items)
    this.changes?.stored(item)
  }

  /** The locked item was changed in place. With `keepsCas` it keeps the cas that the change has set. */
  renew(item: number, keepsCas = false): void {
    const { words } = this
    setVersion(words, item, this.nextVersion())
    // From now on its cas is the version again.
    if (!keepsCas && (flagsOf(words, item) & Flag.OWN_CAS) !== 0)
      setOwnCas(words, item, versionHigh(words, item), versionLow(words, item))
    this.changes?.stored(item)
  }

  /** True if the item's value may be changed in place. */
  isChangeable(item: number): boolean {
    return !isLong(this.words, item) && this.segments.pins(this.segments.of(item)) === 0
  }

  /** Removes the locked item. */
  remove(item: number): void {
    this.changes?.removed(this.keyAddress(item), keyLengthOf(this.words, item), this.nextVersion())
    this.index.removeAt(this.slot)
    this.items.bury(item)
  }

  /** The locked key has no item, and is to have none: it may have had one, before it was evicted. */
  forget(keyStart: number, keyLength: number): void {
    this.changes?.forgotten(keyStart, keyLength, this.nextVersion())
  }

  /** As `publish`, for an item that is restored. */
  republish(item: number, locked: number, past: Past): void {
    setVersion(this.words, item, past.version)
    this.link(item, locked)
    restoreUse(this.parts, this.hash, item, past)
  }

  /** Sets another expiry of the locked item. False if it has no word for one: then it has to be copied. */
  touch(item: number, expiry: number): boolean {
    if (!this.giveExpiry(item, expiry)) return false
    this.changes?.touched(item, this.nextVersion())
    return true
  }

  /** As `touch`, within a change that is reported as a whole: the item is about to be published, or renewed. */
  giveExpiry(item: number, expiry: number): boolean {
    if ((flagsOf(this.words, item) & Flag.EXPIRY) === 0) return expiry === 0
    setExpiry(this.words, item, expiry)
    this.segments.noteExpiry(this.segments.of(item), expiry)
    return true
  }

  /** Replaces the locked item with a copy, as if nothing had changed. */
  substitute(item: number, locked: number): void {
    setVersion(this.words, item, versionOf(this.words, locked))
    this.link(item, locked)
    this.changes?.touched(item, this.nextVersion())
  }

  /**
   * Begins to store the value of the draft piece by piece. With `asItComes` each piece is about as long as all before it, so at
   * most twice the arrived bytes are held. Undefined if there is no room.
   */
  stage(asItComes: boolean): StagedValue | undefined {
    if (!this.prepareIndex()) return undefined
    const { draft } = this
    const flags = layoutOf(draft) | Flag.LONG | draft.moreFlags
    this.cleaning.keepStep(Math.min(draft.valueLength, this.segments.segmentLength))
    return this.staging.begin({ lane: this.lanes.choose(this.draft), flags, draft, asItComes })
  }

  get latestVersion(): number {
    return this.versions.latest
  }

  get itemCount(): number {
    return this.index.itemCount
  }

  /** A worker that holds a stripe and asks for another one could wait for itself. */
  expectNothingHeld(): void {
    if (this.hold !== Hold.NOTHING) throw new Error('a key is requested while another one is held')
  }

  private nextVersion(): number {
    return this.versions.next(stripeOf(this.hash))
  }

  private link(item: number, locked: number): void {
    if (locked === MISSING) {
      this.index.insert(this.hash, item)
    } else {
      this.index.replaceAt(this.slot, item)
      this.items.bury(locked)
    }
  }
}

/** What the worker holds of the lock. */
const Hold = { NOTHING: 0, READING: 1, WRITING: 2, NOT_YET: 3 } as const
type Hold = (typeof Hold)[keyof typeof Hold]
