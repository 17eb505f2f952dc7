import type { BreakerState } from '../breaker/breaker.js'
import type { ClientStatistics, ServerStatistics } from './client-statistics.js'

interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  /** Its samples for a server: the labels beside `server`, and the number. */
  readonly samples: (statistics: ServerStatistics) => Sample[]
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

const one = (value: number): Sample[] => [[{}, value]]

const METRICS: readonly Metric[] = [
  {
    name: 'calls_total',
    type: 'counter',
    help: 'Calls that were made.',
    samples: ({ calls }) => one(calls),
  },
  {
    name: 'call_errors_total',
    type: 'counter',
    help: 'Calls that failed, by the code of the error.',
    samples: ({ errors }) => Object.entries(errors).map(([code, count]) => [{ code }, count]),
  },
  {
    name: 'connections',
    type: 'gauge',
    help: 'Open connections.',
    samples: ({ pool }) => [
      [{ state: 'idle' }, pool.idle],
      [{ state: 'active' }, pool.active],
    ],
  },
  {
    name: 'connections_created_total',
    type: 'counter',
    help: 'Attempts to connect.',
    samples: ({ pool }) => one(pool.created),
  },
  {
    name: 'connections_destroyed_total',
    type: 'counter',
    help: 'Connections that ended.',
    samples: ({ pool }) => one(pool.destroyed),
  },
  {
    name: 'connection_errors_total',
    type: 'counter',
    help: 'Failed attempts to connect and lost connections.',
    samples: ({ pool }) => one(pool.errors),
  },
  {
    name: 'waits_total',
    type: 'counter',
    help: 'Calls that had to wait for a connection.',
    samples: ({ pool }) => one(pool.waits),
  },
  {
    name: 'wait_seconds_total',
    type: 'counter',
    help: 'How long they waited.',
    samples: ({ pool }) => one(pool.waitedMs / 1000),
  },
  {
    name: 'waiting_calls',
    type: 'gauge',
    help: 'Calls that wait for a connection now.',
    samples: ({ pool }) => one(pool.waiting),
  },
  {
    name: 'breaker_state',
    type: 'gauge',
    help: '1 for the state of the circuit breaker, 0 for the others.',
    samples: ({ breaker }) =>
      breaker === undefined ? [] : STATES.map((state) => [{ state }, Number(breaker.state === state)]),
  },
]

const STATES: readonly BreakerState[] = ['closed', 'open', 'half-open']

/** The statistics of a client in the text format of Prometheus. */
export function renderPrometheus(statistics: ClientStatistics, prefix = 'memcached_client_'): string {
  return METRICS.map((metric) => renderMetric(metric, statistics, prefix)).join('')
}

function renderMetric(
  { name, type, help, samples }: Metric,
  statistics: ClientStatistics,
  prefix: string,
): string {
  const lines = [`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`]
  for (const [server, ofServer] of Object.entries(statistics)) {
    for (const [labels, value] of samples(ofServer)) {
      lines.push(`${prefix}${name}{${renderLabels({ server, ...labels })}} ${value}`)
    }
  }
  return `${lines.join('\n')}\n`
}

const renderLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escapeCharacter)}"`)
    .join(',')

const escapeCharacter = (character: string): string => (character === '\n' ? '\\n' : `\\${character}`)
