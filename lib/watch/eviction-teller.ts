import { expiryOf, Flag, flagsOf, keyLengthOf, keyStartOf, valueLengthOf } from '../store/item/item.js'
import type { EvictionListener } from '../store/segments/eviction.js'
import type { Store } from '../store/store.js'
import { EventType } from './event.js'
import type { Events } from './events.js'

/** Reports to watchers what the store does to make room. */
export class EvictionTeller implements EvictionListener {
  private readonly events: Events
  private readonly store: Store
  private readonly words: Int32Array

  constructor(events: Events, store: Store, words: Int32Array) {
    this.events = events
    this.store = store
    this.words = words
  }

  evicted(item: number): void {
    if (!this.events.isWanted(EventType.EVICTION)) return
    const { words } = this
    const { now } = this.store.clock
    const expiry = expiryOf(words, item)
    this.events.evicted(
      (flagsOf(words, item) & Flag.FETCHED) !== 0,
      keyStartOf(words, item),
      keyLengthOf(words, item),
      valueLengthOf(words, item),
      expiry === 0 ? NEVER : expiry - now,
      now - this.store.items.accessTime(item),
    )
  }

  clears(segment: number, isEvicting: boolean): void {
    if (!this.events.isWanted(EventType.SEGMENT)) return
    this.events.clears(segment, isEvicting, this.store.segments.live(segment))
  }
}

const NEVER = -1
