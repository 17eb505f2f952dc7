import type { Arena } from '../../arena/arena.js'
import { KEY_ROOM, type TableLayout } from './space-saving.js'

/** What a table of `SpaceSaving` holds. */
export interface TableContents {
  readonly total: number
  /** The most that a key which is not there may weigh. */
  readonly lightest: number
  readonly entries: readonly TableEntry[]
}

export interface TableEntry {
  /** A character for each byte. */
  readonly key: string
  readonly weight: number
  readonly error: number
}

/**
 * Reads a table that a worker may be writing at the same time. Undefined if it is not of this period, or no longer when it was
 * read. An entry whose key is being replaced meanwhile is left out, because it is one of the lightest: its key does not have
 * the hash that was there before it was read.
 */
export function readTable(arena: Arena, table: TableLayout, period: number): TableContents | undefined {
  const { words, doubles } = arena
  if (Atomics.load(words, table.period) !== period) return undefined
  const size = words[table.size]!
  const entries: TableEntry[] = []
  for (let entry = 0; entry < size; entry++) {
    const found = readEntry(arena, table, entry)
    if (found !== undefined) entries.push(found)
  }
  const total = doubles[table.total]!
  const lightest = size < table.capacity ? 0 : doubles[table.weights + words[table.heap]!]!
  return Atomics.load(words, table.period) === period ? { total, lightest, entries } : undefined
}

function readEntry(arena: Arena, table: TableLayout, entry: number): TableEntry | undefined {
  const { bytes, words, doubles } = arena
  const hash = Atomics.load(words, table.hashes + entry)
  const start = table.keys + entry * KEY_ROOM
  const length = words[table.lengths + entry]!
  const key = bytes.toString('latin1', start, start + length)
  const weight = doubles[table.weights + entry]!
  const error = doubles[table.errors + entry]!
  const isWhole = arena.hash(start, length) === hash && Atomics.load(words, table.hashes + entry) === hash
  return isWhole ? { key, weight, error } : undefined
}
