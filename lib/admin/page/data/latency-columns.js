/** What the heat map shows: how many requests took how long, in each period between two samples. */

/** @typedef {{ startMs: number, endMs: number, counts: Map<number, number> }} LatencyColumn */

/**
 * The figures of samples that hold the buckets of latency.
 *
 * @param {{ endUs: number | null, counts: number[] }[]} latency
 */
export function latencyFigures(latency) {
  return Object.fromEntries(latency.map(({ endUs, counts }) => [`${NAME}${stepOf(endUs)}`, counts]))
}

/**
 * The server counts since its start, so a column is the difference of two samples. There is none where the counts were reset.
 *
 * @param {import('./samples.js').Samples} samples
 * @returns {LatencyColumn[]}
 */
export function latencyColumns({ time, figures }) {
  const buckets = Object.entries(figures).filter(([name]) => name.startsWith(NAME))
  const steps = buckets.map(([name, counts]) => ({ step: Number(name.slice(NAME.length)), counts }))
  const columns = time.slice(1).map((endMs, at) => {
    const grown = steps.map(({ step, counts }) => [step, (counts[at + 1] ?? 0) - (counts[at] ?? 0)])
    return { startMs: time[at] ?? endMs, endMs, counts: new Map(/** @type {[number, number][]} */ (grown)) }
  })
  return columns.filter(({ counts }) => [...counts.values()].every((count) => count >= 0))
}

/**
 * The bucket that ends here, counted from 1 µs: there are four in each power of two. The last one has no end.
 *
 * @param {number | null} endUs
 */
export function stepOf(endUs) {
  if (endUs === null) return STEP_MAX
  const power = Math.floor(Math.log2(endUs))
  return STEPS * power + Math.round((endUs / 2 ** power - 1) * STEPS)
}

/**
 * Where a bucket ends, in microseconds.
 *
 * @param {number} step
 */
export function endOfStep(step) {
  const power = Math.floor(step / STEPS)
  return 2 ** power * (1 + (step - power * STEPS) / STEPS)
}

const NAME = 'latency:'
const STEPS = 4
const STEP_MAX = 24 * STEPS
