import type { Arena } from '../../arena/arena.js'
import { MergedTables } from './merged-tables.js'
import { keyAt, type TableContents } from './read-table.js'

export interface HotKeysFound {
  /** The weight of everything that was counted, also of what is not among the hottest. */
  readonly total: number
  /** The hottest first. */
  readonly entries: readonly HotKey[]
}

export interface HotKey {
  /** A character for each byte. */
  readonly key: string
  readonly weight: number
  /** What was sampled is at most this much more or less. */
  readonly error: number
}

/** The hottest keys of several tables together, at most this many. */
export function hottest(arena: Arena, tables: readonly TableContents[], countMax: number): HotKeysFound {
  const total = tables.reduce((sum, table) => sum + table.total, 0)
  const merged = new MergedTables(arena, tables)
  const entries: HotKey[] = []
  for (const index of heaviest(merged, countMax)) {
    const key = keyAt(arena, merged.keys[index]!, merged.lengths[index]!, merged.hashes[index]!)
    if (key !== undefined) entries.push({ key, weight: merged.weights[index]!, error: merged.errors[index]! })
  }
  return { total, entries }
}

/** The indices of the heaviest, in order. Far fewer are wanted than there are, so most are only compared with the last of them. */
function heaviest({ count, weights }: MergedTables, countMax: number): Int32Array {
  const length = Math.min(count, countMax)
  const top = new Int32Array(length)
  let found = 0
  for (let index = 0; index < count; index++) {
    const weight = weights[index]!
    if (found === length && weights[top[found - 1]!]! >= weight) continue
    let place = found < length ? found++ : found - 1
    for (; place > 0 && weights[top[place - 1]!]! < weight; place--) top[place] = top[place - 1]!
    top[place] = index
  }
  return top
}
