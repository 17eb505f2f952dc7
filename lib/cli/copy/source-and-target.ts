import type { CopiedItem } from './copied-item.js'
import type { Parts } from './item-calls.js'

/** Items may be stored over any other, only where there is none, or only over one with this cas. */
export type Over = 'any' | 'none' | bigint

/** Where items are read. */
export interface Source {
  /** Undefined if there is none. */
  read(key: Buffer, parts: Parts): Promise<CopiedItem | undefined>
}

/** Where items are stored. */
export interface Target extends Source {
  /** Returns the new cas; `kept` if the other item is not as given; `expired` if it would be stored for no time. */
  store(key: Buffer, item: CopiedItem, over: Over): Promise<bigint | 'kept' | 'expired'>
  /** Removes an item that still has this cas. */
  remove(key: Buffer, cas: bigint): Promise<void>
}

/** A key that cannot be copied, and why. The others can. */
export class KeyError extends Error {}
