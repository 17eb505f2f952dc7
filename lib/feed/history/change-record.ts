/**
 * The layout of a change in a ring. Lengths and positions of changes are multiples of 8. Most changes end with their key: the
 * fewer bytes a change takes, the less it costs (scripts/bench/feed.ts).
 *
 *     words    0                         1      2 3      4 5         6         next even word  +2      +4
 *            ┌──────┬────────────┬──────┬──────┬────────┬───────────┬─────┐   ┌───────────┬───────┬────────┬────────┐
 *            │ kind │ key length │ rest │ size │ number │ version   │ key │   │ cas       │ count │ expiry │ unused │
 *            └──────┴────────────┴──────┴──────┴────────┴───────────┴─────┘   └───────────┴───────┴────────┴────────┘
 *             8 bits  8 bits       1 bit          double   high, low             high, low  double    the rest: if the bit is set
 *
 * The size is that of the value; of a filler, its length. The version is that of the change; of a flush of all items or of a
 * prefix, the latest version that it makes dead. The count is how many records the journal of the worker had after the change.
 * Without a rest the cas is the version, the item does not expire, and there is no journal.
 */
export const ChangeWord = { HEAD: 0, SIZE: 1, NUMBER: 2, VERSION_HIGH: 4, VERSION_LOW: 5, KEY: 6 } as const

/** In the rest of a change. */
export const RestWord = { CAS_HIGH: 0, CAS_LOW: 1, COUNT: 2, EXPIRY: 4 } as const

const KEY_LENGTH_SHIFT = 8
export const HAS_REST = 1 << 16
const BYTE_MASK = 0xff
const REST_LENGTH = 24
const NO_REST = -1
const WORD = 2 ** 32

export const headFor = (kind: ChangeKind, keyLength: number): number => kind | (keyLength << KEY_LENGTH_SHIFT)

/** Bytes that a change without a rest takes. */
export const shortLengthFor = (keyLength: number): number => (ChangeWord.KEY * 4 + keyLength + 7) & ~7

/** Bytes that a change with this first word takes, unless it is a filler. */
export const lengthFor = (head: number): number =>
  shortLengthFor(keyLengthIn(head)) + ((head & HAS_REST) === 0 ? 0 : REST_LENGTH)

const keyLengthIn = (head: number): number => (head >>> KEY_LENGTH_SHIFT) & BYTE_MASK

export function lengthOf(words: Int32Array, change: number): number {
  const head = words[change + ChangeWord.HEAD]!
  return (head & BYTE_MASK) === ChangeKind.FILLER ? words[change + ChangeWord.SIZE]! : lengthFor(head)
}

export const kindOf = (words: Int32Array, change: number): ChangeKind =>
  (words[change + ChangeWord.HEAD]! & BYTE_MASK) as ChangeKind

export const keyLengthOf = (words: Int32Array, change: number): number =>
  keyLengthIn(words[change + ChangeWord.HEAD]!)

export const versionOf = (words: Int32Array, change: number): number =>
  words[change + ChangeWord.VERSION_HIGH]! * WORD + (words[change + ChangeWord.VERSION_LOW]! >>> 0)

/** The first of the two words of the cas. */
export function casOf(words: Int32Array, change: number): number {
  const rest = restOf(words, change)
  return rest < 0 ? change + ChangeWord.VERSION_HIGH : rest + RestWord.CAS_HIGH
}

/** Absolute seconds; 0: never. */
export function expiryOf(words: Int32Array, change: number): number {
  const rest = restOf(words, change)
  return rest < 0 ? 0 : words[rest + RestWord.EXPIRY]! >>> 0
}

/** The first word of the rest; negative if there is none. */
export function restOf(words: Int32Array, change: number): number {
  const head = words[change + ChangeWord.HEAD]!
  return (head & HAS_REST) === 0 ? NO_REST : change + (shortLengthFor(keyLengthIn(head)) >>> 2)
}

/** The kinds of changes in a ring. */
export const ChangeKind = {
  /** No change: the unused rest at the end of the ring. */
  FILLER: 0,
  SET: 1,
  DELETE: 2,
  TOUCH: 3,
  EXPIRE: 4,
  EVICT: 5,
  FLUSH: 6,
  /** The key is the prefix. */
  FLUSH_PREFIX: 7,
} as const
export type ChangeKind = (typeof ChangeKind)[keyof typeof ChangeKind]
