/** What can be watched, as bits. */
export const EventKind = {
  /** Items that were looked up. */
  FETCHERS: 1 << 0,
  /** Values of storing commands. */
  MUTATIONS: 1 << 1,
  /** Items that were evicted. */
  EVICTIONS: 1 << 2,
  /** Connections that were opened and closed. */
  CONNEVENTS: 1 << 3,
  /** Items that clients have deleted. */
  DELETIONS: 1 << 4,
  /** Lines of text and meta, as they arrived. */
  RAWCMDS: 1 << 5,
  /** What the server does on its own. */
  SYSEVENTS: 1 << 6,
} as const

/** The words behind `watch`. */
const BITS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(EventKind).map(([name, bit]) => [name.toLowerCase(), bit]),
)

/** The kinds for these words; no word means fetchers. 0 if one of them is unknown. */
export function kindsOf(words: readonly string[]): number {
  if (words.length === 0) return EventKind.FETCHERS
  const bits = words.map((word) => (Object.hasOwn(BITS, word) ? BITS[word]! : 0))
  return bits.includes(0) ? 0 : bits.reduce((all, bit) => all | bit)
}
