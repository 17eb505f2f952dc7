import { expiryOf, flagsOf, KEPT_FLAGS, MISSING, versionOf } from '../../../store/item/item.js'
import type { StagedValue } from '../../../store/staging/staging.js'
import type { Context } from '../../context/context.js'

/** A changed copy that is about to replace an item. The item's key is locked. */
export interface Copy {
  /** The item that is copied. */
  readonly original: number
  /** The new item: its key is written, its value is not. */
  readonly item: number
  /** The copy if it is a long one. */
  readonly staged: StagedValue | undefined
  /** How much of its value was written. */
  written: number
}

/**
 * Begins the copy in the draft, of the locked item. Room is made with the key unlocked, since that may move or evict any item;
 * then the key is locked again. Returns 'changed' if the item is not the same any more, 'full' if there is no room.
 */
export function beginCopy(context: Context, original: number): Copy | 'changed' | 'full' {
  const { store } = context
  const { words } = store
  const { keyStart, keyLength, valueLength } = store.draft
  const version = versionOf(words, original)
  const expiryBefore = expiryOf(words, original)
  const flagsBefore = flagsOf(words, original) & KEPT_FLAGS
  store.release()
  let staged: StagedValue | undefined
  if (store.items.needsPieces(keyLength, valueLength)) {
    staged = store.stage(false)
    if (staged === undefined) return 'full'
  } else if (!store.makeRoom()) {
    return 'full'
  }
  const present = store.lock(keyStart, keyLength)
  // A touch or a mark does not change the version of an item.
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
  const item = staged?.item ?? store.create()
  return { original: present, item, staged, written: 0 }
}

/** Writes the next bytes of the copy's value. */
export function writeCopy(context: Context, copy: Copy, start: number, length: number): void {
  if (copy.staged === undefined) {
    context.arena.move(context.store.valueAddress(copy.item) + copy.written, start, length)
  } else {
    copy.staged.copyIn(start, length)
  }
  copy.written += length
}

/** Writes the original's value as the next bytes of the copy's. */
export function writeOriginal(context: Context, copy: Copy): void {
  context.store.items.eachPart(copy.original, {
    add: (start, length) => writeCopy(context, copy, start, length),
  })
}

/** How often a change is retried if other workers change the item at the same time. */
export const TRIES_MAX = 1000
