/**
 * Keeps calls from a server that fails. One breaker belongs to one server.
 *
 *                trips               openMs are over, and a call is wanted
 *     ┌────────┐────────▶┌────────┐────────▶┌───────────┐
 *     │ closed │         │ open   │         │ half-open │
 *     └────────┘         └────────┘◀────────└───────────┘
 *         ▲                      a trial fails    │ all trials succeed
 *         └───────────────────────────────────────┘
 */
export interface Breaker {
  /**
   * Whether a call may be sent. Each `true` is followed by exactly one `onSuccess` or `onFailure`, also if the call was given up.
   * In the half-open state, `true` takes one of the trials.
   */
  mayCall(): boolean

  /** Whether `mayCall` would return true. Changes nothing. */
  readonly isUsable: boolean

  /**
   * Changes with the state. The caller keeps it from `mayCall` until the outcome, and passes it on: the outcome of a call that
   * was sent before the breaker tripped says nothing about the trials after it.
   */
  readonly generation: number

  /** The server replied, be it with a miss. Not called for probes: a server that answers `version` may still not serve items. */
  onSuccess(generation?: number): void

  /** The call failed. Whether that counts is the breaker's choice. */
  onFailure(error: Error, generation?: number): void

  readonly state: BreakerState
  readonly counts: BreakerCounts
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Of the current state, and not older than the window. */
export interface BreakerCounts {
  /** Calls with an outcome that counts: successes and failures. */
  readonly requests: number
  readonly failures: number
  /** Failures since the last success, however old. */
  readonly consecutiveFailures: number
}

/** Whether the breaker opens. Asked after each failure in the closed state. */
export type TripRule = (counts: BreakerCounts) => boolean

export interface BreakerChange {
  readonly from: BreakerState
  readonly to: BreakerState
  /** Those of the state that ends. */
  readonly counts: BreakerCounts
  /** The failure that opened the breaker. */
  readonly error: Error | undefined
}
