import type { Arena } from '../../arena/arena.js'
import type { ItemDraft } from '../item/draft.js'
import {
  expiryOf,
  keyLengthOf,
  keyStartOf,
  MISSING,
  nextPieceOf,
  partLengthOf,
  partStartOf,
} from '../item/item.js'
import type { Items, MakeRoom } from '../items.js'
import type { Segments } from '../segments/segments.js'
import type { Clock } from '../time/clock.js'
import { Arrivals, type Receiver } from './arrivals.js'

/** How a long item is to be written. */
export interface StagedValueParts {
  readonly lane: number
  readonly flags: number
  readonly draft: Readonly<ItemDraft>
  /** Reserve no more than about the length that has arrived already. */
  readonly asItComes: boolean
}

/**
 * Long values that are being written. Each pins its segments, and a pinned segment can be neither cleaned nor evicted: slow
 * senders could keep all memory from other items. So the number of these segments has a limit. At the limit, values are
 * dropped that are long, or have waited long for bytes of their clients.
 */
export class Staging {
  readonly arena: Arena
  readonly segments: Segments
  readonly items: Items
  readonly makeRoom: MakeRoom
  private readonly clock: Clock
  private readonly arrivals = new Arrivals<StagedValue>()
  /** The count of pieces of this worker's values per segment, and the count of segments that have any. */
  private readonly pieceCounts: Uint32Array
  private ownCount = 0
  private readonly workerCount: number

  constructor(arena: Arena, clock: Clock, segments: Segments, items: Items, makeRoom: MakeRoom) {
    this.arena = arena
    this.clock = clock
    this.segments = segments
    this.items = items
    this.makeRoom = makeRoom
    this.pieceCounts = new Uint32Array(segments.count)
    this.workerCount = arena.workerSlot.workerCount
  }

  begin(parts: StagedValueParts): StagedValue | undefined {
    const staged = new StagedValue(this, parts)
    if (staged.item === MISSING) return undefined
    if (parts.asItComes || staged.reserveAll()) return staged
    staged.discard()
    return undefined
  }

  /** Whether one more piece of the value may be reserved. Drops other values until it may. */
  mayReserve(value: StagedValue): boolean {
    while (this.isFull) if (!this.arrivals.dropCostliest(value)) return false
    return true
  }

  pin(segment: number): void {
    this.segments.pinArriving(segment)
    if (this.pieceCounts[segment]!++ === 0) this.ownCount++
  }

  unpin(segment: number): void {
    if (--this.pieceCounts[segment]! === 0) this.ownCount--
    this.segments.unpinArriving(segment)
    this.segments.freeIfEmpty(segment)
  }

  waitFor(value: StagedValue, receiver: Receiver): void {
    this.arrivals.add(value, receiver, this.clock.now)
  }

  heard(value: StagedValue): void {
    this.arrivals.renew(value, this.clock.now)
  }

  endWaiting(value: StagedValue): void {
    this.arrivals.remove(value)
  }

  /** Drops the values of clients that have stopped sending in the middle. */
  dropOverdue(): void {
    this.arrivals.dropOverdue(this.clock.now, IDLE_SECONDS_MAX)
  }

  /**
   * Values of all workers may use half of all segments. Beyond that each worker has a small share of its own: it cannot
   * drop the values of other workers, and must not be blocked by them.
   */
  private get isFull(): boolean {
    const { arrivingCount, memberCount } = this.segments.pool
    if (arrivingCount < memberCount * SHARE_OF_ALL + SEGMENTS_AT_ENDS) return false
    return this.ownCount >= Math.max(1, Math.floor((memberCount * SHARE_BEYOND) / this.workerCount))
  }
}

const SHARE_OF_ALL = 1 / 2
/** The longest value allowed is half as long as the memory: it may begin in one segment and end in another. */
const SEGMENTS_AT_ENDS = 2
/** A share of all segments, for all workers together. */
const SHARE_BEYOND = 1 / 8
/** A client may pause this long in the middle of a value. */
const IDLE_SECONDS_MAX = 60

/**
 * One long value that is being written into the store:
 *
 *     ┌──────┬─────┬──────────┐   ┌──────────────────┐   ┌ ─ ─ ─ ─ ─ ─ ─
 *     │header│ key │ part 1   ├──▶│ part 2      ░░░░░├──▶  as bytes arrive
 *     └──────┴─────┴──────────┘   └─────────────┬────┘   └ ─ ─ ─ ─ ─ ─ ─
 *                                         place ▲  room
 *
 * Its segments are pinned: sockets write directly into them. It cannot be found before it is published; until then it can
 * be discarded. Either `release` or `discard` ends it.
 */
