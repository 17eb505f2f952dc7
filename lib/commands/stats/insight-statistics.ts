import { percentEncoded } from '../../arena/percent.js'
import { HOT_MEASURES, HOT_SUBJECTS, HOT_WINDOWS } from '../../metrics/hot-keys/hot-keys.js'
import type { Insight } from '../../metrics/insight.js'
import type { Statistic } from '../../request/reply.js'
import type { Context } from '../context/context.js'

/** `stats latency`, in microseconds: a request took at most so long, for a share of all of them. */
export function latencyStatistics({ insight }: Context): Statistic[] {
  if (insight === undefined) return [['latency_status', 'disabled']]
  return insight.latency.figures().flatMap((figures) => {
    const name = `${figures.command}:${figures.outcome}:`
    return [
      [`${name}count`, String(figures.count)],
      [`${name}mean_us`, microseconds(figures.meanMs)],
      ...QUANTILES.map(
        ([short, share]): Statistic => [name + short, microseconds(figures.quantileMs(share))],
      ),
    ]
  })
}

const QUANTILES = [
  ['p50_us', 0.5],
  ['p90_us', 0.9],
  ['p99_us', 0.99],
  ['p999_us', 0.999],
  ['max_us', 1],
] as const

const microseconds = (ms: number): string => (ms * 1000).toFixed(2)

/** `stats hotkeys`: for each rank the weight, what it may differ by, and the key, percent-encoded; as of this second. */
export function hotKeyStatistics({ insight, options, store }: Context): readonly Statistic[] {
  if (insight === undefined || !options.dumpEnabled) return [['hotkeys_status', 'disabled']]
  const { hotKeys } = insight
  const { resetCount } = hotKeys
  const { now } = store.clock
  const earlier = latest.get(insight)
  if (earlier?.second === now && earlier.resetCount === resetCount) return earlier.lines
  const lines: Statistic[] = []
  for (const window of HOT_WINDOWS)
    for (const measure of HOT_MEASURES)
      for (const subject of HOT_SUBJECTS)
        for (const [index, { key, weight, error }] of hotKeys
          .hottest(window, measure, subject, HOT_KEY_COUNT)
          .entries.entries())
          lines.push([`${window}:${measure}:${subject}:${index + 1}`, `${weight} ${error} ${encoded(key)}`])
  latest.set(insight, { second: now, resetCount, lines })
  return lines
}

/** Any client may ask for them at any rate, and a merge takes milliseconds in which no other client is served. */
const latest = new WeakMap<Insight, HotKeyLines>()

interface HotKeyLines {
  readonly second: number
  readonly resetCount: number
  readonly lines: readonly Statistic[]
}

function encoded(key: string): string {
  const bytes = Buffer.from(key, 'latin1')
  return percentEncoded(bytes, 0, bytes.length)
}

const HOT_KEY_COUNT = 10
