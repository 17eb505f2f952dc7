/** Disks that are small, or full. */
import { expect } from 'chai'
import { Board } from '../../lib/journal/writing/board.js'
import { EngineDriver } from './engine-driver.js'
import { eventually } from './eventually.js'
import { MemoryDisk } from './memory-disk.js'

const MEGABYTE = 1024 * 1024

/** A file of other programs. */
export const OTHERS = '/others/file'

export function diskOf(capacity: number): MemoryDisk {
  const disk = new MemoryDisk()
  disk.capacity = capacity
  return disk
}

/** Fills the disk except for this many bytes, as other programs do. */
export const fillUp = (disk: MemoryDisk, leftLength = 0): void =>
  disk.put(OTHERS, Buffer.alloc(disk.contentOf(OTHERS).length + disk.freeLength() - leftLength))

/** The board of journals that the spec fills itself. */
export function boardOf(workerCount: number): Board {
  const room = EngineDriver.createArena(MEGABYTE, 1, Board.regionLength(workerCount))
  const { arena } = new EngineDriver(MEGABYTE, true, MEGABYTE, room)
  return new Board(arena, arena.reserve(Board.regionLength(workerCount)), workerCount)
}

export const becomesTrue = async (ask: () => boolean): Promise<void> =>
  void expect(await eventually(true, async () => ask())).to.equal(true)
