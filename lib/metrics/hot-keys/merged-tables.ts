import type { Arena } from '../../arena/arena.js'
import type { TableContents } from './read-table.js'
import { KEY_ROOM } from './space-saving.js'

/**
 * The keys of several tables, each once, with their weights and errors added up. Keys are found by their hashes and compared in
 * place: `stats hotkeys` merges tens of thousands of entries while a worker's clients wait, and shows few of them.
 */
export class MergedTables {
  count = 0
  readonly hashes: Int32Array
  readonly lengths: Int32Array
  /** Offsets of the arena. */
  readonly keys: Float64Array
  readonly weights: Float64Array
  readonly errors: Float64Array
  private readonly arena: Arena
  /** The weight of the entry whose key is at `keys`. */
  private readonly heaviest: Float64Array
  /** Indices by hash, with linear probing. */
  private readonly slots: Int32Array

  constructor(arena: Arena, tables: readonly TableContents[]) {
    const size = tables.reduce((sum, table) => sum + table.size, 0)
    this.arena = arena
    this.hashes = new Int32Array(size)
    this.lengths = new Int32Array(size)
    this.keys = new Float64Array(size)
    this.weights = new Float64Array(size)
    this.errors = new Float64Array(size)
    this.heaviest = new Float64Array(size)
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * size + 1))).fill(NONE)
    // A key that is not in a table may have weighed as much there as the lightest that is.
    const unseen = tables.reduce((sum, { lightest }) => sum + lightest, 0)
    for (const table of tables) this.merge(table, unseen)
  }

  private merge(
    { table, size, hashes, lengths, weights, errors, lightest }: TableContents,
    unseen: number,
  ): void {
    for (let entry = 0; entry < size; entry++) {
      const key = table.keys + entry * KEY_ROOM
      const index = this.indexOf(hashes[entry]!, key, lengths[entry]!, unseen)
      const weight = weights[entry]!
      this.weights[index]! += weight
      this.errors[index]! += errors[entry]! - lightest
      // The key of a light entry may be replaced before it is read.
      if (weight > this.heaviest[index]!) {
        this.heaviest[index] = weight
        this.keys[index] = key
      }
    }
  }

  private indexOf(hash: number, key: number, length: number, unseen: number): number {
    const { arena, slots, hashes, lengths, keys } = this
    const mask = slots.length - 1
    let slot = hash & mask
    for (let index = slots[slot]!; index !== NONE; index = slots[slot]!) {
      if (hashes[index] === hash && lengths[index] === length && arena.equal(keys[index]!, key, length) === 1)
        return index
      slot = (slot + 1) & mask
    }
    const index = this.count++
    slots[slot] = index
    hashes[index] = hash
    lengths[index] = length
    keys[index] = key
    this.errors[index] = unseen
    return index
  }
}

const NONE = -1
