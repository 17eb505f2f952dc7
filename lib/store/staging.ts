import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'
import { MISSING, nextPieceOf, partLengthOf, partStartOf, roundUp } from './item.js'
import type { Items, MakeRoom } from './items.js'
import type { Segments } from './segments.js'

export interface StagedItem {
  readonly lane: number
  readonly flags: number
  readonly keyStart: number
  readonly keyLength: number
  readonly valueLength: number
  readonly clientFlags: number
  readonly expiry: number
  /** Reserve no more than about what has arrived already. */
  readonly asItComes: boolean
}

/** Long values that are being written. What they hold in all is bounded, since nobody can evict it. */
export class Staging {
  readonly arena: Arena
  readonly segments: Segments
  readonly items: Items
  readonly makeRoom: MakeRoom
  /** A word that counts, in steps of four bytes, what the staged values of all workers hold now. */
  private readonly held: number

  constructor(arena: Arena, segments: Segments, items: Items, makeRoom: MakeRoom) {
    this.arena = arena
    this.segments = segments
    this.items = items
    this.makeRoom = makeRoom
    this.held = arena.reserve(CACHE_LINE_LENGTH) >>> 2
  }

  begin(item: StagedItem): StagedValue | undefined {
    const staged = new StagedValue(this, item)
    if (staged.item === MISSING) return undefined
    if (item.asItComes || staged.reserveAll()) return staged
    staged.discard()
    return undefined
  }

  mayHold(length: number): boolean {
    return (Atomics.load(this.arena.words, this.held) >>> 0) * 4 + length <= this.segments.limit / 2
  }

  /** So many more bytes are held, or fewer. */
  hold(length: number): void {
    Atomics.add(this.arena.words, this.held, length / 4)
  }
}

/**
 * One long value on its way into the store:
 *
 *     ┌──────┬─────┬──────────┐   ┌──────────────────┐   ┌ ─ ─ ─ ─ ─ ─ ─
 *     │header│ key │ part 1   ├──▶│ part 2      ░░░░░├──▶  as bytes come
 *     └──────┴─────┴──────────┘   └─────────────┬────┘   └ ─ ─ ─ ─ ─ ─ ─
 *                                         place ▲  room
 *
 * Its segments are pinned: sockets write straight into them. Nobody finds it before it is published; until then it can
 * be discarded. One of the two, `release` or `discard`, ends it.
 */
export class StagedValue {
  /** The item, to be published once nothing is missing; MISSING when there was no room for it. */
  readonly item: number
  /** Where the next bytes belong. */
  place = 0
  /** How many may be put there; 0 when no room could be made. */
  room = 0
  /** How many bytes are still to come. */
  missing: number
  private readonly staging: Staging
  private readonly lane: number
  private readonly asItComes: boolean
  private readonly valueLength: number
  /** The piece that is being filled, and the last one that is reserved. */
  private filling: number
  private last: number
  private reservedLength = 0
  private heldLength = 0

  constructor(staging: Staging, what: StagedItem) {
    this.staging = staging
    this.lane = what.lane
    this.asItComes = what.asItComes
    this.valueLength = what.valueLength
    this.missing = what.valueLength
    const length = this.nextLength()
    this.item = staging.mayHold(length)
      ? staging.items.writeLong(
          what.lane,
          what.flags,
          what.keyStart,
          what.keyLength,
          what.valueLength,
          what.clientFlags,
          what.expiry,
          length,
          staging.makeRoom,
        )
      : MISSING
    this.last = this.item
    this.filling = this.item
    if (this.item === MISSING) return
    this.hold(this.item)
    this.fill(this.item)
  }

  /** Reserves room for all of the value, so that nothing else moves while it is copied. False when it cannot be had. */
  reserveAll(): boolean {
    while (this.reservedLength < this.valueLength) if (!this.reserveNext()) return false
    return true
  }

  /** So many bytes have been put at `place`. */
  add(length: number): void {
    this.place += length
    this.room -= length
    this.missing -= length
    if (this.room > 0 || this.missing === 0) return
    if (this.filling !== this.last || this.reserveNext()) {
      this.fill(nextPieceOf(this.staging.arena.words, this.filling))
    }
  }

  /** Copies bytes to where they belong. False when room ran out. */
  copyIn(start: number, length: number): boolean {
    for (let done = 0; done < length; ) {
      if (this.room === 0) return false
      const part = Math.min(length - done, this.room)
      this.staging.arena.move(this.place, start + done, part)
      this.add(part)
      done += part
    }
    return true
  }

  /** The value has been published: it is an item like others. */
  release(): void {
    this.letGo()
  }

  /** The value will not be published. */
  discard(): void {
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
    if (!this.staging.mayHold(length)) return false
    const { items, makeRoom } = this.staging
    const piece = items.addPiece(this.lane, this.item, this.last, length, makeRoom)
    if (piece === MISSING) return false
    this.last = piece
    this.hold(piece)
    return true
  }

  private hold(piece: number): void {
    const { arena, segments } = this.staging
    const length = partLengthOf(arena.words, piece)
    this.reservedLength += length
    this.staging.hold(roundUp(length))
    this.heldLength += roundUp(length)
    segments.pin(segments.of(piece))
  }

  private fill(piece: number): void {
    const { words } = this.staging.arena
    this.filling = piece
    this.place = partStartOf(words, piece)
    this.room = partLengthOf(words, piece)
  }

  private letGo(): void {
    const { segments, arena } = this.staging
    this.staging.hold(-this.heldLength)
    let piece = this.item
    while (piece !== MISSING) {
      const next = nextPieceOf(arena.words, piece)
      const segment = segments.of(piece)
      segments.unpin(segment)
      segments.freeIfEmpty(segment)
      piece = next
    }
  }
}

/** What is reserved for a value of which nothing has arrived yet. */
const FIRST_LENGTH = 64 * 1024
