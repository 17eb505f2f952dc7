/** What a circuit breaker has to do, from a list of everything that happened: slow and without state of its own but the state. */
import type { BreakerCounts, BreakerState, TripRule } from '../../../lib/client/breaker/breaker.js'

const BUCKET_COUNT = 10

export interface NaiveOptions {
  readonly tripWhen: TripRule
  readonly windowMs: number
  readonly openMs: number
  readonly openGrowth: number
  readonly openMsMax: number
  readonly trials: number
}

interface Outcome {
  readonly ms: number
  readonly isFailure: boolean
}

export class NaiveBreaker {
  state: BreakerState = 'closed'
  generation = 0
  private readonly options: NaiveOptions
  /** Of this state. */
  private outcomes: Outcome[] = []
  private sinceMs = 0
  private refusedTrials = 0
  private sentTrials = 0
  /** How often it has opened without having been closed. */
  private openings = 0

  constructor(options: NaiveOptions) {
    this.options = options
  }

  counts(nowMs: number): BreakerCounts {
    const bucketOf = (ms: number) => Math.floor(ms / (this.options.windowMs / BUCKET_COUNT))
    const recent = this.outcomes.filter(({ ms }) => bucketOf(ms) > bucketOf(nowMs) - BUCKET_COUNT)
    const lastSuccess = this.outcomes.findLastIndex(({ isFailure }) => !isFailure)
    return {
      requests: recent.length,
      failures: recent.filter(({ isFailure }) => isFailure).length,
      consecutiveFailures: this.outcomes.length - 1 - lastSuccess,
    }
  }

  mayCall(nowMs: number): boolean {
    if (this.state === 'closed') return true
    if (this.state === 'open') {
      if (nowMs < this.sinceMs + this.openMs()) return false
      this.become('half-open', nowMs)
    } else if (this.sentTrials - this.refusedTrials === this.options.trials) {
      if (nowMs < this.sinceMs + this.openMs()) return false
      this.generation++
      this.sinceMs = nowMs
      this.sentTrials = 0
      this.refusedTrials = 0
      this.successesBefore = this.successes()
    }
    this.sentTrials++
    return true
  }

  report(outcome: 'success' | 'failure' | 'neither', generation: number, nowMs: number): void {
    if (generation !== this.generation || this.state === 'open') return
    if (outcome === 'neither') {
      this.refusedTrials++
      return
    }
    this.outcomes.push({ ms: nowMs, isFailure: outcome === 'failure' })
    if (this.state === 'half-open') {
      if (outcome === 'failure') this.become('open', nowMs)
      else if (this.successes() - this.successesBefore === this.options.trials) this.become('closed', nowMs)
    } else if (outcome === 'failure' && this.options.tripWhen(this.counts(nowMs))) this.become('open', nowMs)
  }

  private successesBefore = 0
  private successes(): number {
    return this.outcomes.filter(({ isFailure }) => !isFailure).length
  }

  private openMs(): number {
    const { openMs, openGrowth, openMsMax } = this.options
    return Math.min(openMs * openGrowth ** (this.openings - 1), this.openings === 1 ? openMs : openMsMax)
  }

  private become(state: BreakerState, nowMs: number): void {
    this.state = state
    this.generation++
    this.sinceMs = nowMs
    this.outcomes = []
    this.sentTrials = 0
    this.refusedTrials = 0
    this.successesBefore = 0
    if (state === 'open') this.openings++
    if (state === 'closed') this.openings = 0
  }
}
