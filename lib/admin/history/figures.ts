import { BUCKET_COUNT } from '../../metrics/latency/buckets.js'
import type { AdminAccess } from '../../server/admin-access.js'

/** What a sample holds of the statistics of the server, by their names in memcached. */
const GENERAL = [
  'get_hits',
  'get_misses',
  'cmd_set',
  'delete_hits',
  'delete_misses',
  'incr_hits',
  'incr_misses',
  'decr_hits',
  'decr_misses',
  'touch_hits',
  'touch_misses',
  'bytes_read',
  'bytes_written',
  'curr_connections',
  'total_connections',
  'rejected_connections',
  'bytes',
  'curr_items',
  'evictions',
  'reclaimed',
  'crawler_reclaimed',
] as const

const OWN: readonly (readonly [name: string, read: (access: AdminAccess) => number])[] = [
  ['segments_free', ({ store }) => store.figures.freeSegmentCount],
  ['segments_index', ({ store }) => store.figures.indexSegmentCount],
  [
    'segments_items',
    ({ store: { figures } }) => figures.segmentCount - figures.freeSegmentCount - figures.indexSegmentCount,
  ],
  ['resident_bytes', () => process.memoryUsage.rss()],
  ['busy_seconds', ({ utilizations }) => utilizations.reduce((sum, { active }) => sum + active, 0) / 1000],
]

export const FIGURE_NAMES: readonly string[] = [...GENERAL, ...OWN.map(([name]) => name)]

/** What the figures are now, in the order of their names. Counters run since the start, or since `stats reset`. */
export function readFigures(access: AdminAccess): number[] {
  const lines = new Map(access.statistics(''))
  return [...GENERAL.map((name) => Number(lines.get(name) ?? 0)), ...OWN.map(([, read]) => read(access))]
}

/** How many requests have taken how long, by the buckets of latency, whatever the command. */
export function readLatency({ insight }: AdminAccess): number[] {
  const sums = new Array<number>(BUCKET_COUNT).fill(0)
  for (const { buckets } of insight.latency.figures())
    for (const [bucket, count] of buckets.entries()) sums[bucket]! += count
  return sums
}
