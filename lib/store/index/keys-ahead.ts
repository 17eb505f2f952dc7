import type { Arena } from '../../arena/arena.js'
import { memoryOfHash } from './buckets.js'
import type { Index } from './index.js'

/**
 * Reads what requests to come will need. At random keys of gigabytes, a request waits twice for memory: for its bucket, and for its
 * item. Loops that do nothing else let the processor wait for those of many requests at once. Nothing is locked: what is read may
 * be wrong, and no chain is followed.
 */
export class KeysAhead {
  /** What was read: a result that nobody keeps would not be read at all. */
  warmed = 0
  private readonly arena: Arena
  private readonly indexes: readonly Index[]

  constructor(arena: Arena, indexes: readonly Index[]) {
    this.arena = arena
    this.indexes = indexes
  }

  /** False while the items may be in the processor's caches: there it costs more than it saves. */
  get areMany(): boolean {
    return this.indexes[0]!.bucketCount * this.indexes.length > BUCKETS_MIN
  }

  /** Each key is its start and its length, in whose places its hash and the place of its bucket are put. */
  read(keys: Int32Array, filled: number): void {
    const { arena, indexes } = this
    const memoryCount = indexes.length
    let sum = 0
    for (let at = 0; at < filled; at += 2) {
      const hash = arena.hash(keys[at]!, keys[at + 1]!)
      const index = indexes[memoryOfHash(hash, memoryCount)]!
      const bucket = index.bucketOf(hash)
      keys[at] = hash
      keys[at + 1] = bucket
      sum = (sum + index.words[bucket]!) | 0
    }
    for (let at = 0; at < filled; at += 2) {
      const hash = keys[at]!
      sum = (sum + indexes[memoryOfHash(hash, memoryCount)]!.readItem(hash, keys[at + 1]!)) | 0
    }
    this.warmed = sum
  }
}

/** Of half a million items. */
const BUCKETS_MIN = 65_536
