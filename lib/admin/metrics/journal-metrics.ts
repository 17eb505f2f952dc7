import type { MetricHead, Sample } from './exposition.js'

/** Metrics of the data directory, from `stats journal`. A server without one has none of them. */
export const JOURNAL_METRICS: readonly (readonly [
  head: MetricHead,
  line: string,
  read?: (text: string) => number,
])[] = [
  [
    gauge('refusing', 'Whether changes are refused since the disk has failed.'),
    'state',
    (text) => (text === 'ok' ? 0 : 1),
  ],
  [counter('failures_total', 'Failures of the disk.'), 'failures'],
  [gauge('generation', 'The generation of the journals that are written.'), 'generation'],
  [gauge('bytes', 'Bytes of all journals.'), 'journal_bytes'],
  [counter('written_bytes_total', 'Bytes written to journals.'), 'written_bytes'],
  [gauge('unwritten_bytes', 'Bytes that wait to be written.'), 'unwritten_bytes'],
  [gauge('unsynced_bytes', 'Bytes that were written and not synced.'), 'unsynced_bytes'],
  [counter('writes_total', 'Writes to journals.'), 'writes'],
  [counter('slow_writes_total', 'Writes that took long, and replies had to wait for.'), 'slow_writes'],
  [counter('syncs_total', 'Syncs of journals.'), 'syncs'],
  [counter('slow_syncs_total', 'Syncs that replies had to wait for, with --fsync always.'), 'slow_syncs'],
  [gauge('last_sync_seconds', 'How long the latest sync took.'), 'last_sync_us', fromMicroseconds],
  [gauge('longest_sync_seconds', 'How long the longest sync took.'), 'longest_sync_us', fromMicroseconds],
  [counter('held_replies_total', 'Replies that had to wait for the journal.'), 'held_replies'],
  [counter('waits_for_room_total', 'Requests that had to wait for room in the journal.'), 'waits_for_room'],
  [counter('snapshots_total', 'Snapshots taken.'), 'snapshots'],
  [
    gauge('snapshot_running', 'Whether a snapshot is being taken.'),
    'snapshot_running',
    (text) => (text === 'yes' ? 1 : 0),
  ],
  [
    gauge('last_snapshot_time_seconds', 'When the latest snapshot was taken, in seconds since 1970.'),
    'last_snapshot_time',
  ],
  [gauge('last_snapshot_items', 'Items of the latest snapshot.'), 'last_snapshot_items'],
  [gauge('last_snapshot_bytes', 'Length of the latest snapshot.'), 'last_snapshot_bytes'],
  [
    gauge('last_snapshot_seconds', 'How long the latest snapshot took.'),
    'last_snapshot_ms',
    fromMilliseconds,
  ],
  [gauge('recovered_items', 'Items that the start has recovered.'), 'recovered_items'],
  [gauge('recovery_left_out_items', 'Items that a smaller memory had no room for.'), 'recovery_left_out'],
  [gauge('recovered_bytes', 'Bytes that the start has read.'), 'recovered_bytes'],
  [gauge('recovery_seconds', 'How long the recovery took.'), 'recovery_ms', fromMilliseconds],
  [gauge('torn_files', 'Files that ended in the middle of a record.'), 'torn_files'],
]

export function journalSamples(
  lines: ReadonlyMap<string, string>,
  line: string,
  read: (text: string) => number = Number,
): Sample[] {
  const text = lines.get(line)
  return text === undefined ? [] : [{ value: read(text) }]
}

function gauge(name: string, help: string): MetricHead {
  return { name: `keepcached_journal_${name}`, type: 'gauge', help }
}

function counter(name: string, help: string): MetricHead {
  return { name: `keepcached_journal_${name}`, type: 'counter', help }
}

function fromMicroseconds(text: string): number {
  return Number(text) / 1e6
}

function fromMilliseconds(text: string): number {
  return Number(text) / 1e3
}
