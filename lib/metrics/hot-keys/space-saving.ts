import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'

/**
 * The heaviest of any number of keys, in memory for `capacity` of them: the algorithm Space-Saving (Metwally, Agrawal and
 * El Abbadi, 2005). A key that is not there takes the place of the lightest one, and its weight too, as its error. So a key's true
 * weight is at most what is shown, and at least that without its error; an error is at most `total / capacity`; and each key that
 * is heavier than that is there.
 *
 *     ┌──────┬────────┬───────┐ ┌────────────────┐ ┌──────────────────┐ ┌──────────────┐
 *     │ size │ period │ total │ │ heads of chains│ │ heap: the entry  │ │ entries:     │
 *     │      │        │       │ │ by hash        │ │ at each place    │ │ see below    │
 *     └──────┴────────┴───────┘ └────────────────┘ └──────────────────┘ └──────────────┘
 *
 * An entry is a word or a double in each of these arrays: weight, error, hash, next in its chain, place in the heap, length; and
 * the bytes of its key. Only one worker writes a table. Others read it meanwhile: see `read-table.ts`. The period of a table
 * is `NO_PERIOD` while it is cleared.
 */
export class SpaceSaving {
  private readonly arena: Arena
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly table: TableLayout
  private size = 0

  constructor(arena: Arena, table: TableLayout) {
    this.arena = arena
    this.words = arena.words
    this.doubles = arena.doubles
    this.table = table
  }

  get period(): number {
    return this.words[this.table.period]!
  }

  /** Removes everything. What is added from now on belongs to this period. */
  begin(period: number): void {
    const { words, doubles, table } = this
    Atomics.store(words, table.period, NO_PERIOD)
    this.size = 0
    words[table.size] = 0
    doubles[table.total] = 0
    words.fill(NONE, table.heads, table.heads + table.capacity)
    Atomics.store(words, table.period, period)
  }

  /** Adds weight to a key: bytes of the arena, and their hash. */
  add(hash: number, start: number, length: number, weight: number): void {
    const { doubles, table } = this
    doubles[table.total] = doubles[table.total]! + weight
    const found = this.find(hash, start, length)
    if (found !== NONE) {
      doubles[table.weights + found] = doubles[table.weights + found]! + weight
      this.sink(this.words[table.places + found]!, found)
    } else if (this.size < table.capacity) {
      this.append(hash, start, length, weight)
    } else {
      this.replaceLightest(hash, start, length, weight)
    }
  }

  private find(hash: number, start: number, length: number): number {
    const { words, table, arena } = this
    let entry = words[table.heads + (hash & (table.capacity - 1))]!
    while (entry !== NONE) {
      if (
        words[table.hashes + entry] === hash &&
        words[table.lengths + entry] === length &&
        arena.equal(table.keys + entry * KEY_ROOM, start, length) === 1
      )
        return entry
      entry = words[table.nexts + entry]!
    }
    return NONE
  }

  private append(hash: number, start: number, length: number, weight: number): void {
    const { words, doubles, table } = this
    const entry = this.size++
    doubles[table.weights + entry] = weight
    doubles[table.errors + entry] = 0
    this.setKey(entry, hash, start, length)
    words[table.size] = this.size
    this.rise(entry, entry)
  }

  private replaceLightest(hash: number, start: number, length: number, weight: number): void {
    const { words, doubles, table } = this
    const entry = words[table.heap]!
    const lightest = doubles[table.weights + entry]!
    this.unchain(entry)
    doubles[table.errors + entry] = lightest
    doubles[table.weights + entry] = lightest + weight
    this.setKey(entry, hash, start, length)
    this.sink(0, entry)
  }

  private setKey(entry: number, hash: number, start: number, length: number): void {
    const { words, table, arena } = this
    const head = table.heads + (hash & (table.capacity - 1))
    words[table.hashes + entry] = hash
    words[table.lengths + entry] = length
    arena.move(table.keys + entry * KEY_ROOM, start, length)
    words[table.nexts + entry] = words[head]!
    words[head] = entry
  }

  private unchain(entry: number): void {
    const { words, table } = this
    let link = table.heads + (words[table.hashes + entry]! & (table.capacity - 1))
    while (words[link] !== entry) link = table.nexts + words[link]!
    words[link] = words[table.nexts + entry]!
  }

  /** Moves an entry, which was at this place or is new, up to where no lighter one is below it. */
  private rise(from: number, entry: number): void {
    const { words, doubles, table } = this
    const weight = doubles[table.weights + entry]!
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const other = words[table.heap + above]!
      if (doubles[table.weights + other]! <= weight) break
      this.put(place, other)
      place = above
    }
    this.put(place, entry)
  }

  /** The same downwards, for an entry that has become heavier. */
  private sink(from: number, entry: number): void {
    const { words, doubles, size } = this
    const { heap, weights } = this.table
    const weight = doubles[weights + entry]!
    let place = from
    for (;;) {
      let below = 2 * place + 1
      if (below >= size) break
      let lighter = doubles[weights + words[heap + below]!]!
      if (below + 1 < size) {
        const other = doubles[weights + words[heap + below + 1]!]!
        if (other < lighter) {
          lighter = other
          below++
        }
      }
      if (lighter >= weight) break
      this.put(place, words[heap + below]!)
      place = below
    }
    this.put(place, entry)
  }

  private put(place: number, entry: number): void {
    const { words, table } = this
    words[table.heap + place] = entry
    words[table.places + entry] = place
  }
}

/** Where the parts of a table are: indices of words or of doubles, and the offset of the keys. */
export class TableLayout {
  /** A power of two. */
  readonly capacity: number
  readonly size: number
  readonly period: number
  readonly total: number
  readonly heads: number
  readonly heap: number
  readonly weights: number
  readonly errors: number
  readonly hashes: number
  readonly nexts: number
  readonly places: number
  readonly lengths: number
  readonly keys: number

  /** `start` is a multiple of eight. */
  constructor(start: number, capacity: number) {
    this.capacity = capacity
    this.size = start / 4
    this.period = this.size + 1
    this.total = start / 8 + 1
    this.weights = (start + HEAD_LENGTH) / 8
    this.errors = this.weights + capacity
    this.heads = (this.errors + capacity) * 2
    this.heap = this.heads + capacity
    this.hashes = this.heap + capacity
    this.nexts = this.hashes + capacity
    this.places = this.nexts + capacity
    this.lengths = this.places + capacity
    this.keys = (this.lengths + capacity) * 4
  }

  static readonly byteLength = (capacity: number): number =>
    Math.ceil((HEAD_LENGTH + capacity * ENTRY_LENGTH) / CACHE_LINE_LENGTH) * CACHE_LINE_LENGTH
}

/** The period of a table that is being cleared, or was never begun. */
export const NO_PERIOD = 0
/** Keys of up to 250 bytes. */
export const KEY_ROOM = 256

const NONE = -1
const HEAD_LENGTH = CACHE_LINE_LENGTH
const DOUBLES_PER_ENTRY = 2
const WORDS_PER_ENTRY = 6
const ENTRY_LENGTH = DOUBLES_PER_ENTRY * 8 + WORDS_PER_ENTRY * 4 + KEY_ROOM
