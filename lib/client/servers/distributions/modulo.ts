/**
 * The remainder of a hash by the number of servers, as clients have done from the beginning. Nearly all keys move when a server
 * is added or removed. Weights have no effect, as in libmemcached.
 *
 * The hash is libmemcached's `crc`. python-memcached has the same, but for keys whose hash is 0 (one in 32,768): they count as 1.
 */
import { crc } from './hashes.js'
import { type IsUsable, type Selector, spreadOver } from './selector.js'

export class Modulo implements Selector {
  private readonly count: number

  constructor(count: number) {
    this.count = count
  }

  pick(key: string | Uint8Array): number {
    return crc(key) % this.count
  }

  pickAmong(key: string | Uint8Array, isUsable: IsUsable): number {
    const hash = crc(key)
    const picked = hash % this.count
    if (isUsable(picked)) return picked
    // The quotient: keys with one remainder would all go to one server if the remainder decided again.
    return spreadOver(this.count, isUsable, (usableCount) => Math.floor(hash / this.count) % usableCount)
  }
}
