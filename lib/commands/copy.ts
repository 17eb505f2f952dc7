import {
  clientFlagsOf,
  expiryOf,
  flagsOf,
  KEPT_FLAGS,
  MISSING,
  valueStartOf,
  versionOf,
} from '../store/item.js'
import type { StagedValue } from '../store/staging.js'
import type { Context } from './context.js'

/** A changed copy of an item that is about to take its place. The item's key is locked. */
export interface Copy {
  /** The item that is copied. */
  readonly original: number
  /** The new item: its key is in place, its value is to be written. */
  readonly item: number
  /** The copy when it is a long one. */
  readonly staged: StagedValue | undefined
  /** How much of its value is written. */
  written: number
}

/**
 * Begins a copy of the locked item, with a value of another length, or with another expiry, or with other flags. Room
 * is made with the key unlocked, since that may move or evict any item; then the key is locked again. Returns 'changed'
 * when the item is not the same any more, 'full' when there is no room.
 */
export function beginCopy(
  context: Context,
  original: number,
  keyStart: number,
  keyLength: number,
  valueLength: number,
  expiry: number,
  flags = 0,
  clientFlags = clientFlagsOf(context.arena.words, original),
): Copy | 'changed' | 'full' {
  const { store, arena } = context
  const { words } = arena
  const version = versionOf(words, original)
  const expiryBefore = expiryOf(words, original)
  const flagsBefore = flagsOf(words, original) & KEPT_FLAGS
  store.release()
  let staged: StagedValue | undefined
  if (store.isLong(keyLength, valueLength)) {
    staged = store.stage(keyStart, keyLength, valueLength, clientFlags, expiry, false, flags)
    if (staged === undefined) return 'full'
  } else if (!store.makeRoom(keyStart, keyLength, valueLength, clientFlags, expiry, flags)) {
    return 'full'
  }
  const present = store.lock(keyStart, keyLength)
  // What touches or marks an item leaves its version as it is.
  const isSame =
    present !== MISSING &&
    versionOf(words, present) === version &&
    expiryOf(words, present) === expiryBefore &&
    (flagsOf(words, present) & KEPT_FLAGS) === flagsBefore
  if (!isSame) {
    staged?.discard()
    store.release()
    return 'changed'
  }
  const item = staged?.item ?? store.create(keyStart, keyLength, valueLength, clientFlags, expiry, flags)
  return { original: present, item, staged, written: 0 }
}

/** Writes the next bytes of the copy's value. */
export function writeCopy(context: Context, copy: Copy, start: number, length: number): void {
  if (copy.staged === undefined) {
    context.arena.move(valueStartOf(context.arena.words, copy.item) + copy.written, start, length)
  } else {
    copy.staged.copyIn(start, length)
  }
  copy.written += length
}

/** Writes the original's value as the next bytes of the copy's. */
export function writeOriginal(context: Context, copy: Copy): void {
  context.store.eachPart(copy.original, { add: (start, length) => writeCopy(context, copy, start, length) })
}

/** How often a change is tried anew when others change the item at the same time. */
export const TRIES_MAX = 1000
