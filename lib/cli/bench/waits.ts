import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** How long requests have waited that are due one after the other: the first for the longest time, each next one a step less. */
export interface Waits {
  readonly count: number
  readonly longestMs: number
  readonly stepMs: number
}

export const NO_WAITS: Waits = { count: 0, longestMs: 0, stepMs: 0 }

/** In nanoseconds, to three digits. */
export const createLatencies = (): RecordableHistogram => createHistogram({ figures: 3 })

export function recordLatency(latencies: RecordableHistogram, ms: number): void {
  latencies.record(Math.max(1, Math.round(ms * 1e6)))
}

/** This share of them, evenly: a share of the requests is gets, but nobody knows which. */
export function shareOf({ count, longestMs, stepMs }: Waits, share: number): Waits {
  return { count: Math.round(count * share), longestMs, stepMs: stepMs / share }
}

/** There may be more than can be counted one by one: then every second one counts twice. */
export function recordWaits(latencies: RecordableHistogram, { count, longestMs, stepMs }: Waits): void {
  if (count > ONE_BY_ONE_COUNT_MAX) {
    const half = createLatencies()
    recordWaits(half, { count: Math.floor(count / 2), longestMs, stepMs: 2 * stepMs })
    latencies.add(half)
    latencies.add(half)
    if (count % 2 === 1) recordLatency(latencies, longestMs)
    return
  }
  for (let index = 0; index < count; index++) recordLatency(latencies, longestMs - index * stepMs)
}

const ONE_BY_ONE_COUNT_MAX = 100_000
