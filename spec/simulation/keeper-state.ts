import type { Keeper } from '../../lib/journal/keeper.js'

/** The private state of a keeper. */
interface KeeperState {
  readonly generation: number
  /** A snapshot that is being taken. */
  readonly running: Promise<boolean> | undefined
}

export const keeperStateOf = (keeper: Keeper): KeeperState => keeper as unknown as KeeperState
