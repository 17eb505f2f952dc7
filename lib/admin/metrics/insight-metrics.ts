import { HOT_MEASURES, HOT_SUBJECTS } from '../../metrics/hot-keys/hot-keys.js'
import type { Admin } from '../admin.js'
import type { Sample } from './exposition.js'
import type { OwnMetric } from './own-metrics.js'

/**
 * How long requests take, and how much of the load the hottest keys have. No key is named: there are too many, and they are clients'
 * data.
 */
export const INSIGHT_METRICS: readonly OwnMetric[] = [
  [
    {
      name: 'keepcached_request_duration_seconds',
      type: 'histogram',
      help: 'How long requests took, from the read of their batch until its replies were sent.',
    },
    latencySamples,
  ],
  [
    {
      name: 'keepcached_hot_share',
      type: 'gauge',
      help: 'The share that the hottest keys and prefixes have of all reads, writes and bytes, in the latest 10 to 20 seconds.',
    },
    hotSamples,
  ],
]

/** Fewer buckets than there are: each fourth power of two has one, from 4 µs to 4.2 s. */
const ENDS_MS = Array.from({ length: 11 }, (_, power) => 0.004 * 4 ** power)

function latencySamples({ access }: Admin): Sample[] {
  return access.insight.latency.figures().flatMap((figures) => {
    const labels = { command: figures.command, status: figures.outcome }
    return [
      ...ENDS_MS.map((ms) => ({
        suffix: '_bucket',
        labels: { ...labels, le: String(ms / 1000) },
        value: figures.countBelow(ms),
      })),
      { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: figures.count },
      { suffix: '_sum', labels, value: figures.sumMs / 1000 },
      { suffix: '_count', labels, value: figures.count },
    ]
  })
}

function hotSamples({ access }: Admin): Sample[] {
  const { hotKeys } = access.insight
  return HOT_MEASURES.flatMap((measure) => {
    const [keys, prefixes] = HOT_SUBJECTS.map((subject) =>
      hotKeys.hottest('10s', measure, subject, TOP_COUNT),
    )
    // Keys without a prefix are part of the total, too.
    const total = keys!.total
    if (total === 0) return []
    return [keys!, prefixes!].flatMap(({ entries }, index) =>
      [1, TOP_COUNT].map((count) => ({
        labels: { by: measure, of: HOT_SUBJECTS[index]!, top: String(count) },
        value: entries.slice(0, count).reduce((sum, { weight }) => sum + weight, 0) / total,
      })),
    )
  })
}

const TOP_COUNT = 10
