import type { TableContents } from './read-table.js'

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
export function hottest(tables: readonly TableContents[], countMax: number): HotKeysFound {
  const total = tables.reduce((sum, table) => sum + table.total, 0)
  // A key that is not in a table may have weighed as much there as the lightest that is.
  const unseen = tables.reduce((sum, { lightest }) => sum + lightest, 0)
  const sums = new Map<string, { key: string; weight: number; error: number }>()
  for (const { lightest, entries } of tables) {
    for (const { key, weight, error } of entries) {
      const sum = sums.get(key)
      if (sum === undefined) {
        sums.set(key, { key, weight, error: unseen - lightest + error })
      } else {
        sum.weight += weight
        sum.error += error - lightest
      }
    }
  }
  const entries = [...sums.values()].sort((one, other) => other.weight - one.weight).slice(0, countMax)
  return { total, entries }
}
