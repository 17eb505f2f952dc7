import type { FocusOn } from '../index/visits.js'
import type { EvictionListener } from '../segments/eviction.js'
import type { ChangeListener } from './change-listener.js'

/** Tells a listener what happens in one of several memories: while it listens, the store reads items of that memory. */
abstract class Focused<Listener extends { evicted(item: number): void }> {
  protected readonly listener: Listener
  protected readonly memory: number
  protected readonly focusOn: FocusOn

  constructor(listener: Listener, memory: number, focusOn: FocusOn) {
    this.listener = listener
    this.memory = memory
    this.focusOn = focusOn
  }

  evicted(item: number): void {
    const before = this.focusOn(this.memory)
    this.listener.evicted(item)
    this.focusOn(before)
  }
}

/** Tells it the changes. Those that requests make are in the memory that the store reads already. */
export class FocusedChanges extends Focused<ChangeListener> implements ChangeListener {
  stored(item: number): void {
    this.listener.stored(item)
  }

  removed(keyStart: number, keyLength: number, version: number): void {
    this.listener.removed(keyStart, keyLength, version)
  }

  forgotten(keyStart: number, keyLength: number, version: number): void {
    this.listener.forgotten(keyStart, keyLength, version)
  }

  touched(item: number, version: number): void {
    this.listener.touched(item, version)
  }

  expired(item: number): void {
    const before = this.focusOn(this.memory)
    this.listener.expired(item)
    this.focusOn(before)
  }

  flushBegins(): void {
    this.listener.flushBegins()
  }

  flushed(version: number): void {
    this.listener.flushed(version)
  }

  flushDue(time: number, version: number): void {
    this.listener.flushDue(time, version)
  }

  prefixFlushed(prefixStart: number, prefixLength: number, version: number): void {
    this.listener.prefixFlushed(prefixStart, prefixLength, version)
  }
}

/** Tells it what is done to make room there. */
export class FocusedEvictions extends Focused<EvictionListener> implements EvictionListener {
  clears(segment: number, isEvicting: boolean, liveLength: number): void {
    const before = this.focusOn(this.memory)
    this.listener.clears(segment, isEvicting, liveLength)
    this.focusOn(before)
  }
}
