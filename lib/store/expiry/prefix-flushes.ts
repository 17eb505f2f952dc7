import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { keyLengthOf, keyStartOf } from '../item/item.js'

/** No more prefixes may be flushed while their items are not buried: a flush of another one has to wait. */
export const OPEN_PREFIX_COUNT_MAX = 64

/** A prefix that was flushed: items of keys that begin so are dead up to the version. */
export interface PrefixFlush {
  readonly prefix: Buffer
  readonly version: number
}

/**
 * The prefixes that were flushed and whose items are not buried yet, in the arena, for all workers.
 *
 *     ┌──────────┬──────┬─ ─   ┌─────────┬─────────┬─ ─   ┌────────┬────────┬─ ─   ┌────────┬────────┬─ ─
 *     │ sequence │ used │      │ version │ version │      │ length │ length │      │ prefix │ prefix │
 *     └──────────┴──────┴─ ─   └─────────┴─────────┴─ ─   └────────┴────────┴─ ─   └────────┴────────┴─ ─
 *                               doubles; 0: the place is free                       256 bytes each
 *
 * A prefix that begins with another one has no place of its own if that one was flushed later: the later boundary is above its own.
 * Only `used` places have to be looked at.
 *
 * A place is written while its worker holds all stripes, so no worker that looks at an item sees it half written. Its version may
 * become 0 at any time: no item is left that it has made dead. The thread that takes snapshots holds no stripe. For it, `sequence`
 * is odd while a place is written.
 */
export class PrefixFlushes {
  private readonly arena: Arena
  private readonly itemArena: Arena
  private readonly region: number
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  /** The first word, double, word and byte of the four parts. */
  private readonly state: number
  private readonly versions: number
  private readonly lengths: number
  private readonly prefixes: number

  /** For items in the same arena, or in one of its item memories; `seen` are those of another item memory. */
  constructor(arena: Arena, itemArena = arena, seen?: PrefixFlushes) {
    this.arena = arena
    this.itemArena = itemArena
    this.words = arena.words
    this.doubles = arena.doubles
    const region = seen?.region ?? arena.reserve(PrefixFlushes.regionLength() - CACHE_LINE_LENGTH)
    this.region = region
    this.state = region >>> 2
    this.versions = (region + CACHE_LINE_LENGTH) >>> 3
    this.lengths = (region + CACHE_LINE_LENGTH + OPEN_PREFIX_COUNT_MAX * 8) >>> 2
    this.prefixes = region + CACHE_LINE_LENGTH + OPEN_PREFIX_COUNT_MAX * (8 + 4)
  }

  static readonly regionLength = (): number =>
    2 * CACHE_LINE_LENGTH + OPEN_PREFIX_COUNT_MAX * (8 + 4 + PREFIX_LENGTH)

  // ─── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** There are prefixes whose items are not buried. */
  get areOpen(): boolean {
    return this.used !== 0
  }

  /** There is a place for one more. */
  get hasRoom(): boolean {
    return this.freePlace() < OPEN_PREFIX_COUNT_MAX
  }

  /** True if an item with this version was flushed by one of the prefixes. Its stripe is locked. */
  covers(item: number, version: number): boolean {
    const { itemArena, used } = this
    for (let place = 0; place < used; place++) {
      if (version > this.doubles[this.versions + place]!) continue
      const length = this.words[this.lengths + place]!
      const { words } = itemArena
      if (keyLengthOf(words, item) < length) continue
      if (itemArena.equalKey(keyStartOf(words, item), this.startOf(place), length) !== 0) return true
    }
    return false
  }

  /** The version of the latest; 0 if there are none. */
  get latestVersion(): number {
    let latest = 0
    for (let place = 0; place < this.used; place++) {
      latest = Math.max(latest, this.doubles[this.versions + place]!)
    }
    return latest
  }

  /** A copy of all, for any thread. */
  list(): PrefixFlush[] {
    for (;;) {
      const sequence = Atomics.load(this.words, this.state + SEQUENCE)
      const copy = this.copyAll()
      const isSame = Atomics.load(this.words, this.state + SEQUENCE) === sequence
      if (isSame && sequence % 2 === 0) return copy
    }
  }

  private copyAll(): PrefixFlush[] {
    const { arena, words, doubles, used } = this
    const copy: PrefixFlush[] = []
    for (let place = 0; place < used; place++) {
      const version = doubles[this.versions + place]!
      const start = this.startOf(place)
      const prefix = Buffer.from(arena.bytes.subarray(start, start + words[this.lengths + place]!))
      if (version !== 0) copy.push({ prefix, version })
    }
    return copy
  }

  // ─── writing, one worker at a time ─────────────────────────────────────────────────────────────────────────────────

  /** Forgets the prefixes that begin with this one, up to a version. False if there is no place for it. */
  makeRoom(start: number, length: number, version = Number.POSITIVE_INFINITY): boolean {
    const { words, doubles, arena } = this
    for (let place = 0; place < this.used; place++) {
      const isCovered = words[this.lengths + place]! >= length && doubles[this.versions + place]! <= version
      if (isCovered && arena.equal(this.startOf(place), start, length) !== 0) this.free(place)
    }
    return this.hasRoom
  }

  /** Adds a prefix, for which there is room. */
  open(start: number, length: number, version: number): void {
    const { words, state } = this
    const place = this.freePlace()
    Atomics.add(words, state + SEQUENCE, 1)
    words[this.lengths + place] = length
    this.arena.move(this.startOf(place), start, length)
    this.doubles[this.versions + place] = version
    words[state + USED] = Math.max(this.used, place + 1)
    Atomics.add(words, state + SEQUENCE, 1)
  }

  /** Forgets all up to this version. Returns the version of the latest that is left. */
  forget(version: number): number {
    for (let place = 0; place < this.used; place++) {
      if (this.doubles[this.versions + place]! <= version) this.free(place)
    }
    let { used } = this
    while (used > 0 && this.doubles[this.versions + used - 1] === 0) used--
    this.words[this.state + USED] = used
    return this.latestVersion
  }

  private free(place: number): void {
    this.doubles[this.versions + place] = 0
  }

  private freePlace(): number {
    const { used } = this
    for (let place = 0; place < used; place++) if (this.doubles[this.versions + place] === 0) return place
    return used
  }

  private get used(): number {
    return this.words[this.state + USED]!
  }

  private startOf(place: number): number {
    return this.prefixes + place * PREFIX_LENGTH
  }
}

const SEQUENCE = 0
const USED = 1
/** The longest prefix is a whole key: 250 bytes. */
const PREFIX_LENGTH = 256
