/** What can be watched, as bits. */
export const EventKind = {
  /** Items that were looked up. */
  FETCHERS: 1 << 0,
  /** Values that were to be stored. */
  MUTATIONS: 1 << 1,
  /** Items that went to make room. */
  EVICTIONS: 1 << 2,
  /** Connections that came and went. */
  CONNEVENTS: 1 << 3,
  /** Items that clients have deleted. */
  DELETIONS: 1 << 4,
  /** Lines of text and meta, as they came. */
  RAWCMDS: 1 << 5,
  /** What the server does of its own accord. */
  SYSEVENTS: 1 << 6,
} as const

/** The words behind `watch`. */
const BITS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(EventKind).map(([name, bit]) => [name.toLowerCase(), bit]),
)

/** What the words ask for; none asks for fetchers. 0 when one of them means nothing. */
export function kindsOf(words: readonly string[]): number {
  if (words.length === 0) return EventKind.FETCHERS
  const bits = words.map((word) => (Object.hasOwn(BITS, word) ? BITS[word]! : 0))
  return bits.includes(0) ? 0 : bits.reduce((all, bit) => all | bit)
}
