/** The time of day in microseconds: the monotonic clock, corrected whenever it differs from the machine's time. */
export class WallClock {
  private offsetMs = Number.NEGATIVE_INFINITY

  get microseconds(): number {
    const steadyMs = performance.now()
    const wallMs = Date.now()
    if (Math.abs(steadyMs + this.offsetMs - wallMs) > TOLERANCE_MS) this.offsetMs = wallMs - steadyMs
    return Math.floor((steadyMs + this.offsetMs) * 1000)
  }
}

/** The machine's time has whole milliseconds. */
const TOLERANCE_MS = 2
