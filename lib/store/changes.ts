/**
 * Receives every change to a store, in the order of the changes, while the key is still locked. Evictions and expired
 * items are not reported: a listener that keeps items has to find those out itself.
 *
 * Of all changes to a key the one with the highest version is the latest.
 */
export interface ChangeListener {
  /** The item was stored, or its value was changed in place. */
  stored(item: number): void
  /** There is no item with this key any more. Also called if there was none: it may have been evicted. */
  removed(keyStart: number, keyLength: number, version: number): void
  /** The item has another expiry. Its own version does not change; this one is that of the change. */
  touched(item: number, version: number): void
  /** Every item up to this version is dead. */
  flushed(version: number): void
  /** Every item will be dead at `time`, in absolute seconds; a later call replaces an earlier one. */
  flushDue(time: number, version: number): void
}
