import { endOfBucket } from '../../metrics/latency/buckets.js'
import type { LatencyFigures } from '../../metrics/latency/latency-figures.js'
import { type Exchange, sendJson } from '../http/exchange.js'

/** How long requests take, by command and outcome, since the start or the last reset. */
export function latency(exchange: Exchange): void {
  const { insight } = exchange.admin.access
  sendJson(exchange, { latency: insight.latency.figures().map(shown) })
}

function shown(figures: LatencyFigures) {
  const { command, outcome, count, meanMs, buckets } = figures
  return {
    command,
    outcome,
    count,
    meanUs: meanMs * 1000,
    ...Object.fromEntries(QUANTILES.map(([name, share]) => [name, figures.quantileMs(share) * 1000])),
    buckets: buckets.flatMap((inside, bucket) =>
      inside === 0 ? [] : [{ endUs: endUs(bucket), count: inside }],
    ),
  }
}

/** Null for the last one, which has no end. */
function endUs(bucket: number): number | null {
  const ms = endOfBucket(bucket)
  return ms === Number.POSITIVE_INFINITY ? null : ms * 1000
}

const QUANTILES = [
  ['p50Us', 0.5],
  ['p90Us', 0.9],
  ['p99Us', 0.99],
  ['p999Us', 0.999],
  ['maxUs', 1],
] as const
