/**
 * The ring of libmemcached: each server has points on it, and a key belongs to the first point at or behind its hash.
 *
 *     0 ────●──────●────────────●───────●───────────▶ 2³² and on to 0
 *           A      B      ▲     A       C
 *                         a key with its hash here belongs to A
 *
 * `hashes` and `servers` hold the points in order of their hash. The names of servers in the hash are those of libmemcached:
 * `host` for the default port, `host:port` for others, IPv6 addresses without brackets, `path:0` for sockets.
 */

import { DEFAULT_PORT, type ServerAddress } from '../server-address.js'
import { type Hash, md5Word, oneAtATime } from './hashes.js'
import { md5 } from './md5.js'
import { type IsUsable, NO_SERVER, type Selector } from './selector.js'

/** A server of average weight has 160 points, four of each MD5. */
const WEIGHTED_POINT_COUNT = 160
const POINTS_OF_MD5 = 4

/** In the ring of another hash, without weights. */
const PLAIN_POINT_COUNT = 100

/** As libmemcached's KETAMA_WEIGHTED, and libketama: MD5 for points and keys. */
export const ketama = (servers: readonly ServerAddress[]): Selector =>
  new Ring(weightedPoints(servers), md5Word)

/**
 * As libmemcached's distributions "consistent" and "ketama" with its default hash. As there, a weight above 1 changes the points to
 * those of `ketama`, but not the hash of keys.
 */
export const consistent = (servers: readonly ServerAddress[]): Selector =>
  new Ring(
    servers.some(({ weight }) => weight > 1) ? weightedPoints(servers) : plainPoints(servers),
    oneAtATime,
  )

interface Point {
  readonly hash: number
  readonly server: number
}

class Ring implements Selector {
  private readonly hashes: Uint32Array
  private readonly servers: Uint32Array
  private readonly hash: Hash

  constructor(points: readonly Point[], hash: Hash) {
    // The sort is stable: of two points with one hash, the server that is first in the list has it, as in libmemcached.
    const sorted = points.toSorted((left, right) => left.hash - right.hash)
    this.hashes = Uint32Array.from(sorted, (point) => point.hash)
    this.servers = Uint32Array.from(sorted, (point) => point.server)
    this.hash = hash
  }

  pick(key: string | Uint8Array): number {
    return this.servers[this.pointOf(key)] ?? NO_SERVER
  }

  /** Walks on to the next point of a usable server, so that the keys of a dead one go to many others. */
  pickAmong(key: string | Uint8Array, isUsable: IsUsable): number {
    const { servers } = this
    const { length } = servers
    let point = this.pointOf(key)
    for (let left = length; left > 0; left--) {
      const server = servers[point]!
      if (isUsable(server)) return server
      point = point + 1 === length ? 0 : point + 1
    }
    return NO_SERVER
  }

  private pointOf(key: string | Uint8Array): number {
    const hash = this.hash(key)
    const { hashes } = this
    let start = 0
    let end = hashes.length
    while (start < end) {
      const middle = (start + end) >>> 1
      if (hashes[middle]! < hash) start = middle + 1
      else end = middle
    }
    return start === hashes.length ? 0 : start
  }
}

function weightedPoints(servers: readonly ServerAddress[]): Point[] {
  const total = servers.reduce((sum, { weight }) => sum + weight, 0)
  return servers.flatMap((server, index) => {
    const hashCount = hashCountOf(server.weight, total, servers.length)
    return Array.from({ length: hashCount }, (_, count) => {
      const words = md5(`${ketamaName(server)}-${count}`)
      return Array.from({ length: POINTS_OF_MD5 }, (_, word) => ({ hash: words[word]! >>> 0, server: index }))
    }).flat()
  })
}

/** Rounded where libmemcached's C rounds: it computes with floats of 32 bits. */
function hashCountOf(weight: number, total: number, serverCount: number): number {
  const { fround } = Math
  const share = fround(fround(weight) / fround(total))
  const points = fround(fround(fround(share * WEIGHTED_POINT_COUNT) / POINTS_OF_MD5) * serverCount)
  return Math.floor(fround(points + 0.0000000001))
}

const plainPoints = (servers: readonly ServerAddress[]): Point[] =>
  servers.flatMap((server, index) =>
    Array.from({ length: PLAIN_POINT_COUNT }, (_, count) => ({
      hash: oneAtATime(`${ketamaName(server)}-${count}`),
      server: index,
    })),
  )

function ketamaName({ host, port, path }: ServerAddress): string {
  if (path !== undefined) return `${path}:0`
  return port === DEFAULT_PORT ? host : `${host}:${port}`
}
