import { ADMIN_GROUP_COUNT_MAX } from '../../request/limits.js'
import type { PrefixVisits } from '../../store/prefix-visits.js'
import type { Store } from '../../store/store.js'

/** Items that are counted together. */
export class ItemGroup {
  count = 0
  bytes = 0

  add(bytes: number): void {
    this.count++
    this.bytes += bytes
  }
}

/** The items below a prefix, by the prefixes one level deeper. With `:` as the delimiter, `user:7:name` is in `user:` and then `user:7:`. */
export class PrefixGroups {
  /** By the bytes between the prefix and the delimiter, which is included. */
  readonly groups = new Map<string, ItemGroup>()
  /** Keys without a further delimiter. */
  readonly here = new ItemGroup()
  /** Those for which there was no room: anybody can make keys with as many prefixes as there are items. */
  readonly others = new ItemGroup()
  private readonly store: Store
  private readonly visits: PrefixVisits
  private readonly delimiter: number

  constructor(store: Store, visits: PrefixVisits, delimiter: number) {
    this.store = store
    this.visits = visits
    this.delimiter = delimiter
  }

  /** Only while the item is visited. */
  add(item: number): void {
    const [start, end] = this.visits.restOf(item)
    this.groupOf(start, end).add(this.visits.bytesOf(item))
  }

  /** Those with the most bytes, and the sum of all others. */
  largest(limit: number): readonly (readonly [name: string, group: ItemGroup])[] {
    const sorted = [...this.groups].sort(([, one], [, other]) => other.bytes - one.bytes)
    for (const [, { count, bytes }] of sorted.splice(limit)) {
      this.others.count += count
      this.others.bytes += bytes
    }
    return sorted
  }

  private groupOf(start: number, end: number): ItemGroup {
    const { bytes } = this.store
    let at = start
    while (at < end && bytes[at] !== this.delimiter) at++
    if (at === end) return this.here
    const name = bytes.toString('latin1', start, at + 1)
    const known = this.groups.get(name)
    if (known !== undefined) return known
    if (this.groups.size >= ADMIN_GROUP_COUNT_MAX) return this.others
    const group = new ItemGroup()
    this.groups.set(name, group)
    return group
  }
}
