/** The figures of the last hour, in columns. The server has one sample for every ten seconds; the page adds those that it asks for. */
export class Samples {
  /** Milliseconds since 1970. @type {number[]} */
  time = []
  /** @type {Record<string, number[]>} */
  figures = {}

  /**
   * @param {number[]} time
   * @param {Record<string, number[]>} figures
   */
  add(time, figures) {
    const fresh = time.map((_, at) => at).filter((at) => (time[at] ?? 0) > this.latest)
    // A figure that is missing is 0.
    for (const name of new Set([...Object.keys(this.figures), ...Object.keys(figures)])) {
      const column = this.figures[name] ?? new Array(this.time.length).fill(0)
      column.push(...fresh.map((at) => figures[name]?.[at] ?? 0))
      this.figures[name] = column
    }
    this.time.push(...fresh.map((at) => time[at] ?? 0))
    const old = this.time.findIndex((each) => each >= this.latest - HOUR_MS)
    this.time.splice(0, old)
    for (const column of Object.values(this.figures)) column.splice(0, old)
  }

  get latest() {
    return this.time.at(-1) ?? 0
  }

  /**
   * A figure as it was, times a factor.
   *
   * @param {string} name
   */
  values(name, factor = 1) {
    return (this.figures[name] ?? []).map((value) => value * factor)
  }

  /**
   * How much counters grew each second, summed. Null for the first sample, and where the counters were reset.
   *
   * @param {...string} names
   * @returns {(number | null)[]}
   */
  rates(...names) {
    return this.time.map((time, at) => {
      const before = this.time[at - 1]
      if (before === undefined) return null
      let grown = 0
      for (const name of names) grown += (this.figures[name]?.[at] ?? 0) - (this.figures[name]?.[at - 1] ?? 0)
      return grown < 0 ? null : (grown * 1000) / (time - before)
    })
  }
}

/**
 * The share of one column in the sum of both; null where both are zero.
 *
 * @param {(number | null)[]} part
 * @param {(number | null)[]} rest
 */
export function shares(part, rest) {
  return part.map((value, at) => {
    const sum = (value ?? 0) + (rest[at] ?? 0)
    return value === null || sum === 0 ? null : value / sum
  })
}

/**
 * The values of a column as the server sends it: its first value, and then what each is more than the one before.
 *
 * @param {number[]} column
 */
export function summed(column) {
  let sum = 0
  return column.map((more) => {
    sum += more
    return sum
  })
}

const HOUR_MS = 3_600_000
