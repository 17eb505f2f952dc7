import { getJson } from '../api.js'
import * as format from '../data/format.js'
import { latencyColumns } from '../data/latency-columns.js'
import { shares } from '../data/samples.js'
import { Chart, startOf } from '../elements/chart.js'
import { choice, element, panel, table } from '../elements/element.js'
import { HeatMap } from '../elements/heat-map.js'

/** Rates, hits, latency, memory, evictions: the last hour, and now. */
export class Overview {
  static interval = 2000
  #context
  #rangeMs = 3_600_000
  #tiles = TILES.map(([label]) => ({
    label,
    value: element('dd', {}, '–'),
    note: element('dd', { class: 'quiet' }),
  }))
  #charts = CHARTS.map(({ read, ...options }) => ({ read, chart: new Chart(options) }))
  #heatMap = new HeatMap()
  /** @type {any[]} */
  #latencyRows = []
  #latencyTable = table('Latency by command and outcome, since the start', LATENCY_COLUMNS)

  /** @param {import('../main.js').Context} context */
  constructor(context) {
    this.#context = context
    const setRange = (/** @type {string} */ minutes) => {
      this.#rangeMs = Number(minutes) * 60_000
      this.show()
    }
    const ranges = choice(
      'Time shown',
      [
        ['60', 'last hour'],
        ['10', '10 minutes'],
        ['2', '2 minutes'],
      ],
      '60',
      setRange,
    )
    const tiles = this.#tiles.map(({ label, value, note }) =>
      element('div', { class: 'tile' }, element('dt', {}, label), value, note),
    )
    const note = element(
      'p',
      { class: 'quiet' },
      'How long requests take. The stronger the colour, the more requests.',
    )
    const latency = panel('Latency', note, this.#heatMap.node)
    latency.classList.add('wide')
    const [first, second, ...others] = this.#charts.map(({ chart }) => chart.node)
    this.node = element(
      'div',
      {},
      element('dl', { class: 'tiles' }, ...tiles),
      ranges,
      element('div', { class: 'grid' }, first ?? '', second ?? '', latency, ...others),
      this.#latencyTable.node,
    )
  }

  async refresh() {
    this.#latencyRows = (await getJson('v1/latency')).latency
  }

  show() {
    const { samples } = this.#context
    for (const [at, [, read]] of TILES.entries()) {
      const [value = '–', note = ''] = read(this.#context)
      const tile = this.#tiles[at]
      if (tile === undefined) continue
      tile.value.textContent = value
      tile.note.textContent = note
    }
    for (const { chart, read } of this.#charts) chart.show(samples.time, read(this.#context), this.#rangeMs)
    this.#heatMap.show(latencyColumns(samples), startOf(samples.time, this.#rangeMs), samples.latest)
    this.#latencyTable.show(this.#latencyRows.map(latencyRow))
  }

  close() {
    for (const { chart } of this.#charts) chart.close()
    this.#heatMap.close()
  }
}

const READS = ['get_hits', 'get_misses']
const DELETES = ['delete_hits', 'delete_misses']
const OTHERS = ['incr_hits', 'incr_misses', 'decr_hits', 'decr_misses', 'touch_hits', 'touch_misses']

/** @typedef {import('../main.js').Context} Context */

/** @type {[label: string, read: (context: Context) => string[]][]} */
const TILES = [
  [
    'Requests',
    ({ samples }) => [format.perSecond(samples.rates(...READS, 'cmd_set', ...DELETES, ...OTHERS).at(-1))],
  ],
  [
    'Hit ratio',
    ({ samples }) => [
      format.percent(shares(samples.rates('get_hits'), samples.rates('get_misses')).at(-1)),
      'of gets',
    ],
  ],
  ['Items', ({ samples }) => [format.count(samples.figures.curr_items?.at(-1))]],
  [
    'Memory',
    ({ samples, server }) => [
      format.bytes(samples.figures.bytes?.at(-1)),
      `of ${format.bytes(server.memoryBytes)}`,
    ],
  ],
  ['Evictions', ({ samples }) => [format.perSecond(samples.rates('evictions').at(-1))]],
  [
    'Connections',
    ({ samples, server }) => [
      format.count(samples.figures.curr_connections?.at(-1)),
      `of ${format.count(server.connectionsMax)}`,
    ],
  ],
  [
    'Busy',
    ({ samples, server }) => [
      format.percent((samples.rates('busy_seconds').at(-1) ?? Number.NaN) / server.workers),
      server.workers === 1 ? 'of 1 worker' : `of ${server.workers} workers`,
    ],
  ],
]

/** @type {(import('../elements/chart.js').ChartOptions & { read: (context: Context) => (number | null)[][] })[]} */
const CHARTS = [
  {
    title: 'Requests',
    series: [
      { label: 'get hits', color: 1 },
      { label: 'get misses', color: 2 },
      { label: 'sets', color: 3 },
      { label: 'deletes', color: 4 },
      { label: 'others', color: 5 },
    ],
    format: format.perSecond,
    read: ({ samples }) => [
      samples.rates('get_hits'),
      samples.rates('get_misses'),
      samples.rates('cmd_set'),
      samples.rates(...DELETES),
      samples.rates(...OTHERS),
    ],
  },
  {
    title: 'Hit ratio of gets',
    series: [{ label: 'hits', color: 1 }],
    format: format.percent,
    max: 1.04,
    read: ({ samples }) => [shares(samples.rates('get_hits'), samples.rates('get_misses'))],
  },
  {
    title: 'Memory by state of segments',
    series: [
      { label: 'free', color: 6 },
      { label: 'items', color: 1 },
      { label: 'index', color: 3 },
    ],
    format: format.bytes,
    isStacked: true,
    isBytes: true,
    read: ({ samples, server }) =>
      ['free', 'items', 'index'].map((state) => samples.values(`segments_${state}`, server.segmentBytes)),
  },
  {
    title: 'Removed items',
    series: [
      { label: 'evicted', color: 2 },
      { label: 'expired', color: 1 },
    ],
    format: format.perSecond,
    read: ({ samples }) => [samples.rates('evictions'), samples.rates('reclaimed', 'crawler_reclaimed')],
  },
  {
    title: 'Network',
    series: [
      { label: 'received', color: 1 },
      { label: 'sent', color: 4 },
    ],
    format: format.bytesPerSecond,
    isBytes: true,
    read: ({ samples }) => [samples.rates('bytes_read'), samples.rates('bytes_written')],
  },
  {
    title: 'Time that workers are busy',
    series: [{ label: 'busy', color: 4 }],
    format: format.percent,
    max: 1.04,
    read: ({ samples, server }) => [
      samples.rates('busy_seconds').map((rate) => (rate === null ? null : rate / server.workers)),
    ],
  },
]

/** @type {[heading: string, kind?: string][]} */
const LATENCY_COLUMNS = [
  ['command'],
  ['outcome'],
  ['requests', 'number'],
  ['median', 'number'],
  ['p90', 'number'],
  ['p99', 'number'],
  ['p99.9', 'number'],
  ['longest', 'number'],
]

/** @param {any} row */
function latencyRow({ command, outcome, count, p50Us, p90Us, p99Us, p999Us, maxUs }) {
  return [
    command,
    outcome,
    format.count(count),
    ...[p50Us, p90Us, p99Us, p999Us, maxUs].map(format.microseconds),
  ]
}
