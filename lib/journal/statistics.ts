import { type Board, JournalFigure, KeeperFigure } from './writing/board.js'

/** `stats journal`, which any worker can answer. */
export function journalStatistics(board: Board, mode: string): [name: string, value: string][] {
  const { keeper, journals, lastError } = board
  const sum = (figure: JournalFigure): number => journals.reduce((total, row) => total + row.get(figure), 0)
  const highest = (figure: JournalFigure): number => Math.max(0, ...journals.map((row) => row.get(figure)))
  const rows: readonly (readonly [string, number | string])[] = [
    ['mode', mode],
    ['state', board.isRefusing ? 'refusing changes' : 'ok'],
    ['last_error', lastError === '' ? 'none' : lastError],
    ['failures', keeper.get(KeeperFigure.failures)],
    ['generation', keeper.get(KeeperFigure.generation)],
    ['journal_bytes', keeper.get(KeeperFigure.olderLength) + sum(JournalFigure.fileLength)],
    ['written_bytes', sum(JournalFigure.bytes)],
    ['unwritten_bytes', sum(JournalFigure.unwritten)],
    ['unsynced_bytes', sum(JournalFigure.unsynced)],
    ['writes', sum(JournalFigure.writes)],
    ['slow_writes', sum(JournalFigure.slowWrites)],
    ['syncs', sum(JournalFigure.syncs)],
    ['slow_syncs', sum(JournalFigure.slowSyncs)],
    ['last_sync_us', highest(JournalFigure.syncUs)],
    ['longest_sync_us', highest(JournalFigure.syncUsMax)],
    ['held_replies', sum(JournalFigure.held)],
    ['waits_for_room', sum(JournalFigure.waits)],
    ['snapshots', keeper.get(KeeperFigure.snapshots)],
    ['snapshot_running', keeper.get(KeeperFigure.isTakingSnapshot) !== 0 ? 'yes' : 'no'],
    ['last_snapshot_time', keeper.get(KeeperFigure.lastSnapshotTime)],
    ['last_snapshot_items', keeper.get(KeeperFigure.lastSnapshotItems)],
    ['last_snapshot_bytes', keeper.get(KeeperFigure.lastSnapshotLength)],
    ['last_snapshot_ms', keeper.get(KeeperFigure.lastSnapshotMs)],
    ['recovered_items', keeper.get(KeeperFigure.recoveredItems)],
    ['recovery_left_out', keeper.get(KeeperFigure.recoveryLeftOut)],
    ['recovered_bytes', keeper.get(KeeperFigure.recoveredLength)],
    ['recovery_ms', keeper.get(KeeperFigure.recoveryMs)],
    ['torn_files', keeper.get(KeeperFigure.tornFiles)],
  ]
  return rows.map(([name, value]) => [name, String(value)])
}
