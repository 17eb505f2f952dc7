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
  /** Memory is small, and full of long values. */
  readonly isChurned: boolean
}

/** One of this many seeds has connections; none of these is a seed with threads. */
const WIRED_EVERY = 5
const WIRED_AT = 3

/** Undefined for a seed whose clients call the engines without connections. Its draws are separate from all others. */
export function wirePlanFor(seed: number, random: Random): WirePlan | undefined {
  if (seed % WIRED_EVERY !== WIRED_AT) return undefined
  const wirePlan = mixedWirePlan(random)
  return seed % CHURNED_EVERY === CHURNED_AT ? { ...wirePlan, ...CHURNED } : wirePlan
}

function mixedWirePlan(random: Random): WirePlan {
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
    isChurned: false,
  }
}

/** The plan of a run whose clients ask for longer values: those exist if the plan does not fix the lengths. */
export function withLongValues(plan: Plan, wirePlan: WirePlan | undefined): Plan {
  if (wirePlan === undefined || wirePlan.longShare === 0) return plan
  if (wirePlan.isChurned) return { ...plan, ...CHURNED_MEMORY }
  if (plan.fillingShare > 0) return plan
  return { ...plan, longestValue: Math.max(plan.longestValue, LONG_LENGTH), thresholdShare: 0.3 }
}

/** In one of this many seeds memory is soon used for other values, while clients do not take those that they asked for. */
const CHURNED_EVERY = 50
const CHURNED_AT = 13
const CHURNED = {
  connectionsMax: 8,
  fullShare: 0.5,
  takeShares: [0.5, 0.01],
  resetShare: 0,
  endShare: 0,
  longShare: 0.3,
  windowCount: 128,
  isChurned: true,
}
const CHURNED_MEMORY = {
  mayEvict: true,
  workerCounts: [1],
  memoryLengths: [1024 * 1024],
  itemSizesMax: [512 * 1024],
  keyCount: 60,
  thresholdShare: 0.3,
  longestValue: 70_000,
  filledLength: 30_000,
  fillingShare: 0.4,
  diskLength: undefined,
  hasLimits: false,
  faultShare: 0,
  lifeLength: 2000,
}

/** A value of this length is sent without a copy, and arrives in parts. */
const LONG_LENGTH = 70_000

const ALL: readonly ProtocolName[] = ['binary', 'text', 'meta']
const PIECES = [40, 300, 3000, 16 * 1024, 200 * 1024]
/** With fewer a worker cannot serve. */
const WINDOW_COUNT_MIN = 8
export const WINDOW_COUNT_MAX = 128
