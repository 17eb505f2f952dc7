/**
 * The buckets of a latency histogram: four steps for each power of two, so a figure is at most a quarter too high.
 *
 *     µs    0      1      1.25   1.5    1.75   2      2.5    3  …        8.4 s   10.5 s
 *           ├──────┼──────┼──────┼──────┼──────┼──────┼──────┼── ─ ─ ────┼───────┼──────▶
 *     bucket   0      1      2      3      4      5      6                  93      94
 */

/** Which bucket a time belongs to. */
export function bucketOf(ms: number): number {
  const quarters = ms * QUARTERS_PER_MS
  if (!(quarters >= FIRST_QUARTERS)) return 0
  if (quarters >= LAST_QUARTERS) return BUCKET_COUNT - 1
  const whole = quarters | 0
  const exponent = 31 - Math.clz32(whole)
  return 1 + (exponent - FIRST_EXPONENT) * STEPS + ((whole >>> (exponent - STEP_BITS)) & (STEPS - 1))
}

/** Where a bucket ends, in milliseconds: the first time that does not belong to it. */
export function endOfBucket(bucket: number): number {
  if (bucket === BUCKET_COUNT - 1) return Number.POSITIVE_INFINITY
  const power = Math.floor(bucket / STEPS)
  return (2 ** power * (STEPS + (bucket % STEPS))) / QUARTERS_PER_MS
}

const STEPS = 4
const STEP_BITS = 2
/** Quarters of a microsecond are the unit: the smallest step is one of them. */
const QUARTERS_PER_MS = 4000
/** 1 µs */
const FIRST_QUARTERS = 4
const FIRST_EXPONENT = 2
/** The first step that begins beyond 10 s. */
const LAST_QUARTERS = 2 ** 25 * 1.25
const REGULAR_COUNT = 23 * STEPS + 1
/** With one for all that is shorter, and one for all that is longer. */
export const BUCKET_COUNT = 1 + REGULAR_COUNT + 1
