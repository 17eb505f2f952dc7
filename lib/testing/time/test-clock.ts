import type { Arena } from '../../arena/arena.js'
import { Clock } from '../../store/time/clock.js'
import { steadyMs } from './real-time.js'

/** A clock that a test moves. A manual one moves in no other way. */
export class TestClock extends Clock {
  private readonly isManual: boolean
  private originMs: number
  private sinceMs: number
  private startedSeconds: number

  constructor(arena: Arena, isManual: boolean, nowMs: number) {
    super(arena)
    this.isManual = isManual
    this.originMs = nowMs
    this.sinceMs = steadyMs()
    this.refresh()
    this.startedSeconds = this.now
  }

  /** Milliseconds since 1970. */
  get nowMs(): number {
    return this.isManual ? this.originMs : this.originMs + steadyMs() - this.sinceMs
  }

  override refresh(): void {
    this.readMs = steadyMs()
    this.now = Math.floor(this.nowMs / 1000)
  }

  /** Moves with the real time also if the test moves the clock, or replaces that of the program. */
  override steadyMs(): number {
    return steadyMs()
  }

  override advance(seconds: number): void {
    this.setMs(this.nowMs + seconds * 1000)
  }

  /** Throws if the time would run backwards, which the store cannot bear, or beyond what it can count. */
  setMs(ms: number): void {
    if (ms < this.nowMs)
      throw new RangeError(
        `clock: ${new Date(ms).toISOString()} has passed: the time only moves forward; start a server with now: for an earlier one`,
      )
    checkTime('clock', ms)
    this.originMs = ms
    this.sinceMs = steadyMs()
    this.refresh()
  }

  override get started(): number {
    return this.startedSeconds
  }

  /** As if the server had started now. */
  restart(): void {
    this.startedSeconds = this.now
  }
}

/** Times of items are 32-bit numbers of seconds, and those of a month after the last one have to fit. */
const SECONDS_MAX = 2 ** 32 - 60 * 60 * 24 * 31

export function checkTime(field: string, ms: number): void {
  if (ms >= 1000 && ms <= SECONDS_MAX * 1000) return
  throw new RangeError(`${field}: a time lies between 1970 and ${new Date(SECONDS_MAX * 1000).toISOString()}`)
}
