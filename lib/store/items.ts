import type { Arena } from '../arena/arena.js'
import type { ItemDraft } from './item/draft.js'
import {
  accessOf,
  clearFlag,
  clientFlagsOf,
  expiryOf,
  Flag,
  flagsOf,
  headerLength,
  isLong,
  isPiece,
  keyLengthOf,
  keyStartOf,
  LAYOUT_FLAGS,
  MISSING,
  nextPieceOf,
  ownerOf,
  PIECE_WORDS,
  partLengthOf,
  partStartOf,
  roundUp,
  SHORT_VALUE_LENGTH_MAX,
  setAccess,
  setClientFlags,
  setExpiry,
  setFlag,
  setNextPiece,
  setOwner,
  setPartLength,
  setValueLength,
  sizeFor,
  sizeOf,
  valueLengthOf,
  valueStartOf,
  writeFiller,
  writeHeader,
  writePiece,
} from './item/item.js'
import { Queue, queueOf } from './segments/lanes.js'
import type { Segments } from './segments/segments.js'
import { decodeAge, encodeAge } from './time/access.js'
import type { Clock } from './time/clock.js'

/** Makes room for `size` contiguous bytes in a lane's open segment; false if there is none. */
export type MakeRoom = (lane: number, size: number) => boolean

/** The bytes of items: written, read, moved, marked dead. Does not look up keys. */
export class Items {
  private readonly arena: Arena
  private readonly words: Int32Array
  private readonly base: number
  private readonly segments: Segments
  private readonly clock: Clock
  /** Bytes of key and value, in whole words, of an item that lies in one range. */
  readonly shortLengthMax: number

  constructor(arena: Arena, segments: Segments, clock: Clock) {
    this.arena = arena
    this.words = arena.words
    this.base = arena.base
    this.segments = segments
    this.clock = clock
    this.shortLengthMax = (segments.segmentLength >>> 4) - headerLength(LAYOUT_FLAGS & ~Flag.LONG)
  }

  hashOf(item: number): number {
    return this.arena.hash(keyStartOf(this.words, item), keyLengthOf(this.words, item))
  }

  /** A value that does not fit into one range: it has to be staged. */
  needsPieces(keyLength: number, valueLength: number): boolean {
    return valueLength > SHORT_VALUE_LENGTH_MAX || roundUp(keyLength + valueLength) > this.shortLengthMax
  }

  // ─── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** An item in one piece, with its key, and room for its value; MISSING if the lane's open segment is too full. */
  writeShort(lane: number, flags: number, draft: Readonly<ItemDraft>): number {
    const item = this.segments.allocate(lane, sizeFor(flags, draft.keyLength, draft.valueLength))
    if (item !== MISSING) this.begin(item, flags, draft)
    return item
  }

  /** The first piece of a long item: header, key, and at most the first `partLength` bytes of its value. */
  writeLong(
    lane: number,
    flags: number,
    draft: Readonly<ItemDraft>,
    partLength: number,
    makeRoom: MakeRoom,
  ): number {
    const overhead = headerLength(flags) + draft.keyLength
    if (!makeRoom(lane, roundUp(overhead + Math.min(partLength, PART_LENGTH_MIN)))) return MISSING
    const length = Math.min(partLength, this.segments.roomIn(lane) - overhead)
    const item = this.segments.allocate(lane, roundUp(overhead + length))
    this.begin(item, flags, draft)
    setPartLength(this.words, item, length)
    return item
  }

  /** One more piece of a long item, after `last`: at most `length` bytes. MISSING if there is no room. */
  addPiece(lane: number, item: number, last: number, length: number, makeRoom: MakeRoom): number {
    const overhead = PIECE_WORDS * 4
    if (!makeRoom(lane, overhead + roundUp(Math.min(length, PART_LENGTH_MIN)))) return MISSING
    const fitting = Math.min(length, this.segments.roomIn(lane) - overhead)
    const piece = this.segments.allocate(lane, overhead + roundUp(fitting))
    writePiece(this.words, piece, item, fitting)
    // Only the item has the expiry, and that may change.
    this.segments.noteExpiry(this.segments.of(piece), 0)
    setNextPiece(this.words, piece, nextPieceOf(this.words, last))
    setNextPiece(this.words, last, piece)
    return piece
  }

