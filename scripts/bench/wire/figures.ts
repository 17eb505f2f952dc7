import type { Run } from './generator.js'

export function cpuMicroseconds({ serverCpuSeconds, requestCount }: Run): number {
  return (serverCpuSeconds / requestCount) * 1e6
}

export function requestsPerSecond({ requestCount, seconds }: Run): number {
  return requestCount / seconds
}

/** The share of its core that the server used. */
export function busyShare({ serverCpuSeconds, seconds }: Run): number {
  return serverCpuSeconds / seconds
}

/** The CPU time of each of `runs` as a multiple of that of the paired run. */
export function pairRatios(runs: readonly Run[], besides: readonly Run[]): number[] {
  return runs.map((run, pair) => cpuMicroseconds(run) / cpuMicroseconds(besides[pair]!))
}

/** The median: one disturbed run does not change it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
