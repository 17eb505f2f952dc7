import { expiryOf, Flag, flagsOf, keyLengthOf, valueLengthOf } from '../store/item/item.js'
import type { EvictionListener } from '../store/segments/eviction.js'
import type { Store } from '../store/store.js'
import { EventType } from './event.js'
import type { Events } from './events.js'

/** Reports to watchers what the store does to make room. */
export class EvictionTeller implements EvictionListener {
  private readonly events: Events
  private readonly store: Store

  constructor(events: Events, store: Store) {
    this.events = events
    this.store = store
  }

  evicted(item: number): void {
    if (!this.events.isWanted(EventType.EVICTION)) return
    const { words, clock } = this.store
    const { now } = clock
    const expiry = expiryOf(words, item)
    this.events.evicted(
      (flagsOf(words, item) & Flag.FETCHED) !== 0,
      this.store.keyAddress(item),
      keyLengthOf(words, item),
      valueLengthOf(words, item),
      expiry === 0 ? NEVER : expiry - now,
      now - this.store.items.accessTime(item),
    )
  }

  clears(segment: number, isEvicting: boolean, liveLength: number): void {
    if (!this.events.isWanted(EventType.SEGMENT)) return
    this.events.clears(segment, isEvicting, liveLength)
  }
}

const NEVER = -1
