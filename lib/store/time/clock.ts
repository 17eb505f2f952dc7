import { performance } from 'node:perf_hooks'
import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'

/**
 * The only source of time: whole seconds since 1970, read once for a batch of requests. It follows the monotonic clock, so
 * a correction of the machine's time neither expires items early nor keeps them too long. All workers read the same
 * time: the offset of the monotonic clock from 1970, and how far the time was moved forward, are in the arena.
 */
export class Clock {
  /** Absolute seconds. */
  now: number
  /** When it was read, in milliseconds of the monotonic clock. */
  readMs: number
  private readonly doubles: Float64Array
  private readonly state: number
  /** Offset from this thread's monotonic clock to milliseconds since 1970. */
  private readonly offsetMs: number

  constructor(arena: Arena) {
    this.doubles = arena.doubles
    this.state = arena.reserve(STATE_DOUBLES * 8) / 8
    const threadMs = performance.now()
    const steadyMs = Number(process.hrtime.bigint() / 1000n) / 1000
    if (arena.isNew) this.doubles[this.state + ORIGIN_MS] = Date.now() - steadyMs
    this.offsetMs = this.doubles[this.state + ORIGIN_MS]! + steadyMs - threadMs
    this.readMs = threadMs
    this.now = this.secondsAt(this.readMs)
    if (arena.isNew) this.doubles[this.state + STARTED] = this.now
  }

  static readonly regionLength = (): number => 2 * CACHE_LINE_LENGTH

  /** Reads the time again. */
  refresh(): void {
    this.readMs = this.steadyMs()
    this.now = this.secondsAt(this.readMs)
  }

  /** The monotonic clock now: for how long something takes. No one moves it. The global `performance` is a slow getter. */
  steadyMs(): number {
    return performance.now()
  }

  /** Shows another time until `refresh`: past changes are replayed at the time at which they happened. */
  showTime(seconds: number): void {
    this.now = seconds
  }

  /** Moves the clock forward, for specs and for the debugtime command. */
  advance(seconds: number): void {
    this.doubles[this.state + MOVED_MS] = this.doubles[this.state + MOVED_MS]! + seconds * 1000
    this.refresh()
  }

  /** Absolute seconds at which the clock started. */
  get started(): number {
    return this.doubles[this.state + STARTED]!
  }

  /** Seconds since the start. */
  get uptime(): number {
    return this.now - this.started
  }

  private secondsAt(steadyMs: number): number {
    return Math.floor((steadyMs + this.offsetMs + this.doubles[this.state + MOVED_MS]!) / 1000)
  }
}

const ORIGIN_MS = 0
const MOVED_MS = 1
const STARTED = 2
const STATE_DOUBLES = 3
