import { clock, microseconds } from '../data/format.js'
import { endOfStep } from '../data/latency-columns.js'
import { colorOf } from './chart.js'
import { element } from './element.js'

/** Time from left to right, latency upwards, and the darker or brighter a cell, the more requests. */
export class HeatMap {
  #canvas = element('canvas', { role: 'img', 'aria-label': 'Latency' })
  #draw = () => {}
  #observer = new ResizeObserver(() => this.#draw())

  constructor() {
    this.node = element('div', { class: 'plot' }, this.#canvas)
    this.#observer.observe(this.node)
    SCHEME.addEventListener('change', this.#again)
  }

  /**
   * @param {import('../data/latency-columns.js').LatencyColumn[]} columns
   * @param {number} startMs
   * @param {number} endMs
   */
  show(columns, startMs, endMs) {
    this.#draw = () => this.#paint(columns, startMs, endMs)
    this.#draw()
  }

  close() {
    SCHEME.removeEventListener('change', this.#again)
    this.#observer.disconnect()
  }

  #again = () => this.#draw()

  /**
   * @param {import('../data/latency-columns.js').LatencyColumn[]} columns
   * @param {number} startMs
   * @param {number} endMs
   */
  #paint(columns, startMs, endMs) {
    const canvas = this.#canvas
    const width = this.node.clientWidth
    const context = canvas.getContext('2d')
    if (context === null || width === 0) return
    canvas.width = width * devicePixelRatio
    canvas.height = HEIGHT * devicePixelRatio
    canvas.style.width = `${width}px`
    canvas.style.height = `${HEIGHT}px`
    context.scale(devicePixelRatio, devicePixelRatio)
    const rangeMs = endMs - startMs
    const seen = columns.filter(({ endMs: end }) => end > startMs)
    const steps = seen.flatMap(({ counts }) =>
      [...counts].filter(([, count]) => count > 0).map(([step]) => step),
    )
    const low = Math.min(...steps, STEP_LOW) - 1
    const high = Math.max(...steps, STEP_HIGH) + 1
    const most = Math.max(1, ...seen.map((column) => Math.max(...column.counts.values(), 0)))
    const x = (/** @type {number} */ ms) => LEFT + ((ms - startMs) / rangeMs) * (width - LEFT)
    const rowHeight = (HEIGHT - BOTTOM - TOP) / (high - low)
    const y = (/** @type {number} */ step) => HEIGHT - BOTTOM - (step - low) * rowHeight
    this.#paintAxes(context, { width, low, high, y, startMs, rangeMs })
    context.fillStyle = colorOf('--heat')
    for (const column of seen) {
      const from = Math.max(LEFT, Math.floor(x(column.startMs)))
      const cellWidth = Math.max(1, Math.floor(x(column.endMs)) - from)
      for (const [step, count] of column.counts) {
        if (count <= 0) continue
        // A single slow request has to be seen beside a million fast ones.
        context.globalAlpha = 0.15 + 0.85 * (Math.log1p(count) / Math.log1p(most))
        // Whole pixels, so that cells neither overlap nor leave seams.
        const top = Math.floor(y(step))
        context.fillRect(from, top, cellWidth, Math.max(1, Math.floor(y(step - 1)) - top))
      }
    }
    context.globalAlpha = 1
    const text =
      steps.length === 0
        ? 'no requests yet'
        : `from ${microseconds(endOfStep(Math.min(...steps) - 1))} to ${microseconds(endOfStep(Math.max(...steps)))}`
    canvas.setAttribute('aria-label', `Latency over time: ${text}`)
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{ width: number, low: number, high: number, y: (step: number) => number, startMs: number, rangeMs: number }} place
   */
  #paintAxes(context, { width, low, high, y, startMs, rangeMs }) {
    context.font = '12px system-ui, sans-serif'
    context.strokeStyle = colorOf('--line')
    context.fillStyle = colorOf('--quiet')
    context.textBaseline = 'middle'
    context.textAlign = 'right'
    // A line for each power of four.
    for (let step = Math.ceil(low / 8) * 8; step <= high; step += 8) {
      context.beginPath()
      context.moveTo(LEFT, y(step))
      context.lineTo(width, y(step))
      context.stroke()
      context.fillText(microseconds(endOfStep(step)), LEFT - 8, y(step))
    }
    context.textBaseline = 'alphabetic'
    const labelCount = Math.max(2, Math.floor((width - LEFT) / 120))
    for (let at = 1; at < labelCount; at++) {
      const ms = startMs + (rangeMs * at) / labelCount
      context.textAlign = 'center'
      context.fillText(clock(ms), LEFT + ((width - LEFT) * at) / labelCount, HEIGHT - 4)
    }
  }
}

const HEIGHT = 220
const LEFT = 72
const BOTTOM = 20
const TOP = 8
/** At least from 4 µs to 1 ms is shown. */
const STEP_LOW = 8
const STEP_HIGH = 40
const SCHEME = matchMedia('(prefers-color-scheme: dark)')
