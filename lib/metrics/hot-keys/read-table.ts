import type { Arena } from '../../arena/arena.js'
import type { TableLayout } from './space-saving.js'

/** What a table of `SpaceSaving` held: a copy of everything but the keys, which are only read of the hottest. */
export interface TableContents {
  readonly table: TableLayout
  readonly total: number
  /** The most that a key which is not there may weigh. */
  readonly lightest: number
  readonly size: number
  readonly hashes: Int32Array
  readonly lengths: Int32Array
  readonly weights: Float64Array
  readonly errors: Float64Array
}

/**
 * Reads a table that a worker may be writing at the same time. Undefined if it is not of this period, or no longer when it was
 * read. The key of an entry may be replaced meanwhile or later: see `keyAt`.
 */
export function readTable(arena: Arena, table: TableLayout, period: number): TableContents | undefined {
  const { words, doubles } = arena
  if (Atomics.load(words, table.period) !== period) return undefined
  const size = words[table.size]!
  const contents = {
    table,
    total: doubles[table.total]!,
    lightest: size < table.capacity ? 0 : doubles[table.weights + words[table.heap]!]!,
    size,
    hashes: words.slice(table.hashes, table.hashes + size),
    lengths: words.slice(table.lengths, table.lengths + size),
    weights: doubles.slice(table.weights, table.weights + size),
    errors: doubles.slice(table.errors, table.errors + size),
  }
  return Atomics.load(words, table.period) === period ? contents : undefined
}

/**
 * The key at an offset, a character for each byte. Undefined if it is being replaced, or was: then it does not have the hash that
 * was there before. Only the key of the lightest entry is ever replaced.
 */
export function keyAt(arena: Arena, start: number, length: number, hash: number): string | undefined {
  const key = arena.bytes.toString('latin1', start, start + length)
  return arena.hash(start, length) === hash ? key : undefined
}
