/**
 * Rendezvous hashing: each server gets a score for the key, and the highest wins. When a server is added or removed, only its own
 * keys move, whatever the order of the list. The cost grows with the number of servers.
 *
 * Weights as in "Weighted Distributed Hash Tables" (Schindelhauer, Schomaker, 2005): the score is weight / -ln(u), where u is
 * a number between 0 and 1 made of key and server.
 */

import type { ServerAddress } from '../server-address.js'
import { md5 } from './md5.js'
import { type IsUsable, NO_SERVER, type Selector } from './selector.js'

export class Rendezvous implements Selector {
  private readonly weights: Float64Array
  /** Two words of the MD5 of each name. */
  private readonly seeds: Int32Array
  private readonly isWeighted: boolean

  constructor(servers: readonly ServerAddress[]) {
    this.weights = Float64Array.from(servers, ({ weight }) => weight)
    this.seeds = Int32Array.from(servers.flatMap(({ name }) => Array.from(md5(name).subarray(0, 2))))
    this.isWeighted = servers.some(({ weight }) => weight !== servers[0]!.weight)
  }

  pick(key: string | Uint8Array): number {
    return this.pickAmong(key, isAnyUsable)
  }

  pickAmong(key: string | Uint8Array, isUsable: IsUsable): number {
    const words = md5(key)
    const first = words[0]!
    const second = words[1]!
    const { weights, seeds, isWeighted } = this
    let best = NO_SERVER
    let bestScore = -1
    for (let index = 0; index < weights.length; index++) {
      const hash = mix(mix(first ^ seeds[2 * index]!) ^ second ^ seeds[2 * index + 1]!)
      const score = isWeighted ? weights[index]! / -Math.log((hash + 0.5) / 0x1_0000_0000) : hash
      if (score > bestScore && isUsable(index)) {
        best = index
        bestScore = score
      }
    }
    return best
  }
}

const isAnyUsable: IsUsable = () => true

/** The last steps of MurmurHash3: each bit of the word changes half of the others. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
