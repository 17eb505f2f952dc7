/** Which list a request wants, as its `deltaHigh`; `deltaLow` says how many items at most, 0 for all. */
export const ListKind = { METADUMP: 0, MGDUMP: 1, CACHEDUMP: 2 } as const
export type ListKind = (typeof ListKind)[keyof typeof ListKind]

/** How a client asks for the end, as `deltaLow`. */
export const ShutdownMode = { AT_ONCE: 0, GRACEFUL: 1, UNKNOWN: 2 } as const
