import { Counter, type Counters } from '../../metrics/counters.js'
import type { Log } from './log.js'

/** Exceptions that no request should cause. Each costs its client a reply; the server continues. */
export class Defects {
  private readonly counters: Counters
  private readonly log: Pick<Log, 'say'>
  private toldMs = Number.NEGATIVE_INFINITY

  constructor(counters: Counters, log: Pick<Log, 'say'>) {
    this.counters = counters
    this.log = log
  }

  /** Counts it, and logs at most one in a second: a client may cause it again and again. */
  readonly report = (error: unknown): void => {
    this.counters.count(Counter.internal_errors)
    const nowMs = performance.now()
    if (nowMs - this.toldMs < PAUSE_MS) return
    this.toldMs = nowMs
    const what = error instanceof Error ? error.stack : String(error)
    this.log.say(0, `a request was given up because of a defect: ${what}`)
  }
}

const PAUSE_MS = 1000
