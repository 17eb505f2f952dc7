/**
 * Receives every change to a store, in the order of the changes, while the key is still locked.
 *
 * Of all changes to a key the one with the highest version is the latest. What the store removes on its own has no version:
 * items that have expired, and evicted ones. A journal cannot rely on hearing of those; it has to find them out itself.
 */
export interface ChangeListener {
  /** The item was stored, or its value was changed in place. */
  stored(item: number): void
  /** There is no item with this key any more. */
  removed(keyStart: number, keyLength: number, version: number): void
  /** There is no item with this key, and there was none: it may have been evicted. */
  forgotten(keyStart: number, keyLength: number, version: number): void
  /** The item has another expiry. Its own version does not change; this one is that of the change. */
  touched(item: number, version: number): void
  /** The item has expired, and is about to be removed; it is still complete. */
  expired(item: number): void
  /** The item is about to be evicted; it is still complete. */
  evicted(item: number): void
  /** A flush begins: its version is not known yet, and every change with a later one is reported after this. */
  flushBegins(): void
  /** Every item up to this version is dead. */
  flushed(version: number): void
  /** Every item will be dead at `time`, in absolute seconds; a later call replaces an earlier one. */
  flushDue(time: number, version: number): void
  /** Every item up to this version whose key begins so is dead. No key of any worker can be changed meanwhile. */
  prefixFlushed(prefixStart: number, prefixLength: number, version: number): void
}

/** Tells two listeners, one after the other. */
export class BothListeners implements ChangeListener {
  private readonly first: ChangeListener
  private readonly second: ChangeListener

  constructor(first: ChangeListener, second: ChangeListener) {
    this.first = first
    this.second = second
  }

  stored(item: number): void {
    this.first.stored(item)
    this.second.stored(item)
  }

  removed(keyStart: number, keyLength: number, version: number): void {
    this.first.removed(keyStart, keyLength, version)
    this.second.removed(keyStart, keyLength, version)
  }

  forgotten(keyStart: number, keyLength: number, version: number): void {
    this.first.forgotten(keyStart, keyLength, version)
    this.second.forgotten(keyStart, keyLength, version)
  }

  touched(item: number, version: number): void {
    this.first.touched(item, version)
    this.second.touched(item, version)
  }

  expired(item: number): void {
    this.first.expired(item)
    this.second.expired(item)
  }

  evicted(item: number): void {
    this.first.evicted(item)
    this.second.evicted(item)
  }

  flushBegins(): void {
    this.first.flushBegins()
    this.second.flushBegins()
  }

  flushed(version: number): void {
    this.first.flushed(version)
    this.second.flushed(version)
  }

  flushDue(time: number, version: number): void {
    this.first.flushDue(time, version)
    this.second.flushDue(time, version)
  }

  prefixFlushed(prefixStart: number, prefixLength: number, version: number): void {
    this.first.prefixFlushed(prefixStart, prefixLength, version)
    this.second.prefixFlushed(prefixStart, prefixLength, version)
  }
}
