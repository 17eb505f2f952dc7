import { NO_WAITS, type Waits } from './waits.js'

/** Says when requests start. */
export interface Schedule {
  /** The start of the next request, which is taken; NOT_YET, or OVER. */
  take(nowMs: number): number
  /** When the next request is due, if that is known. */
  readonly nextMs: number
  /** No request will start any more. */
  isOver(nowMs: number): boolean
  /** Requests that were to start and did not. */
  leftCount(): number
  /** How long those of them have waited that were due. */
  leftWaits(nowMs: number): Waits
  /** When the time of the run is over; infinite if it has no bound in time. */
  readonly endMs: number
}

export const NOT_YET = -1
export const OVER = -2

/** Each request starts when there is a place for it. */
export class ClosedLoop implements Schedule {
  readonly nextMs = Number.POSITIVE_INFINITY
  readonly endMs: number
  private readonly countMax: number
  private count = 0

  constructor(endMs: number, countMax: number) {
    this.endMs = endMs
    this.countMax = countMax
  }

  take(nowMs: number): number {
    if (this.isOver(nowMs)) return OVER
    this.count++
    return nowMs
  }

  isOver(nowMs: number): boolean {
    return this.count >= this.countMax || nowMs >= this.endMs
  }

  /** With a bound in time they are not missed. */
  leftCount(): number {
    return Number.isFinite(this.endMs) ? 0 : this.countMax - this.count
  }

  /** None is due before there is a place for it. */
  leftWaits(): Waits {
    return NO_WAITS
  }
}

/**
 * Requests start at a fixed rate. One that finds no place starts later, and its latency counts from when it was due:
 * a server that stalls cannot hide how long requests had to wait (coordinated omission). Those that found no place until the patience
 * is over are not sent at all.
 */
export class FixedRate implements Schedule {
  private readonly startMs: number
  private readonly everyMs: number
  private readonly countMax: number
  private readonly patienceMs: number
  private count = 0

  constructor(
    startMs: number,
    { rate, count, patienceMs }: { rate: number; count: number; patienceMs: number },
  ) {
    this.startMs = startMs
    this.everyMs = 1000 / rate
    this.countMax = count
    this.patienceMs = patienceMs
  }

  get nextMs(): number {
    return this.startMs + this.count * this.everyMs
  }

  get endMs(): number {
    return this.startMs + this.countMax * this.everyMs
  }

  take(nowMs: number): number {
    if (this.isOver(nowMs)) return OVER
    const dueMs = this.nextMs
    if (dueMs > nowMs) return NOT_YET
    this.count++
    return dueMs
  }

  isOver(nowMs: number): boolean {
    return this.count >= this.countMax || nowMs > this.endMs + this.patienceMs
  }

  leftCount(): number {
    return this.countMax - this.count
  }

  leftWaits(nowMs: number): Waits {
    const { everyMs } = this
    const longestMs = nowMs - this.nextMs
    if (longestMs < 0) return NO_WAITS
    const dueCount = Math.floor(longestMs / everyMs) + 1
    return { count: Math.min(this.leftCount(), dueCount), longestMs, stepMs: everyMs }
  }
}
