import type { RecordableHistogram } from 'node:perf_hooks'
import type { LoadPlan } from './load-plan.js'
import type { Outcome } from './outcome.js'

/** The runs of one server, in the order of the rounds. */
export interface ServerRuns {
  readonly name: string
  readonly rounds: readonly Outcome[]
  readonly total: Outcome
}

/** In microseconds. */
interface LatencyFigures {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Of both servers in one round. */
type Pair = readonly [first: Outcome, second: Outcome]

/** Of the second server over the first, in pairs of runs. */
interface Ratio {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function jsonReport(plan: LoadPlan, servers: readonly ServerRuns[]): string {
  const report = {
    load: plan,
    servers: servers.map(({ name, total }) => ({
      server: name,
      seconds: total.seconds,
      requests: total.requests,
      perSecond: perSecond(total),
      hits: total.hits,
      misses: total.misses,
      errors: Object.fromEntries(total.errors),
      unsent: total.unsent,
      latencyMicroseconds: {
        get: latencyOf(total.gets),
        set: latencyOf(total.sets),
        all: latencyOf(total.all()),
      },
    })),
    ...(isComparison(servers) && {
      pairs: pairsOf(servers).length,
      comparison: comparisonOf(pairsOf(servers)),
    }),
  }
  return `${JSON.stringify(report, (_, value) => value ?? null)}\n`
}

export function peopleReport(servers: readonly ServerRuns[]): string {
  const lines = servers.flatMap(({ name, total }) => [
    row([name, 'per second', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max']),
    ...latencyRow('get', total.gets, total.getCount, total.seconds),
    ...latencyRow('set', total.sets, total.setCount, total.seconds),
    ...latencyRow('all', total.all(), total.requests, total.seconds),
    endOf(total),
    '',
  ])
  if (isComparison(servers)) lines.push(...comparisonRows(servers), '')
  return lines.join('\n')
}

/** A run that was interrupted early has no round. */
const isComparison = (servers: readonly ServerRuns[]): boolean =>
  servers.length === 2 && servers[0]!.rounds.length > 0

/** Of the rounds in which every request was answered: a server that fails or stands still is not to be compared. */
function pairsOf([first, second]: readonly ServerRuns[]): Pair[] {
  const pairs = first!.rounds.map((outcome, round): Pair => [outcome, second!.rounds[round]!])
  return pairs.filter((pair) => pair.every(({ failures, requests }) => failures === 0 && requests > 0))
}

function latencyRow(
  label: string,
  latencies: RecordableHistogram,
  replyCount: number,
  seconds: number,
): string[] {
  const figures = latencyOf(latencies)
  if (figures === undefined) return []
  const { mean, p50, p90, p99, p999, max } = figures
  return [row([label, grouped(replyCount / seconds), ...[mean, p50, p90, p99, p999, max].map(duration)])]
}

function endOf({ hits, misses, errors, unsent, requests, seconds }: Outcome): string {
  const share = hits + misses === 0 ? [] : [`${((100 * hits) / (hits + misses)).toFixed(1)}% hits`]
  const failed = [...errors].map(([code, count]) => `${grouped(count)} ${code}`)
  const missed = unsent > 0 ? [`${grouped(unsent)} never sent`] : []
  const trouble = [...failed, ...missed]
  const words = [`${grouped(requests)} requests in ${seconds.toFixed(1)} s`, ...share]
  return `  ${words.join(', ')}, errors: ${trouble.length === 0 ? 'none' : trouble.join(', ')}`
}

function comparisonRows(servers: readonly ServerRuns[]): string[] {
  const [first, second] = servers
  const pairs = pairsOf(servers)
  const leftCount = first!.rounds.length - pairs.length
  const left = leftCount === 0 ? '' : ` (without ${leftCount} in which requests failed, or there were none)`
  return [
    `${second!.name} over ${first!.name}, ${pairs.length} pairs of runs${left}`,
    row(['', 'median', 'min', 'max']),
    ...Object.entries(comparisonOf(pairs)).map(([name, ratio]) =>
      row([name, ...[ratio?.median, ratio?.min, ratio?.max].map((number) => number?.toFixed(3) ?? '-')]),
    ),
  ]
}

/** A difference within min and max is no difference. Undefined without a pair. */
function comparisonOf(pairs: readonly Pair[]): Record<string, Ratio | undefined> {
  const ratiosOf = (figureOf: (outcome: Outcome) => number): Ratio | undefined => {
    if (pairs.length === 0) return undefined
    const ratios = pairs.map(([first, second]) => figureOf(second) / figureOf(first))
    const sorted = ratios.sort((one, other) => one - other)
    const middle = sorted.length / 2
    const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
    return { median, min: sorted[0]!, max: sorted.at(-1)! }
  }
  return {
    'per second': ratiosOf(perSecond),
    p50: ratiosOf((outcome) => outcome.all().percentile(50)),
    p99: ratiosOf((outcome) => outcome.all().percentile(99)),
  }
}

const perSecond = ({ requests, seconds }: Outcome): number => (seconds === 0 ? 0 : requests / seconds)

function latencyOf(latencies: RecordableHistogram): LatencyFigures | undefined {
  const { count, mean, max } = latencies
  if (count === 0) return undefined
  const [p50, p90, p99, p999] = [50, 90, 99, 99.9].map((share) => latencies.percentile(share) / 1000)
  return { count, mean: mean / 1000, p50: p50!, p90: p90!, p99: p99!, p999: p999!, max: max / 1000 }
}

const duration = (microseconds: number): string =>
  microseconds < 1000 ? `${microseconds.toFixed(0)}us` : `${(microseconds / 1000).toFixed(2)}ms`

const grouped = (number: number): string => Math.round(number).toLocaleString('en-US')

/** The first cell is a name, the others are numbers. */
const row = ([first = '', ...rest]: readonly string[]): string =>
  (first.padEnd(NAME_WIDTH) + rest.map((cell) => cell.padStart(CELL_WIDTH)).join('')).trimEnd()

const NAME_WIDTH = 20
const CELL_WIDTH = 11
