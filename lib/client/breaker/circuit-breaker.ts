import { checkFunctions } from '../check-options.js'
import { ClientError } from '../client-error.js'
import { checkNames } from '../option-names.js'
import type { Breaker, BreakerChange, BreakerCounts, BreakerState, TripRule } from './breaker.js'
import { consecutiveFailures, eitherOf, failureShare, type IsFailure, isFailure } from './failures.js'
import { WindowCounts } from './window-counts.js'

export interface BreakerOptions {
  /** Default: five failures with no success between them, or half of at least 20 requests. */
  readonly tripWhen?: TripRule
  /** Default: TIMEOUT, UNREACHABLE, CONNECTION, PROTOCOL. */
  readonly isFailure?: IsFailure
  /** How far the counts reach back. Default: 10,000. */
  readonly windowMs?: number
  /** Default: 2,000. */
  readonly openMs?: number
  /** The factor for the next time if a trial fails. Default: 2. */
  readonly openGrowth?: number
  /** Default: 60,000. */
  readonly openMsMax?: number
  /** How many trials are sent at once, and have to succeed. Default: 1. */
  readonly trials?: number
  readonly onChange?: (change: BreakerChange) => void
  /** Milliseconds that never go back. Default: `performance.now`. */
  readonly now?: () => number
}

const DEFAULTS = {
  tripWhen: eitherOf(consecutiveFailures(5), failureShare(0.5, 20)),
  isFailure,
  windowMs: 10_000,
  openMs: 2000,
  openGrowth: 2,
  openMsMax: 60_000,
  trials: 1,
  onChange: (): void => {},
  now: (): number => performance.now(),
}

/** The breaker that a client makes for each server unless it is given another. */
export class CircuitBreaker implements Breaker {
  state: BreakerState = 'closed'
  generation = 0
  private readonly options: Required<BreakerOptions>
  private readonly window: WindowCounts
  /** When the open state ends; in the half-open state, when trials without an outcome are given up. */
  private waitEndMs = 0
  private openMs: number
  /** Trials that were not sent yet. */
  private trialsLeft = 0
  private trialSuccesses = 0

  constructor(options: BreakerOptions = {}) {
    checkNames('breaker', options, Object.keys(DEFAULTS))
    checkFunctions('breaker', options, ['tripWhen', 'isFailure', 'onChange', 'now'])
    this.options = { ...DEFAULTS, ...options }
    checkNumbers(this.options)
    this.window = new WindowCounts(this.options.windowMs)
    this.openMs = this.options.openMs
  }

  get counts(): BreakerCounts {
    this.window.moveTo(this.options.now())
    return this.window.snapshot()
  }

  get isUsable(): boolean {
    return (
      this.state === 'closed' ||
      this.options.now() >= this.waitEndMs ||
      (this.state === 'half-open' && this.trialsLeft > 0)
    )
  }

  mayCall(): boolean {
    return this.state === 'closed' || this.mayTry()
  }

  onSuccess(generation = this.generation): void {
    if (generation !== this.generation || this.state === 'open') return
    this.window.countSuccess(this.options.now())
    if (this.state === 'half-open' && ++this.trialSuccesses >= this.options.trials) this.close()
  }

  onFailure(error: Error, generation = this.generation): void {
    if (generation !== this.generation || this.state === 'open') return
    if (!this.options.isFailure(error)) {
      this.giveBackTrial()
      return
    }
    this.window.countFailure(this.options.now())
    if (this.state === 'half-open')
      this.open(Math.min(this.openMs * this.options.openGrowth, this.options.openMsMax), error)
    else if (this.options.tripWhen(this.window)) this.open(this.options.openMs, error)
  }

  private mayTry(): boolean {
    const isWaitOver = this.options.now() >= this.waitEndMs
    if (this.state === 'open') {
      if (!isWaitOver) return false
      this.beginTrials()
      this.become('half-open', undefined)
    } else if (this.trialsLeft === 0) {
      if (!isWaitOver) return false
      // Trials whose outcome nobody reported must not keep the breaker from closing. Late outcomes belong to the past.
      this.generation++
      this.beginTrials()
    }
    this.trialsLeft--
    return true
  }

  private beginTrials(): void {
    this.trialsLeft = this.options.trials
    this.trialSuccesses = 0
    this.waitEndMs = this.options.now() + this.openMs
  }

  /** The outcome says nothing about the server: another call may try. */
  private giveBackTrial(): void {
    if (this.state === 'half-open') this.trialsLeft++
  }

  private open(openMs: number, error: Error): void {
    this.openMs = openMs
    this.waitEndMs = this.options.now() + openMs
    this.become('open', error)
  }

  private close(): void {
    this.openMs = this.options.openMs
    this.become('closed', undefined)
  }

  private become(to: BreakerState, error: Error | undefined): void {
    const from = this.state
    const counts = this.counts
    this.state = to
    this.generation++
    this.window.reset()
    this.options.onChange({ from, to, counts, error })
  }
}

function checkNumbers({ windowMs, openMs, openGrowth, openMsMax, trials }: Required<BreakerOptions>): void {
  for (const [name, value] of Object.entries({ windowMs, openMs, openMsMax }))
    if (!(value > 0 && value < Number.POSITIVE_INFINITY))
      throw badOption(name, 'a number of milliseconds above 0', value)
  if (!(openGrowth >= 1 && openGrowth < Number.POSITIVE_INFINITY))
    throw badOption('openGrowth', 'a factor from 1', openGrowth)
  if (!Number.isInteger(trials) || trials < 1) throw badOption('trials', 'a whole number from 1', trials)
}

const badOption = (name: string, wanted: string, value: unknown): ClientError =>
  new ClientError('BAD_OPTION', `breaker.${name}: ${wanted}, not ${String(value)}`)
