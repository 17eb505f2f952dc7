/** Chooses the server of a key, by its index in a list of servers that does not change. */
export interface Selector {
  /** The server of the key, dead or not. */
  pick(key: string | Uint8Array): number

  /**
   * The first server for the key that is usable: `pick` if that one is, otherwise the one that takes over its keys.
   * Returns NO_SERVER if none is usable.
   */
  pickAmong(key: string | Uint8Array, isUsable: IsUsable): number
}

export type IsUsable = (index: number) => boolean

export const NO_SERVER = -1

/**
 * For selectors without an order of their own: spreads the keys of dead servers evenly over the usable ones. Returns the
 * usable server that `choose` names by its place among them.
 */
export function spreadOver(
  count: number,
  isUsable: IsUsable,
  choose: (usableCount: number) => number,
): number {
  let usableCount = 0
  for (let index = 0; index < count; index++) if (isUsable(index)) usableCount++
  if (usableCount === 0) return NO_SERVER
  let left = choose(usableCount)
  for (let index = 0; index < count; index++) if (isUsable(index) && left-- === 0) return index
  return NO_SERVER
}
