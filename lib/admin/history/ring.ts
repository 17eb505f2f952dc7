/**
 * The latest samples, all of the same figures. Its memory does not grow: a new sample overwrites the oldest one.
 *
 *     row 0   time, figure, figure, …
 *     row 1   time, figure, figure, …     ◀ the next sample goes here
 */
export class SampleRing {
  private readonly rows: Float64Array
  private readonly width: number
  private readonly countMax: number
  private written = 0

  constructor(figureCount: number, countMax: number) {
    this.width = figureCount + 1
    this.countMax = countMax
    this.rows = new Float64Array(this.width * countMax)
  }

  add(timeMs: number, figures: readonly number[]): void {
    const start = (this.written % this.countMax) * this.width
    this.rows[start] = timeMs
    this.rows.set(figures, start + 1)
    this.written++
  }

  /** The samples later than `sinceMs`, the oldest first. Each begins with its time. */
  after(sinceMs: number): Float64Array[] {
    const { rows, width, countMax, written } = this
    const found: Float64Array[] = []
    for (let number = Math.max(0, written - countMax); number < written; number++) {
      const start = (number % countMax) * width
      if (rows[start]! > sinceMs) found.push(rows.subarray(start, start + width))
    }
    return found
  }
}
