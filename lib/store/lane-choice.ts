import type { Arena } from '../arena/arena.js'
import type { ItemDraft } from './item/draft.js'
import { stripeOf } from './lock/rw-lock.js'
import type { StoreParts } from './parts.js'
import { laneFor, Queue } from './segments/lanes.js'

/** Which lane an item is written to, by its remaining time to live and by the index's ghosts and tags for its key. */
export class LaneChoice {
  private readonly arena: Arena
  private readonly parts: StoreParts

  constructor(arena: Arena, parts: StoreParts) {
    this.arena = arena
    this.parts = parts
  }

  /** The lane of a new item. */
  choose({ keyStart, keyLength, expiry }: Readonly<ItemDraft>): number {
    // No ghosts exist before the first eviction.
    return this.inQueue(expiry, this.parts.index.hasGhosts ? this.queueFor(keyStart, keyLength) : Queue.SMALL)
  }

  /** The lane of items with this expiry in a queue. */
  inQueue(expiry: number, queue: Queue): number {
    const { clock, segments } = this.parts
    const secondsToLive = expiry === 0 ? 0 : Math.max(1, expiry - clock.now)
    return laneFor(secondsToLive, queue, segments.groupCount)
  }

  private queueFor(keyStart: number, keyLength: number): Queue {
    const { index, lock } = this.parts
    const hash = this.arena.hashKey(keyStart, keyLength)
    lock.read(stripeOf(hash))
    const queue = index.queueFor(hash)
    lock.endRead()
    return queue
  }
}
