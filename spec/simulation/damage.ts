import { parseName } from '../../lib/journal/format/file-header.js'
import { FileKind } from '../../lib/journal/format/format.js'
import type { Random } from '../support/random.js'
import type { SimulatedDisk } from './simulated-disk.js'

/**
 * What a disk must not do, and sometimes does: a synced journal ends before its end. Returns what makes it whole
 * again; undefined if no journal is older than `generation`, the last server's first: that one records how long it was.
 */
export function shortenOlderJournal(
  random: Random,
  disk: SimulatedDisk,
  directory: string,
  generation: number,
): (() => void) | undefined {
  const files = disk.list(directory).flatMap((name) => parseName(name) ?? [])
  const snapshots = files.filter(({ kind }) => kind === FileKind.SNAPSHOT)
  const first = Math.max(0, ...snapshots.map((snapshot) => snapshot.generation))
  const older = files.filter((file) => file.kind === FileKind.JOURNAL && file.generation < generation)
  const needed = older.filter((file) => file.generation >= first)
  if (needed.length === 0) return undefined
  return disk.shorten(`${directory}/${random.pick(needed).name}`, random)
}
