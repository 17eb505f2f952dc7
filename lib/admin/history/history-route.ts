import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { BUCKET_COUNT, endOfBucket } from '../../metrics/latency/buckets.js'
import type { AdminAccess } from '../../server/admin-access.js'
import { acceptsGzip, type Exchange, sendBody, sendJson } from '../http/exchange.js'
import { FIGURE_NAMES } from './figures.js'
import { SAMPLE_SECONDS } from './history.js'

export const HISTORY_PARAMETERS: readonly string[] = ['since']

/**
 * The samples of the last hour, one column for each figure, and what does not change while the server runs. A column has its first
 * value, and then what each value is more than the one before: figures of an hour are half as long compressed.
 */
export async function history(exchange: Exchange): Promise<void> {
  const { admin, request, parameters } = exchange
  const sinceMs = parameters.integer('since', { min: 0, max: Number.MAX_SAFE_INTEGER, default: 0 })
  const samples = admin.history.after(sinceMs)
  const column = (at: number): number[] =>
    samples.map((sample, index) => rounded(sample[at]! - (samples[index - 1]?.[at] ?? 0)))
  const figures = Object.fromEntries(FIGURE_NAMES.map((name, index) => [name, column(index + 1)]))
  const latency = latencyColumns((bucket) => column(1 + FIGURE_NAMES.length + bucket))
  const server = factsOf(admin.access)
  const answer = { server, seconds: SAMPLE_SECONDS, time: column(0), figures, latency }
  if (!acceptsGzip(request)) return sendJson(exchange, answer)
  // In a thread of Node's pool. The columns of a whole hour are a third as long then.
  const body = await promisify(gzip)(JSON.stringify(answer))
  const type = { 'content-type': 'application/json', vary: 'accept-encoding' }
  sendBody(exchange, body, { ...type, 'content-encoding': 'gzip' })
}

/** Only seconds have parts. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000

/** Without the buckets that no request belongs to. The last bucket has no end: null. */
function latencyColumns(column: (bucket: number) => number[]) {
  return Array.from({ length: BUCKET_COUNT }, (_, bucket) => {
    const endMs = endOfBucket(bucket)
    return { endUs: endMs === Number.POSITIVE_INFINITY ? null : endMs * 1000, counts: column(bucket) }
  }).filter(({ counts }) => counts.some((count) => count !== 0))
}

/** What the page shows and asks for depends on it. */
function factsOf({ options, statistics, store, workerCount, listening, feed }: AdminAccess) {
  const general = new Map(statistics(''))
  return {
    pid: process.pid,
    uptime: Number(general.get('uptime')),
    workers: workerCount,
    listening: listening.map(({ address }) => address),
    memoryBytes: Number(general.get('limit_maxbytes')),
    segmentBytes: store.figures.segmentLength,
    connectionsMax: Number(general.get('max_connections')),
    mayWrite: options.adminWrite,
    mayFlush: options.adminWrite && options.flushEnabled,
    mayList: options.dumpEnabled,
    hasChanges: feed !== undefined,
    delimiter: options.prefixDelimiter,
  }
}
