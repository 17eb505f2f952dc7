import { getJson } from '../api.js'
import * as format from '../data/format.js'
import { Chart } from '../elements/chart.js'
import { choice, element, table } from '../elements/element.js'

/** Who is connected, and what the connections do. */
export class Connections {
  static interval = 3000
  #context
  #state = 'all'
  /** @type {Record<string, string>[]} */
  #rows = []
  #summary = element('p', {})
  #states = element('div')
  #table = table('Connections', [['number'], ['address'], ['state'], ['idle', 'number']])
  #open = new Chart({
    title: 'Open connections',
    series: [{ label: 'open', color: 1 }],
    format: format.count,
  })
  #rates = new Chart({
    title: 'New connections',
    series: [
      { label: 'accepted', color: 1 },
      { label: 'refused', color: 2 },
    ],
    format: format.perSecond,
  })

  /** @param {import('../main.js').Context} context */
  constructor(context) {
    this.#context = context
    this.#states.append(
      choice(
        'Shown',
        [
          ['all', 'all'],
          ['busy', 'busy'],
          ['idle', 'idle'],
          ['listening', 'listening'],
        ],
        'all',
        (state) => {
          this.#state = state
          this.#showRows()
        },
      ),
    )
    const charts = element('div', { class: 'grid' }, this.#open.node, this.#rates.node)
    this.node = element('div', {}, charts, this.#states, this.#summary, this.#table.node)
  }

  async refresh() {
    const { conns = {} } = await getJson('v1/stats')
    const byNumber = new Map()
    for (const [name, value] of Object.entries(conns)) {
      const [number = '', field = ''] = name.split(/:(.*)/s)
      if (!byNumber.has(number)) byNumber.set(number, { number })
      byNumber.get(number)[field] = value
    }
    this.#rows = [...byNumber.values()]
  }

  show() {
    const { samples } = this.#context
    this.#open.show(samples.time, [samples.values('curr_connections')], HOUR_MS)
    this.#rates.show(
      samples.time,
      [samples.rates('total_connections'), samples.rates('rejected_connections')],
      HOUR_MS,
    )
    this.#showRows()
  }

  close() {
    this.#open.close()
    this.#rates.close()
  }

  #showRows() {
    const chosen = this.#rows.filter(
      ({ state = '' }) => this.#state === 'all' || kindOf(state) === this.#state,
    )
    const shown = chosen.slice(0, ROW_COUNT_MAX)
    this.#summary.textContent =
      shown.length < chosen.length
        ? `The first ${shown.length} of ${chosen.length} connections.`
        : `${format.counted(chosen.length, 'connection')}.`
    this.#table.show(
      shown.map(({ number = '', addr = '', state = '', secs_since_last_cmd: idle }) => [
        number,
        addr,
        state.replace('conn_', ''),
        kindOf(state) === 'listening' ? '' : format.seconds(Number(idle)),
      ]),
    )
  }
}

/** @param {string} state */
function kindOf(state) {
  if (state === 'conn_listening') return 'listening'
  return state === 'conn_read' ? 'idle' : 'busy'
}

const ROW_COUNT_MAX = 500
const HOUR_MS = 3_600_000
