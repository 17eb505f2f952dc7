import type { Recovered } from './recovery/recovery.js'
import type { SnapshotFigures } from './snapshot/snapshot.js'
import { type FigureRow, KeeperFigure } from './writing/board.js'

/** What the keeper puts on the board for `stats journal`, after a recovery and after a snapshot. */

export function noteRecovered(figures: FigureRow<KeeperFigure>, recovered: Recovered): void {
  figures.set(KeeperFigure.olderLength, recovered.journalLength)
  figures.set(KeeperFigure.recoveredItems, recovered.itemCount)
  figures.set(KeeperFigure.recoveryLeftOut, recovered.leftOutCount)
  figures.set(KeeperFigure.recoveredLength, recovered.byteLength)
  figures.set(KeeperFigure.recoveryMs, recovered.milliseconds)
  figures.set(KeeperFigure.tornFiles, recovered.torn.length)
}

export function noteSnapshot(
  figures: FigureRow<KeeperFigure>,
  { itemCount, byteLength, milliseconds }: SnapshotFigures,
  time: number,
): void {
  figures.add(KeeperFigure.snapshots, 1)
  figures.set(KeeperFigure.lastSnapshotTime, time)
  figures.set(KeeperFigure.lastSnapshotItems, itemCount)
  figures.set(KeeperFigure.lastSnapshotLength, byteLength)
  figures.set(KeeperFigure.lastSnapshotMs, milliseconds)
}
