import type { Keeper } from './keeper.js'

/** `stats journal`. */
export function journalStatistics(keeper: Keeper, mode: string): [name: string, value: string][] {
  const { recovered, lastSnapshot, journals } = keeper
  const sum = (name: keyof (typeof journals)[number]['figures']): number =>
    journals.reduce((total, { figures }) => total + figures[name], 0)
  const highest = (name: 'syncUs' | 'syncUsMax'): number =>
    Math.max(0, ...journals.map(({ figures }) => figures[name]))
  const rows: readonly (readonly [string, number | string])[] = [
    ['mode', mode],
    ['state', keeper.hasFailed ? 'refusing changes' : 'ok'],
    ['last_error', keeper.lastError === '' ? 'none' : keeper.lastError],
    ['failures', keeper.failureCount],
    ['generation', keeper.currentGeneration],
    ['journal_bytes', keeper.journalLength],
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
    ['snapshots', keeper.snapshotCount],
    ['snapshot_running', keeper.isTakingSnapshot ? 'yes' : 'no'],
    ['last_snapshot_time', keeper.lastSnapshotTime],
    ['last_snapshot_items', lastSnapshot?.itemCount ?? 0],
    ['last_snapshot_bytes', lastSnapshot?.byteLength ?? 0],
    ['last_snapshot_ms', lastSnapshot?.milliseconds ?? 0],
    ['recovered_items', recovered.itemCount],
    ['recovered_bytes', recovered.byteLength],
    ['recovery_ms', recovered.milliseconds],
    ['torn_files', recovered.torn.length],
  ]
  return rows.map(([name, value]) => [name, String(value)])
}
