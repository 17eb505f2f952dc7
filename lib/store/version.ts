import type { Arena } from '../arena/arena.js'
import { VERSION_MAX } from './item.js'

/**
 * The order of changes. Every change takes the next version; clients see it as the item's cas. A version is never used
 * twice, it is never 0, and it stays an exact number: 50 bits, nine years at a million changes a second.
 */
export class Versions {
  private readonly doubles: Float64Array
  private readonly clock: number

  constructor(arena: Arena) {
    this.doubles = arena.doubles
    this.clock = arena.reserve(8) / 8
  }

  /** The version of the latest change. */
  get latest(): number {
    return this.doubles[this.clock]!
  }

  /** No version up to this one is given away any more. */
  raise(version: number): void {
    this.doubles[this.clock] = Math.max(this.latest, version)
  }

  next(): number {
    const version = this.doubles[this.clock]! + 1
    if (version >= VERSION_MAX) throw new RangeError('all versions have been used')
    this.doubles[this.clock] = version
    return version
  }
}
