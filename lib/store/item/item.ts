/**
 * The layout of an item. `words` is the arena as signed 32-bit words; an item is identified by the index of its first
 * word.
 *
 *            31                    16 15           8 7             0
 *          ┌─────────────────────────────────────────────────────────┐
 *   word 0 │ version, low 32 bits                                    │
 *          ├───────────────────────────────────┬─────────────────────┤
 *        1 │ version, high 18 bits             │ last access, 14 bits│
 *          ├──────────────┬────────────────────┴─────────────────────┤
 *        2 │ key length   │ flags, 8 bits      │ value length, 16    │
 *          ├──────────────┴──────────────────────────────────────────┤
 *          │ expiry, in seconds since 1970; 0: never       EXPIRY    │
 *          ├─────────────────────────────────────────────────────────┤
 *          │ client flags                            CLIENT_FLAGS    │
 *          ├─────────────────────────────────────────────────────────┤
 *          │ a cas that is not the version: high, low     OWN_CAS    │
 *          ├─────────────────────────────────────────────────────────┤
 *          │ value length; length in this piece; next piece    LONG  │
 *          ├─────────────────────────────────────────────────────────┤
 *          │ key, value (of a LONG one: its first piece), padding    │
 *          └─────────────────────────────────────────────────────────┘
 *
 * The words with a flag's name beside them are there only if the flag is set. A LONG item continues in pieces:
 *
 *          ┌─────────────────────────────────────────────────────────┐
 *   word 0 │ the item that the piece belongs to                      │
 *        1 │ next piece, or 0                                        │
 *        2 │ key length 0 │ flags (DEAD)       │ unused              │
 *        3 │ length in this piece                                    │
 *          ├─────────────────────────────────────────────────────────┤
 *          │ bytes of the value, padding                             │
 *          └─────────────────────────────────────────────────────────┘
 *
 * So the key length distinguishes both kinds, and a segment can be walked from its first word to its last.
 */
import type { ItemDraft } from './draft.js'

/** No item: the arena's first words are used otherwise. */
export const MISSING = 0

export const Flag = {
  EXPIRY: 1,
  CLIENT_FLAGS: 2,
  LONG: 4,
  /** The item cannot be found any more; its bytes wait for the segment to be cleaned. */
  DEAD: 8,
  /** Has been read since it was stored. */
  FETCHED: 16,
  /** A client has marked it as stale. */
  STALE: 32,
  /** A client was asked to renew it. */
  TOKEN_SENT: 64,
  OWN_CAS: 128,
} as const

/** The flags that decide which words there are. */
export const LAYOUT_FLAGS = Flag.EXPIRY | Flag.CLIENT_FLAGS | Flag.LONG | Flag.OWN_CAS
/** The flags that a copy keeps when it replaces an item that has not changed. */
export const KEPT_FLAGS = Flag.STALE | Flag.TOKEN_SENT | Flag.OWN_CAS
const FIXED_WORDS = 3
const LONG_WORDS = 3
const OWN_CAS_WORDS = 2
export const PIECE_WORDS = 4

/** Header length in words, by the flags that decide it. */
const HEADER_WORDS = Array.from(
  { length: LAYOUT_FLAGS + 1 },
  (_, flags) =>
    FIXED_WORDS +
    (flags & Flag.EXPIRY ? 1 : 0) +
    (flags & Flag.CLIENT_FLAGS ? 1 : 0) +
    (flags & Flag.OWN_CAS ? OWN_CAS_WORDS : 0) +
    (flags & Flag.LONG ? LONG_WORDS : 0),
)

const KEY_LENGTH_SHIFT = 24
const FLAGS_SHIFT = 16
const VALUE_LENGTH_MASK = 0xffff
/** A longer value makes a LONG item. It is at most a sixteenth of the largest segment, so no shorter value is LONG. */
export const SHORT_VALUE_LENGTH_MAX = VALUE_LENGTH_MASK

const ACCESS_BITS = 14
const ACCESS_MASK = (1 << ACCESS_BITS) - 1
const VERSION_WORD = 0x1_0000_0000
/** Versions stay below this: 50 bits. */
export const VERSION_MAX = VERSION_WORD * (1 << (32 - ACCESS_BITS))

// ─── sizes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const headerLength = (flags: number): number => HEADER_WORDS[flags & LAYOUT_FLAGS]! << 2

