import { Keeper } from '../../lib/journal/keeper.js'
import { Board } from '../../lib/journal/writing/board.js'
import { Journal } from '../../lib/journal/writing/journal.js'
import { DividedStore } from '../../lib/store/divided-store.js'
import type { EventLoop } from './event-loop.js'
import { arenaFor, type SimulatedArena } from './simulated-arenas.js'
import { SimulatedWorker, type WorkerOptions } from './simulated-worker.js'

export interface MemoryOptions {
  readonly workerCount: number
  readonly memoryLength: number
  /** How many memories the items are divided among; 1: they are in the arena. */
  readonly memoryCount: number
  readonly mayEvict: boolean
  readonly itemSizeMax: number
  /** For the connections of each worker; 0 without connections. */
  readonly windowCount: number
  /** Of the changes of each worker; 0 if they are not recorded. */
  readonly ringLength: number
}

/** The arena of a server, and the places of its parts. */
export interface SimulatedMemory {
  readonly arena: SimulatedArena
  /** In the worker slot that sets everything up. */
  readonly first: SimulatedWorker
  readonly workerOptions: WorkerOptions
  readonly boardRegion: number
  readonly board: Board
  readonly keeperRegion: number
  /** Of all journals, one after the other. */
  readonly journalRegion: number
}

/** The memory of a server that starts. That of an earlier one is reused. */
export function memoryFor(loop: EventLoop, options: MemoryOptions): SimulatedMemory {
  const { workerCount, memoryCount, memoryLength, windowCount, ringLength } = options
  const layout = `${memoryCount} ${memoryLength} ${windowCount} ${ringLength}`
  const arena = arenaFor(workerCount, arenaLength(workerCount), itemLengths(workerCount, memoryCount), layout)
  const workerOptions: WorkerOptions = { ...options, memoryLengthMax: 2 * memoryLength }
  const first = new SimulatedWorker(arena.first, loop, workerOptions)
  const boardRegion = arena.first.reserve(Board.regionLength(workerCount))
  const board = new Board(arena.first, boardRegion, workerCount)
  const keeperRegion = arena.first.reserve(Keeper.REGION_LENGTH, 4096)
  const journalRegion = arena.first.reserve(workerCount * Journal.REGION_LENGTH, 4096)
  const { segmentsStretch } = first
  arena.unzeroed.set(layout, [
    ...(segmentsStretch === undefined ? [] : [segmentsStretch]),
    { start: first.scratch, end: boardRegion },
    { start: keeperRegion, end: arenaLength(workerCount) },
  ])
  return { arena, first, workerOptions, boardRegion, board, keeperRegion, journalRegion }
}

const MEMORY_LENGTH_MAX = 4 * 1024 * 1024

/** Each is as long as all items may be, so that one arena serves for all lengths. */
const itemLengths = (workerCount: number, memoryCount: number): number[] =>
  memoryCount === 1
    ? []
    : new Array<number>(memoryCount).fill(
        DividedStore.itemRegionLength(1, MEMORY_LENGTH_MAX, workerCount, 2 * MEMORY_LENGTH_MAX),
      )

const arenaLength = (workerCount: number): number =>
  SimulatedWorker.regionLength(2 * MEMORY_LENGTH_MAX, workerCount) +
  Keeper.REGION_LENGTH +
  workerCount * Journal.REGION_LENGTH +
  Board.regionLength(workerCount) +
  16 * 4096
