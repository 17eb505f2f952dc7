import { clock } from '../data/format.js'
import { uPlot } from '../uplot.js'
import { element } from './element.js'

/**
 * A chart of some columns over time, with a legend that has the latest values, or those below the pointer.
 *
 * @typedef {{ label: string, color: number }} Series
 * @typedef {{ title: string, series: Series[], format: (value: number | null) => string, isStacked?: boolean, isBytes?: boolean, max?: number }} ChartOptions
 */
export class Chart {
  #options
  /** @type {(number | null)[][]} */
  #columns = []
  /** @type {HTMLElement[]} */
  #values
  #plot
  #box
  #observer

  /** @param {ChartOptions} options */
  constructor(options) {
    this.#options = options
    const { title, series } = options
    this.#values = series.map(() => element('b', {}, '–'))
    const legend = series.map(({ label, color }, at) =>
      element(
        'li',
        {},
        element('i', { class: 'swatch', style: { background: `var(--series-${color})` } }),
        `${label} `,
        /** @type {HTMLElement} */ (this.#values[at]),
      ),
    )
    this.#box = element('div', { class: 'plot', role: 'img', 'aria-label': title })
    this.node = element(
      'section',
      { class: 'panel' },
      element('h3', {}, title),
      element('ul', { class: 'legend' }, ...legend),
      this.#box,
    )
    this.#plot = new uPlot(
      plotOptions(options, () => this.#showLegend()),
      [[]],
      this.#box,
    )
    this.#observer = new ResizeObserver(() => this.#resize())
    this.#observer.observe(this.#box)
    SCHEME.addEventListener('change', this.#redraw)
  }

  /**
   * @param {number[]} timeMs
   * @param {(number | null)[][]} columns
   * @param {number} rangeMs
   */
  show(timeMs, columns, rangeMs) {
    this.#columns = columns
    const drawn = this.#options.isStacked ? stacked(columns) : columns
    const seconds = timeMs.map((ms) => ms / 1000)
    const end = seconds.at(-1) ?? Date.now() / 1000
    this.#plot.batch(() => {
      this.#plot.setData([seconds, ...drawn], false)
      this.#plot.setScale('x', { min: startOf(timeMs, rangeMs) / 1000, max: end })
    })
    this.#showLegend()
  }

  close() {
    SCHEME.removeEventListener('change', this.#redraw)
    this.#observer.disconnect()
    this.#plot.destroy()
  }

  #redraw = () => this.#plot.redraw()

  #resize() {
    const width = this.#box.clientWidth
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT })
  }

  #showLegend() {
    const { format, title, series } = this.#options
    const under = this.#plot?.cursor.idx
    const texts = this.#columns.map((column) =>
      format((under == null ? column.at(-1) : column[under]) ?? null),
    )
    for (const [at, text] of texts.entries()) {
      const node = this.#values[at]
      if (node !== undefined && node.textContent !== text) node.textContent = text
    }
    if (under == null)
      this.#box.setAttribute(
        'aria-label',
        `${title}: ${series.map(({ label }, at) => `${label} ${texts[at]}`).join(', ')}`,
      )
  }
}

/**
 * Where a chart begins. What would be empty is left out, but for the last minute.
 *
 * @param {number[]} timeMs
 * @param {number} rangeMs
 */
export function startOf(timeMs, rangeMs) {
  const endMs = timeMs.at(-1) ?? Date.now()
  return Math.max(endMs - rangeMs, Math.min(timeMs[0] ?? endMs, endMs - 60_000))
}

/**
 * The value of a colour of the style sheet, now.
 *
 * @param {string} name
 */
export const colorOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/**
 * @param {ChartOptions} options
 * @param {() => void} onCursor
 * @returns {import('uplot').Options}
 */
function plotOptions({ series, format, isStacked, isBytes, max }, onCursor) {
  const axis = {
    stroke: () => colorOf('--quiet'),
    grid: { stroke: () => colorOf('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width: 320,
    height: HEIGHT,
    padding: [12, 28, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    hooks: { setCursor: [onCursor] },
    scales: { y: { range: (_plot, _low, high) => [0, max ?? (high > 0 ? high * 1.08 : 1)] } },
    axes: [
      {
        ...axis,
        space: 76,
        size: 30,
        values: (/** @type {any} */ _, /** @type {number[]} */ splits) =>
          splits.map((each) => clock(each * 1000)),
      },
      {
        ...axis,
        size: 76,
        ...(isBytes ? { incrs: BYTE_STEPS } : {}),
        space: 32,
        values: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits.map((each) => format(each)),
      },
    ],
    series: [
      {},
      ...series.map(({ color }) => ({
        stroke: () => colorOf(`--series-${color}`),
        ...(isStacked ? { fill: () => colorOf(`--series-${color}`) } : {}),
        width: 1.75,
        points: { show: false },
      })),
    ],
  }
}

/**
 * Each column with those behind it below, so that the first one, which is drawn first, is the highest.
 *
 * @param {(number | null)[][]} columns
 */
function stacked(columns) {
  const sums = columns.map((column) => [...column])
  for (let at = sums.length - 2; at >= 0; at--)
    sums[at] = (sums[at] ?? []).map((value, time) => (value ?? 0) + (sums[at + 1]?.[time] ?? 0))
  return sums
}

const HEIGHT = 180
const BYTE_STEPS = Array.from({ length: 45 }, (_, power) => 2 ** power)
const SCHEME = matchMedia('(prefers-color-scheme: dark)')