  private begin(item: number, flags: number, draft: Readonly<ItemDraft>): void {
    const segment = this.segments.of(item)
    writeHeader(this.words, item, flags, draft)
    this.arena.moveIn(keyStartOf(this.words, item), draft.keyStart, draft.keyLength)
    this.segments.noteExpiry(segment, draft.expiry)
    setAccess(this.words, item, encodeAge(this.clock.now - this.segments.born(segment)))
  }

  /** Describes a copy of an item, whose key lies at `keyStart` as well: that one stays when the item moves. */
  draftCopy(draft: ItemDraft, item: number, keyStart: number): void {
    const { words } = this
    draft.keyStart = keyStart
    draft.keyLength = keyLengthOf(words, item)
    draft.valueLength = valueLengthOf(words, item)
    draft.clientFlags = clientFlagsOf(words, item)
    draft.expiry = expiryOf(words, item)
    draft.moreFlags = 0
  }

  /** True if an item in one piece can hold a value of this length in place. */
  canHold(item: number, valueLength: number): boolean {
    if (valueLength === valueLengthOf(this.words, item)) return true
    const slack = this.slackOf(item, valueLength)
    return slack === 0 || slack >= PIECE_WORDS << 2
  }

  /** Shortens the value of such an item, or leaves it. The rest of the bytes is dead. */
  shorten(item: number, valueLength: number): void {
    const slack = this.slackOf(item, valueLength)
    setValueLength(this.words, item, valueLength)
    if (slack === 0) return
    writeFiller(this.words, item + (sizeOf(this.words, item) >>> 2), slack)
    this.segments.bury(this.segments.of(item), slack)
  }

  /** Sets what the header of such an item says to that of the draft, whose value overwrites the item's. */
  overwriteHeader(item: number, { valueLength, clientFlags, expiry }: Readonly<ItemDraft>): void {
    const { words, segments } = this
    if (valueLength !== valueLengthOf(words, item)) this.shorten(item, valueLength)
    if (expiry !== 0) setExpiry(words, item, expiry)
    if (clientFlags !== 0) setClientFlags(words, item, clientFlags)
    segments.noteExpiry(segments.of(item), expiry)
    this.setAccessTime(item, this.clock.now)
    clearFlag(words, item, Flag.FETCHED | Flag.STALE | Flag.TOKEN_SENT)
  }

  private slackOf(item: number, valueLength: number): number {
    const keyLength = keyLengthOf(this.words, item)
    const { words } = this
    return roundUp(keyLength + valueLengthOf(words, item)) - roundUp(keyLength + valueLength)
  }

  /** Calls `add` with the address and the length of each range of the item's value, in order. */
  eachPart(item: number, pieces: { add(start: number, length: number): void }): void {
    const { words, base } = this
    if (!isLong(words, item)) {
      pieces.add(base + valueStartOf(words, item), valueLengthOf(words, item))
      return
    }
    for (let piece = item; piece !== MISSING; piece = nextPieceOf(words, piece)) {
      pieces.add(base + partStartOf(words, piece), partLengthOf(words, piece))
    }
  }

  // ─── last access ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Records a read. Writes nothing if there was one in the same second. */
  access(item: number): void {
    const access = encodeAge(this.clock.now - this.segments.born(this.segments.of(item)))
    if (accessOf(this.words, item) !== access) setAccess(this.words, item, access)
    if ((flagsOf(this.words, item) & Flag.FETCHED) === 0) setFlag(this.words, item, Flag.FETCHED)
  }

  /** When an item was read last, in absolute seconds. */
  accessTime(item: number): number {
    return this.segments.born(this.segments.of(item)) + decodeAge(accessOf(this.words, item))
  }

  /** True for an item that was read again after it was new. */
  isInMainQueue(item: number): boolean {
    return queueOf(this.segments.lane(this.segments.of(item))) === Queue.MAIN
  }

  setAccessTime(item: number, time: number): void {
    setAccess(this.words, item, encodeAge(time - this.segments.born(this.segments.of(item))))
  }

  // ─── marking dead ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** The item cannot be found any more: its bytes, in all segments, wait to be cleaned. */
  bury(item: number): void {
    if (isLong(this.words, item)) {
      let piece = nextPieceOf(this.words, item)
      while (piece !== MISSING) {
        const next = nextPieceOf(this.words, piece)
        this.buryHere(piece)
        piece = next
      }
    }
    this.buryHere(item)
  }

