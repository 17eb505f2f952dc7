/**
 * The one source of time: whole seconds since 1970, read once for a batch of requests. It follows the steady clock, so
 * that a correction of the machine's time neither ends items early nor lets them live on.
 */
export class Clock {
  /** Absolute seconds. */
  now: number
  /** Absolute seconds at which the clock began. */
  readonly started: number
  private readonly offsetMs: number
  private movedMs = 0

  constructor() {
    this.offsetMs = Date.now() - performance.now()
    this.now = this.read()
    this.started = this.now
  }

  /** Looks at the time again. */
  refresh(): void {
    this.now = this.read()
  }

  /** Moves the clock on, for specs and for the command of the same purpose. */
  advance(seconds: number): void {
    this.movedMs += seconds * 1000
    this.refresh()
  }

  /** Seconds since the start. */
  get uptime(): number {
    return this.now - this.started
  }

  private read(): number {
    return Math.floor((performance.now() + this.offsetMs + this.movedMs) / 1000)
  }
}
