import { ChangeKind } from '../history/change-record.js'
import { isBelow } from './subscription.js'

interface Prefixed {
  /** A character for each byte. */
  readonly prefix: string
  wants(kind: ChangeKind): boolean
}

/** Those who want a change: a list that is used again for each change, and costs nothing then. */
export class Found<T> {
  count = 0
  readonly members: T[] = []

  add(member: T): void {
    this.members[this.count++] = member
  }

  /** Holds on to nobody. */
  clear(): void {
    this.count = 0
    this.members.length = 0
  }
}

/** All with prefixes of one length. */
interface Level<T> {
  readonly length: number
  readonly byPrefix: Map<string, T[]>
}

/** What follows changes, by prefix: a change costs a look-up for each length of prefix, however many there are. */
export class PrefixTable<T extends Prefixed> {
  private readonly levels: Level<T>[] = []
  /** Those without a prefix want any key: they need no look-up. */
  private readonly anyKey: T[] = []
  size = 0
  /** The longest prefix that a member has. */
  prefixLengthMax = 0

  add(member: T): void {
    const { prefix } = member
    this.size++
    if (prefix === '') {
      this.anyKey.push(member)
      return
    }
    const { byPrefix } = this.levelOf(prefix.length)
    const same = byPrefix.get(prefix)
    if (same === undefined) byPrefix.set(prefix, [member])
    else same.push(member)
    this.prefixLengthMax = this.levels.at(-1)!.length
  }

  delete(member: T): void {
    const { prefix } = member
    const level = this.levels.find(({ length }) => length === prefix.length)
    const same = prefix === '' ? this.anyKey : level?.byPrefix.get(prefix)
    const index = same?.indexOf(member) ?? -1
    if (index === -1) return
    this.size--
    same!.splice(index, 1)
    if (level === undefined || same!.length > 0) return
    level.byPrefix.delete(prefix)
    if (level.byPrefix.size === 0) this.levels.splice(this.levels.indexOf(level), 1)
    this.prefixLengthMax = this.levels.at(-1)?.length ?? 0
  }

  /** Finds those who want a change of this kind and key. */
  find(kind: ChangeKind, key: string, found: Found<T>): void {
    found.count = 0
    addWanting(this.anyKey, kind, found)
    for (let index = 0; index < this.levels.length; index++) {
      const { length, byPrefix } = this.levels[index]!
      if (length > key.length) return
      const same = byPrefix.get(length === key.length ? key : key.slice(0, length))
      if (same !== undefined) addWanting(same, kind, found)
    }
  }

  /** Finds those who may have keys that begin so, and want changes of this kind. */
  findBelow(kind: ChangeKind, prefix: string, found: Found<T>): void {
    found.count = 0
    this.forEach((member) => {
      if (member.wants(kind) && isBelow(prefix, member.prefix, ChangeKind.FLUSH_PREFIX)) found.add(member)
    })
  }

  forEach(visit: (member: T) => void): void {
    this.anyKey.forEach(visit)
    for (const { byPrefix } of this.levels)
      for (const same of byPrefix.values()) for (const member of same) visit(member)
  }

  /** In the order of their lengths. */
  private levelOf(length: number): Level<T> {
    const at = this.levels.findIndex((level) => level.length >= length)
    const place = at === -1 ? this.levels.length : at
    const found = this.levels[place]
    if (found?.length === length) return found
    const level = { length, byPrefix: new Map<string, T[]>() }
    this.levels.splice(place, 0, level)
    return level
  }
}

function addWanting<T extends Prefixed>(members: readonly T[], kind: ChangeKind, found: Found<T>): void {
  for (let index = 0; index < members.length; index++)
    if (members[index]!.wants(kind)) found.add(members[index]!)
}