  private buryHere(item: number): void {
    const segment = this.segments.of(item)
    setFlag(this.words, item, Flag.DEAD)
    this.segments.bury(segment, sizeOf(this.words, item))
    // A sealed segment without live bytes returns to the pool at once.
    this.segments.freeIfEmpty(segment)
  }

  // ─── moving ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Moves an item, or one piece of a long one, behind the last item of a lane. Returns the item that can be found
   * now (the same one if only a piece of it was moved), or MISSING if there was no room: then nothing has changed.
   */
  relocate(item: number, lane: number, makeRoom: MakeRoom): number {
    if (isPiece(this.words, item)) return this.relocatePiece(item, lane, makeRoom)
    return isLong(this.words, item)
      ? this.relocateLong(item, lane, makeRoom)
      : this.relocateShort(item, lane, makeRoom)
  }

  private relocateShort(item: number, lane: number, makeRoom: MakeRoom): number {
    const size = sizeOf(this.words, item)
    if (!makeRoom(lane, size)) return MISSING
    const copy = this.segments.allocate(lane, size)
    this.arena.move(copy * 4, item * 4, size)
    this.settle(copy, item)
    this.buryHere(item)
    return copy
  }

  private relocateLong(item: number, lane: number, makeRoom: MakeRoom): number {
    const words = this.words
    const overhead = headerLength(flagsOf(words, item)) + keyLengthOf(words, item)
    const length = partLengthOf(words, item)
    if (!makeRoom(lane, roundUp(overhead + Math.min(length, PART_LENGTH_MIN)))) return MISSING
    const fitting = Math.min(length, this.segments.roomIn(lane) - overhead)
    const copy = this.segments.allocate(lane, roundUp(overhead + fitting))
    this.arena.move(copy * 4, item * 4, overhead + fitting)
    setPartLength(words, copy, fitting)
    if (!this.copyRest(copy, copy, valueStartOf(words, item) + fitting, length - fitting, lane, makeRoom)) {
      this.bury(this.cutBefore(copy, nextPieceOf(words, item)))
      return MISSING
    }
    for (let piece = nextPieceOf(words, copy); piece !== MISSING; piece = nextPieceOf(words, piece)) {
      setOwner(words, piece, copy)
    }
    this.settle(copy, item)
    this.buryHere(item)
    return copy
  }

  private relocatePiece(piece: number, lane: number, makeRoom: MakeRoom): number {
    const words = this.words
    const item = ownerOf(words, piece)
    let before = item
    while (nextPieceOf(words, before) !== piece) before = nextPieceOf(words, before)
    const next = nextPieceOf(words, piece)
    // The copies are linked in front of the piece, which is unlinked once they are complete.
    if (!this.copyRest(item, before, partStartOf(words, piece), partLengthOf(words, piece), lane, makeRoom)) {
      for (let copy = nextPieceOf(words, before); copy !== piece; ) {
        const following = nextPieceOf(words, copy)
        this.buryHere(copy)
        copy = following
      }
      setNextPiece(words, before, piece)
      return MISSING
    }
    let last = before
    while (nextPieceOf(words, last) !== piece) last = nextPieceOf(words, last)
    setNextPiece(words, last, next)
    this.buryHere(piece)
    return item
  }

  /** Copies a range of a value into new pieces after `last`. */
  private copyRest(
    item: number,
    last: number,
    start: number,
    length: number,
    lane: number,
    makeRoom: MakeRoom,
  ): boolean {
    let piece = last
    for (let done = 0; done < length; done += partLengthOf(this.words, piece)) {
      piece = this.addPiece(lane, item, piece, length - done, makeRoom)
      if (piece === MISSING) return false
      this.arena.move(partStartOf(this.words, piece), start + done, partLengthOf(this.words, piece))
    }
    return true
  }

  /** Cuts an item's chain before a piece that belongs to another item. */
  private cutBefore(item: number, foreign: number): number {
    let last = item
    while (nextPieceOf(this.words, last) !== foreign) last = nextPieceOf(this.words, last)
    setNextPiece(this.words, last, MISSING)
    return item
  }

  /** Records in the copy's new segment when it expires, and when it was last read, relative to that segment. */
  private settle(copy: number, item: number): void {
    const { words, segments } = this
    const segment = segments.of(copy)
    segments.noteExpiry(segment, expiryOf(words, copy))
    this.setAccessTime(copy, this.accessTime(item))
  }
}

/** No piece but the last is shorter than this: a new segment is better than many tiny pieces. */
const PART_LENGTH_MIN = 512