export class StagedValue {
  /** The item, to be published once it is complete; MISSING if there was no room for it. */
  readonly item: number
  /** The address to which the next bytes are written. */
  place = 0
  /** How many bytes fit there; 0 if no room could be made. */
  room = 0
  /** How many bytes have not arrived yet. */
  missing: number
  reservedLength = 0
  private readonly staging: Staging
  private readonly lane: number
  private readonly asItComes: boolean
  private readonly valueLength: number
  /** The piece that is being filled, and the last one that is reserved. */
  private filling: number
  private last: number
  private isOver = false

  constructor(staging: Staging, { lane, flags, draft, asItComes }: StagedValueParts) {
    this.staging = staging
    this.lane = lane
    this.asItComes = asItComes
    this.valueLength = draft.valueLength
    this.missing = draft.valueLength
    const length = this.nextLength()
    this.item = staging.mayReserve(this)
      ? staging.items.writeLong(lane, flags, draft, length, staging.makeRoom)
      : MISSING
    this.last = this.item
    this.filling = this.item
    if (this.item === MISSING) return
    this.hold(this.item)
    this.fill(this.item)
  }

  /** Reserves room for all of the value, so that nothing else moves while it is copied. False if there is none. */
  reserveAll(): boolean {
    while (this.reservedLength < this.valueLength) if (!this.reserveNext()) return false
    return true
  }

  /** This many bytes were written at `place`. */
  add(length: number): void {
    this.place += length
    this.room -= length
    this.missing -= length
    this.staging.heard(this)
    if (this.room > 0 || this.missing === 0) return
    if (this.filling !== this.last || this.reserveNext()) {
      this.fill(nextPieceOf(this.staging.arena.words, this.filling))
    }
  }

  /** Copies bytes to their place. False if there is no room left. */
  copyIn(start: number, length: number): boolean {
    for (let done = 0; done < length; ) {
      if (this.room === 0) return false
      const part = Math.min(length - done, this.room)
      this.staging.arena.moveIn(this.place, start + done, part)
      this.add(part)
      done += part
    }
    return true
  }

  /** The address of its key. */
  get keyStart(): number {
    const { arena } = this.staging
    return arena.base + keyStartOf(arena.words, this.item)
  }

  get keyLength(): number {
    return keyLengthOf(this.staging.arena.words, this.item)
  }

  /** Calls `add` with the address and the length of each range of the value. */
  eachPart(pieces: { add(start: number, length: number): void }): void {
    this.staging.items.eachPart(this.item, pieces)
  }

  waitFor(receiver: Receiver): void {
    this.staging.waitFor(this, receiver)
  }

  endWaiting(): void {
    this.staging.endWaiting(this)
  }

  /** The value was published: it is an ordinary item. */
  release(): void {
    if (this.isOver) return
    const { arena, segments } = this.staging
    // A reaper that was here while the value arrived did not find it.
    segments.noteExpiry(segments.of(this.item), expiryOf(arena.words, this.item))
    this.letGo()
  }

  /** The value will not be published. */
  discard(): void {
    if (this.isOver) return
    this.staging.items.bury(this.item)
    this.letGo()
  }

  private nextLength(): number {
    const received = this.valueLength - this.missing
    const left = this.valueLength - this.reservedLength
    return this.asItComes ? Math.min(left, Math.max(FIRST_LENGTH, received)) : left
  }

  private reserveNext(): boolean {
    const length = this.nextLength()
    if (!this.staging.mayReserve(this)) return false
    const { items, makeRoom } = this.staging
    const piece = items.addPiece(this.lane, this.item, this.last, length, makeRoom)
    if (piece === MISSING) return false
    this.last = piece
    this.hold(piece)
    return true
  }

  private hold(piece: number): void {
    const { arena, segments } = this.staging
    this.reservedLength += partLengthOf(arena.words, piece)
    this.staging.pin(segments.of(piece))
  }

  private fill(piece: number): void {
    const { words } = this.staging.arena
    this.filling = piece
    this.place = this.staging.arena.base + partStartOf(words, piece)
    this.room = partLengthOf(words, piece)
  }

  private letGo(): void {
    this.isOver = true
    this.endWaiting()
    const { segments, arena } = this.staging
    let piece = this.item
    while (piece !== MISSING) {
      const next = nextPieceOf(arena.words, piece)
      this.staging.unpin(segments.of(piece))
      piece = next
    }
  }
}

/** The reserved length for a value before any of it has arrived. */
const FIRST_LENGTH = 64 * 1024
