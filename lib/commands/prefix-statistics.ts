import type { Arena } from '../arena/arena.js'
import type { Request } from '../request/request.js'
import { Trait } from '../request/trait.js'

interface PrefixCounts {
  gets: number
  hits: number
  sets: number
  deletes: number
}

/** `stats detail`: what is asked for, by the part of the key before the delimiter. Counted only while somebody wants it. */
export class PrefixStatistics {
  isEnabled: boolean
  private readonly delimiter: number
  private readonly prefixes = new Map<string, PrefixCounts>()

  constructor(delimiter: string, isEnabled: boolean) {
    this.delimiter = delimiter.charCodeAt(0)
    this.isEnabled = isEnabled
  }

  countGet(arena: Arena, request: Request, isHit: boolean): void {
    const counts = this.of(arena, request)
    if (counts === undefined) return
    counts.gets++
    if (isHit) counts.hits++
  }

  countSet(arena: Arena, request: Request): void {
    const counts = this.of(arena, request)
    if (counts !== undefined) counts.sets++
  }

  countDelete(arena: Arena, request: Request): void {
    const counts = this.of(arena, request)
    if (counts !== undefined) counts.deletes++
  }

  clear(): void {
    this.prefixes.clear()
  }

  /** As memcached prints it. */
  dump(): string {
    let lines = ''
    for (const [prefix, { gets, hits, sets, deletes }] of this.prefixes) {
      lines += `PREFIX ${prefix} get ${gets} hit ${hits} set ${sets} del ${deletes}\r\n`
    }
    return `${lines}END\r\n`
  }

  /** Undefined for a key without a prefix, for a prefix too many, and in meta, of which memcached counts nothing here. */
  private of(arena: Arena, request: Request): PrefixCounts | undefined {
    if ((request.traits & Trait.META) !== 0) return undefined
    const end = arena.bytes.subarray(0, request.keyEnd).indexOf(this.delimiter, request.keyStart)
    if (end < 0) return undefined
    const prefix = arena.bytes.toString('latin1', request.keyStart, end)
    let counts = this.prefixes.get(prefix)
    if (counts === undefined && this.prefixes.size < PREFIX_COUNT_MAX) {
      counts = { gets: 0, hits: 0, sets: 0, deletes: 0 }
      this.prefixes.set(prefix, counts)
    }
    return counts
  }
}

const PREFIX_COUNT_MAX = 10_000