/** Bytes that an item or a piece uses in its segment, rounded up to whole words. */
export function sizeOf(words: Int32Array, item: number): number {
  const head = words[item + 2]!
  const keyLength = head >>> KEY_LENGTH_SHIFT
  if (keyLength === 0) return (PIECE_WORDS << 2) + roundUp(words[item + 3]!)
  const flags = head >>> FLAGS_SHIFT
  const words_ = HEADER_WORDS[flags & LAYOUT_FLAGS]!
  const length = flags & Flag.LONG ? words[item + words_ - 2]! : head & VALUE_LENGTH_MASK
  return (words_ << 2) + roundUp(keyLength + length)
}

/** The flags of a new item: which optional fields it needs. */
export const layoutOf = ({ clientFlags, expiry }: Readonly<ItemDraft>): number =>
  (expiry === 0 ? 0 : Flag.EXPIRY) | (clientFlags === 0 ? 0 : Flag.CLIENT_FLAGS)

export const roundUp = (length: number): number => (length + 3) & ~3

/** Bytes that an item with these flags, key and value uses in one piece. */
export const sizeFor = (flags: number, keyLength: number, valueLength: number): number =>
  headerLength(flags) + roundUp(keyLength + valueLength)

// ─── the fixed words ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes the header as known when room is reserved; the version is written at publication. */
export function writeHeader(
  words: Int32Array,
  item: number,
  flags: number,
  { keyLength, valueLength, clientFlags, expiry }: Readonly<ItemDraft>,
): void {
  words[item] = 0
  words[item + 1] = 0
  words[item + 2] =
    (keyLength << KEY_LENGTH_SHIFT) | (flags << FLAGS_SHIFT) | (flags & Flag.LONG ? 0 : valueLength)
  let next = item + FIXED_WORDS
  if (flags & Flag.EXPIRY) words[next++] = expiry
  if (flags & Flag.CLIENT_FLAGS) words[next++] = clientFlags
  if (flags & Flag.OWN_CAS) {
    words[next++] = 0
    words[next++] = 0
  }
  if (flags & Flag.LONG) {
    words[next] = valueLength
    words[next + 1] = 0
    words[next + 2] = MISSING
  }
}

export const keyLengthOf = (words: Int32Array, item: number): number => words[item + 2]! >>> KEY_LENGTH_SHIFT

export const flagsOf = (words: Int32Array, item: number): number => (words[item + 2]! >>> FLAGS_SHIFT) & 0xff

export function setFlag(words: Int32Array, item: number, flag: number): void {
  words[item + 2] = words[item + 2]! | (flag << FLAGS_SHIFT)
}

export function clearFlag(words: Int32Array, item: number, flag: number): void {
  words[item + 2] = words[item + 2]! & ~(flag << FLAGS_SHIFT)
}

export const isDead = (words: Int32Array, item: number): boolean => (flagsOf(words, item) & Flag.DEAD) !== 0

export const isLong = (words: Int32Array, item: number): boolean => (flagsOf(words, item) & Flag.LONG) !== 0

export const isPiece = (words: Int32Array, item: number): boolean =>
  words[item + 2]! >>> KEY_LENGTH_SHIFT === 0

export const versionHigh = (words: Int32Array, item: number): number => words[item + 1]! >>> ACCESS_BITS

export const versionLow = (words: Int32Array, item: number): number => words[item]!

export const versionOf = (words: Int32Array, item: number): number =>
  (words[item + 1]! >>> ACCESS_BITS) * VERSION_WORD + (words[item]! >>> 0)

/** The item has none of the optional words: its key begins at word PLAIN_WORDS. */
export const isPlain = (words: Int32Array, item: number): boolean =>
  (words[item + 2]! & (LAYOUT_FLAGS << FLAGS_SHIFT)) === 0

export const PLAIN_WORDS = FIXED_WORDS

export function setVersion(words: Int32Array, item: number, version: number): void {
  words[item] = version | 0
  words[item + 1] = (Math.floor(version / VERSION_WORD) << ACCESS_BITS) | (words[item + 1]! & ACCESS_MASK)
}

/** Sets a shorter value length of an item in one piece. */
export function setValueLength(words: Int32Array, item: number, length: number): void {
  words[item + 2] = (words[item + 2]! & ~VALUE_LENGTH_MASK) | length
}

export const accessOf = (words: Int32Array, item: number): number => words[item + 1]! & ACCESS_MASK

export function setAccess(words: Int32Array, item: number, access: number): void {
  words[item + 1] = (words[item + 1]! & ~ACCESS_MASK) | access
}

// ─── the optional words ──────────────────────────────────────────────────────────────────────────────────────────────

