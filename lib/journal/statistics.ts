import type { Board, JournalFigure } from './board.js'

/** `stats journal`, which any worker may be asked for. */
export function journalStatistics(board: Board, mode: string): [name: string, value: string][] {
  const { keeper, journals, lastError } = board
  const sum = (name: JournalFigure): number => journals.reduce((total, row) => total + row.get(name), 0)
  const highest = (name: JournalFigure): number => Math.max(0, ...journals.map((row) => row.get(name)))
  const rows: readonly (readonly [string, number | string])[] = [
    ['mode', mode],
    ['state', board.isRefusing ? 'refusing changes' : 'ok'],
    ['last_error', lastError === '' ? 'none' : lastError],
    ['failures', keeper.get('failures')],
    ['generation', keeper.get('generation')],
    ['journal_bytes', keeper.get('olderLength') + sum('fileLength')],
    ['written_bytes', sum('bytes')],
    ['unwritten_bytes', sum('unwritten')],
    ['unsynced_bytes', sum('unsynced')],
    ['writes', sum('writes')],
    ['slow_writes', sum('slowWrites')],
    ['syncs', sum('syncs')],
    ['last_sync_us', highest('syncUs')],
    ['longest_sync_us', highest('syncUsMax')],
    ['held_replies', sum('held')],
    ['waits_for_room', sum('waits')],
    ['snapshots', keeper.get('snapshots')],
    ['snapshot_running', keeper.get('isTakingSnapshot') !== 0 ? 'yes' : 'no'],
    ['last_snapshot_time', keeper.get('lastSnapshotTime')],
    ['last_snapshot_items', keeper.get('lastSnapshotItems')],
    ['last_snapshot_bytes', keeper.get('lastSnapshotLength')],
    ['last_snapshot_ms', keeper.get('lastSnapshotMs')],
    ['recovered_items', keeper.get('recoveredItems')],
    ['recovered_bytes', keeper.get('recoveredLength')],
    ['recovery_ms', keeper.get('recoveryMs')],
    ['torn_files', keeper.get('tornFiles')],
  ]
  return rows.map(([name, value]) => [name, String(value)])
}
