import { readPosition } from '../../feed/position.js'
import { CONNECTION_STATE_NAMES } from '../../metrics/connection-table.js'
import type { Admin } from '../admin.js'
import type { MetricHead, Sample } from './exposition.js'

export type OwnMetric = readonly [head: MetricHead, samples: (admin: Admin) => readonly Sample[]]

/** The metrics that memcached_exporter does not have, beside counters and those of the journal. */
export const OWN_METRICS: readonly OwnMetric[] = [
  [gauge('workers', 'Threads that serve requests.'), ({ access }) => [{ value: access.workerCount }]],
  [
    counter('event_loop_busy_seconds_total', 'Time that the event loop of a worker was busy.'),
    ({ access }) => access.utilizations.map(({ active }, worker) => ofWorker(worker, active / 1000)),
  ],
  [
    counter('event_loop_idle_seconds_total', 'Time that the event loop of a worker waited.'),
    ({ access }) => access.utilizations.map(({ idle }, worker) => ofWorker(worker, idle / 1000)),
  ],
  [
    gauge('event_loop_delay_seconds', 'How late timers of the accepting thread were, in a recent period.'),
    ({ loopDelay }) => loopDelay.quantiles.map(([quantile, value]) => ({ labels: { quantile }, value })),
  ],
  [
    gauge('process_resident_memory_bytes', 'Resident memory of the process.'),
    () => [{ value: process.memoryUsage.rss() }],
  ],
  [
    gauge('worker_connections', 'Open connections by worker.'),
    ({ access: { connections, workerCount } }) =>
      Array.from({ length: workerCount }, (_, worker) => ofWorker(worker, connections.counts.of(worker))),
  ],
  [
    gauge('connections', 'Open connections by what they do.'),
    ({ access }) =>
      access.connections.stateCounts.map((value, state) => ({
        labels: { state: CONNECTION_STATE_NAMES[state]!.replace('conn_', '') },
        value,
      })),
  ],
  [
    gauge('listener_info', 'Where the server listens, and how clients are connected.'),
    ({ access }) =>
      access.listening.map(({ address, family, isDatagram, verify }) => ({
        labels: {
          address,
          wire: isDatagram ? 'udp' : family === 'unix' ? 'unix' : verify === null ? 'tcp' : 'tls',
        },
        value: 1,
      })),
  ],
  [
    gauge('segment_bytes', 'Length of a segment.'),
    ({ access }) => [{ value: access.store.figures.segmentLength }],
  ],
  [
    gauge('segments', 'Segments of memory by what they hold.'),
    ({ access: { store } }) => {
      const { segmentCount, freeSegmentCount, indexSegmentCount } = store.figures
      return [
        { labels: { state: 'free' }, value: freeSegmentCount },
        { labels: { state: 'index' }, value: indexSegmentCount },
        { labels: { state: 'items' }, value: segmentCount - freeSegmentCount - indexSegmentCount },
      ]
    },
  ],
  [
    counter('changes_total', 'Changes recorded since the start.'),
    ({ access: { feed } }) => (feed === undefined ? [] : [{ value: numberOf(feed.latestPosition) }]),
  ],
  [
    gauge('changes_kept', 'The latest changes that subscribers can still read.'),
    ({ access: { feed } }) =>
      feed === undefined ? [] : [{ value: numberOf(feed.latestPosition) - numberOf(feed.oldestPosition) }],
  ],
  [
    gauge('http_subscribers', 'Responses over HTTP that wait for changes.'),
    ({ streams }) => [{ value: streams.size }],
  ],
]

function gauge(name: string, help: string): MetricHead {
  return { name: `keepcached_${name}`, type: 'gauge', help }
}

function counter(name: string, help: string): MetricHead {
  return { name: `keepcached_${name}`, type: 'counter', help }
}

const ofWorker = (worker: number, value: number): Sample => ({ labels: { worker: String(worker) }, value })

const numberOf = (position: string): number => readPosition(position)!.number