/** Absolute seconds; 0: never. */
export const expiryOf = (words: Int32Array, item: number): number =>
  flagsOf(words, item) & Flag.EXPIRY ? words[item + FIXED_WORDS]! >>> 0 : 0

/** Only for an item with the EXPIRY flag. */
export function setExpiry(words: Int32Array, item: number, expiry: number): void {
  words[item + FIXED_WORDS] = expiry
}

export function clientFlagsOf(words: Int32Array, item: number): number {
  const flags = flagsOf(words, item)
  return flags & Flag.CLIENT_FLAGS ? words[item + FIXED_WORDS + (flags & Flag.EXPIRY)]! : 0
}

/** Only for an item with the CLIENT_FLAGS flag. */
export function setClientFlags(words: Int32Array, item: number, clientFlags: number): void {
  words[item + FIXED_WORDS + (flagsOf(words, item) & Flag.EXPIRY)] = clientFlags
}

/** The cas that clients see: the item's version, unless a client has set another. */
export const casHigh = (words: Int32Array, item: number): number =>
  flagsOf(words, item) & Flag.OWN_CAS ? words[ownCasWords(words, item)]! : versionHigh(words, item)

export const casLow = (words: Int32Array, item: number): number =>
  flagsOf(words, item) & Flag.OWN_CAS ? words[ownCasWords(words, item) + 1]! : versionLow(words, item)

/** Only for an item with the OWN_CAS flag. */
export function setOwnCas(words: Int32Array, item: number, high: number, low: number): void {
  const at = ownCasWords(words, item)
  words[at] = high
  words[at + 1] = low
}

const ownCasWords = (words: Int32Array, item: number): number =>
  item + HEADER_WORDS[flagsOf(words, item) & OWN_CAS_BEFORE]!

/** The count of words before it. */
const OWN_CAS_BEFORE = Flag.EXPIRY | Flag.CLIENT_FLAGS

// ─── key and value ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Byte offset of the key. */
export const keyStartOf = (words: Int32Array, item: number): number =>
  (item + HEADER_WORDS[flagsOf(words, item) & LAYOUT_FLAGS]!) * 4

/** Byte offset of the value, or of its first piece. */
export const valueStartOf = (words: Int32Array, item: number): number =>
  keyStartOf(words, item) + keyLengthOf(words, item)

export function valueLengthOf(words: Int32Array, item: number): number {
  const head = words[item + 2]!
  return (head >>> FLAGS_SHIFT) & Flag.LONG ? words[longWords(words, item)]! : head & VALUE_LENGTH_MASK
}

/** Only for a plain item. */
export const plainLengthOf = (words: Int32Array, item: number): number => words[item + 2]! & VALUE_LENGTH_MASK

const longWords = (words: Int32Array, item: number): number =>
  item + HEADER_WORDS[flagsOf(words, item) & LAYOUT_FLAGS]! - LONG_WORDS

// ─── pieces: the same four questions for a LONG item's first piece and for the following ones ────────────────────────

/** Byte offset of the part of the value in this piece. */
export const partStartOf = (words: Int32Array, piece: number): number =>
  isPiece(words, piece) ? (piece + PIECE_WORDS) * 4 : valueStartOf(words, piece)

export const partLengthOf = (words: Int32Array, piece: number): number =>
  words[isPiece(words, piece) ? piece + 3 : longWords(words, piece) + 1]!

export function setPartLength(words: Int32Array, piece: number, length: number): void {
  words[isPiece(words, piece) ? piece + 3 : longWords(words, piece) + 1] = length
}

export const nextPieceOf = (words: Int32Array, piece: number): number =>
  words[isPiece(words, piece) ? piece + 1 : longWords(words, piece) + 2]!

export function setNextPiece(words: Int32Array, piece: number, next: number): void {
  words[isPiece(words, piece) ? piece + 1 : longWords(words, piece) + 2] = next
}

export const ownerOf = (words: Int32Array, piece: number): number => words[piece]!

export function setOwner(words: Int32Array, piece: number, item: number): void {
  words[piece] = item
}

/** Marks unused bytes as a dead piece, so that the segment can still be walked. At least `PIECE_WORDS` words. */
export function writeFiller(words: Int32Array, filler: number, size: number): void {
  writePiece(words, filler, MISSING, size - (PIECE_WORDS << 2))
  setFlag(words, filler, Flag.DEAD)
}

export function writePiece(words: Int32Array, piece: number, item: number, length: number): void {
  words[piece] = item
  words[piece + 1] = MISSING
  words[piece + 2] = 0
  words[piece + 3] = length
}
