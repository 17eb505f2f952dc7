import { GCProfiler, getHeapStatistics } from 'node:v8'

const WARM_UP_COUNT = 1
const TRY_COUNT = 6
/** In bytes, far below one for each request. */
const GROWTH_SMALL = 20_000

/** The options of a program that counts: room enough for whatever it may waste, so that no collection comes meanwhile. */
export const COUNTING_OPTIONS = ['--min-semi-space-size=64', '--max-semi-space-size=64']

/** The least number of bytes by which the heap grew in one of some tries. */
export function leastGrowth(work: () => void): number {
  for (let count = 0; count < WARM_UP_COUNT; count++) work()
  let least = Number.POSITIVE_INFINITY
  // What took nothing once is not tried again.
  for (let count = 0; count < TRY_COUNT && least > GROWTH_SMALL; count++)
    least = Math.min(least, growthOfHeap(work) ?? least)
  return least
}

/** Bytes by which the heap grew, or undefined when a collection came between. */
function growthOfHeap(work: () => void): number | undefined {
  const profiler = new GCProfiler()
  profiler.start()
  const before = getHeapStatistics().used_heap_size
  work()
  const after = getHeapStatistics().used_heap_size
  return profiler.stop().statistics.length > 0 ? undefined : after - before
}
