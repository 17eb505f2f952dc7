import type { Random } from '../../support/random.js'
import type { Plan } from '../plan.js'

export type ProtocolName = 'binary' | 'text' | 'meta'

/** The properties of a run's connections: drawn once for each seed that has any. */
export interface WirePlan {
  readonly protocols: readonly ProtocolName[]
  /** The most connections of each worker. */
  readonly connectionsMax: number
  /** The most requests that are sent at once. */
  readonly batchMax: number
  /** The length of the pieces in which they arrive, for each connection. */
  readonly pieceLengths: readonly number[]
  /** The share of steps in which more arrives, for each connection. */
  readonly sendShares: readonly number[]
  /** The share of writes that the kernel takes only in part, or later. */
  readonly fullShare: number
  /** The share of steps in which the kernel then takes more, for each connection. */
  readonly takeShares: readonly number[]
  /** The share of steps in which a client resets, and in which it closes its side. */
  readonly resetShare: number
  readonly endShare: number
  readonly quietShare: number
  /** The share of requests that ask for one of the longer values. */
  readonly longShare: number
  /** How many requests of one connection are answered before others get their turn; 0 for all of a read. */
  readonly requestsPerTurn: number
  /** How many windows each worker has. */
  readonly windowCount: number
}

/** One of this many seeds has connections; none of these is a seed with threads. */
const WIRED_EVERY = 5
const WIRED_AT = 3

/** Undefined for a seed whose clients call the engines without connections. Its draws are separate from all others. */
export function wirePlanFor(seed: number, random: Random): WirePlan | undefined {
  if (seed % WIRED_EVERY !== WIRED_AT) return undefined
  return {
    protocols: random.pick([ALL, ALL, ALL, ['binary'], ['text'], ['meta']] as const),
    connectionsMax: random.pick([1, 3, 8]),
    batchMax: random.pick([1, 4, 16, 16]),
    pieceLengths: random.pick([PIECES, PIECES, [40], [1000, 16 * 1024]]),
    sendShares: random.pick([[1], [1, 0.1], [1, 0.05]]),
    fullShare: random.pick([0, 0.05, 0.5]),
    takeShares: random.pick([[0.5], [0.5, 0.01], [0.02]]),
    resetShare: random.pick([0, 0.001, 0.01]),
    endShare: random.pick([0, 0.001, 0.01]),
    quietShare: random.pick([0, 0.3, 0.8]),
    longShare: random.pick([0, 0, 0.1, 0.3]),
    requestsPerTurn: random.pick([0, 3, 20]),
    windowCount: random.pick([WINDOW_COUNT_MIN, 32, WINDOW_COUNT_MAX]),
  }
}

/** The plan of a run whose clients ask for longer values: those exist if the plan does not fix the lengths. */
export function withLongValues(plan: Plan, wirePlan: WirePlan | undefined): Plan {
  if (wirePlan === undefined || wirePlan.longShare === 0) return plan
  if (plan.fillingShare > 0) return plan
  return { ...plan, longestValue: Math.max(plan.longestValue, LONG_LENGTH), thresholdShare: 0.3 }
}

/** A value of this length is sent without a copy, and arrives in parts. */
const LONG_LENGTH = 70_000

const ALL: readonly ProtocolName[] = ['binary', 'text', 'meta']
const PIECES = [40, 300, 3000, 16 * 1024, 200 * 1024]
/** With fewer a worker cannot serve. */
const WINDOW_COUNT_MIN = 8
export const WINDOW_COUNT_MAX = 128
