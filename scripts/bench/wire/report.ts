import { availableParallelism, cpus } from 'node:os'
import { CAN_PIN, LOAD_CORE, SERVER_CORE } from '../support/processes.js'
import { busyShare, cpuMicroseconds, median, pairRatios, requestsPerSecond } from './figures.js'
import type { Run } from './generator.js'
import type { LatencyFigures } from './latency.js'
import type { Runs } from './measure.js'

/** One scenario. memcached's part is missing if it is not installed. */
export interface Row {
  readonly scenario: string
  readonly keepcached: Runs
  readonly memcached: Runs | undefined
}

/** The memory of an idle connection, in bytes. */
export interface IdleRow {
  readonly connectionCount: number
  readonly keepcachedBytes: number
  readonly memcachedBytes: number | undefined
}

/** Latencies at a fixed rate. */
export interface LatencyRow {
  readonly name: string
  readonly keepcached: LatencyFigures
  readonly memcached: LatencyFigures | undefined
}

/** A server that used less of its core than this had to wait for requests. */
const BUSY_SHARE_MIN = 0.95
const NAME_WIDTH = 30
const NOTHING = '–'

interface Column {
  /** In two lines. */
  readonly title: readonly [string, string]
  readonly width: number
  readonly text: (row: Row) => string
}

const COLUMNS: readonly Column[] = [
  { title: ['memcached', 'µs/request'], width: 11, text: ({ memcached }) => cpuTime(memcached) },
  { title: ['keepcached', 'µs/request'], width: 12, text: ({ keepcached }) => cpuTime(keepcached) },
  { title: ['', 'ratio'], width: 8, text: (row) => ratio(row) },
  { title: ['', 'spread'], width: 12, text: (row) => spread(row) },
  { title: ['memcached', 'requests/s'], width: 13, text: ({ memcached }) => throughput(memcached) },
  { title: ['keepcached', 'requests/s'], width: 13, text: ({ keepcached }) => throughput(keepcached) },
  { title: ['young GCs', 'per million'], width: 13, text: ({ keepcached }) => collections(keepcached) },
]

export function tableHead(): string {
  const pinning = CAN_PIN
    ? `servers on core ${SERVER_CORE}, load on core ${LOAD_CORE}`
    : 'not pinned to cores'
  const machine = `${cpus()[0]?.model}, ${availableParallelism()} cores; Node ${process.version}; ${pinning}`
  const titles = [line('', ({ title }) => title[0]), line('scenario', ({ title }) => title[1])]
  return [machine, '', ...titles].join('\n')
}

export function tableRow(row: Row): string {
  return line(row.scenario, ({ text }) => text(row))
}

export function tableFoot(): string {
  return `~ the server used less than ${BUSY_SHARE_MIN * 100} % of its core: the load generator set the pace`
}

export function latencyLine({ name, keepcached, memcached }: LatencyRow): string {
  const parts = [`keepcached ${latencyText(keepcached)}`]
  if (memcached !== undefined) parts.push(`memcached ${latencyText(memcached)}`)
  return `${name}: ${parts.join('; ')}`
}

function latencyText({ p99, p999, requestsPerSecond: rate }: LatencyFigures): string {
  return `p99 ${p99.toFixed(0)} µs, p99.9 ${p999.toFixed(0)} µs at ${Math.round(rate).toLocaleString('en')}/s`
}

export function idleLine({ connectionCount, keepcachedBytes, memcachedBytes }: IdleRow): string {
  const beside = memcachedBytes === undefined ? '' : `, memcached ${kilobytes(memcachedBytes)}`
  const count = connectionCount.toLocaleString('en')
  return `memory of an idle connection, of ${count}: keepcached ${kilobytes(keepcachedBytes)}${beside}`
}

function line(name: string, text: (column: Column) => string): string {
  return name.padEnd(NAME_WIDTH) + COLUMNS.map((column) => text(column).padStart(column.width)).join('')
}

function cpuTime(measured: Runs | undefined): string {
  return measured === undefined ? NOTHING : middle(measured, cpuMicroseconds).toFixed(2)
}

function ratio(row: Row): string {
  return row.memcached === undefined ? NOTHING : median(ratiosOf(row, row.memcached)).toFixed(2)
}

function spread(row: Row): string {
  if (row.memcached === undefined) return NOTHING
  const ratios = ratiosOf(row, row.memcached)
  return `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
}

function throughput(measured: Runs | undefined): string {
  if (measured === undefined) return NOTHING
  const mark = middle(measured, busyShare) < BUSY_SHARE_MIN ? '~' : ''
  return mark + Math.round(middle(measured, requestsPerSecond)).toLocaleString('en')
}

function collections({ collectionsPerMillion }: Runs): string {
  return collectionsPerMillion === undefined ? NOTHING : collectionsPerMillion.toFixed(0)
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`
}

function middle({ runs }: Runs, figure: (run: Run) => number): number {
  return median(runs.map(figure))
}

function ratiosOf({ keepcached }: Row, memcached: Runs): number[] {
  return pairRatios(keepcached.runs, memcached.runs)
}
