import type { Fsync } from '../../lib/journal/writing/fsync.js'
import type { Random } from '../support/random.js'

export const MEGABYTE = 1024 * 1024

/** The properties of a whole run: drawn once for each seed. */
export interface Plan {
  readonly fsync: Fsync
  readonly mayEvict: boolean
  readonly workerCounts: readonly number[]
  readonly memoryLengths: readonly number[]
  /** How many memories the items are divided among. */
  readonly memoryCounts: readonly number[]
  readonly itemSizesMax: readonly number[]
  readonly keyCount: number
  /** How many of the keys get most of the requests. */
  readonly hotCount: number
  /** The share of values that are near a length at which something changes. */
  readonly thresholdShare: number
  readonly longestValue: number
  /** The share of items that expire. */
  readonly expiringShare: number
  /** The most seconds that time usually jumps. */
  readonly jumpSecondsMax: number
  /** The usual number of requests between two events of the machine. */
  readonly calm: number
  readonly faultShare: number
  readonly slowShare: number
  /** The usual number of requests in a server's life. */
  readonly lifeLength: number
  /** Four of five flush a prefix. */
  readonly flushShare: number
  /** The share of readers that take a long value slowly. */
  readonly slowReaderShare: number
  /** The share of long values that are sent slowly, and of requests at which another part of one arrives. */
  readonly slowSenderShare: number
  readonly partShare: number
  /** How much time passes at most whenever code reads the clock. */
  readonly lookMs: number
  /** The share of starts, and of times during a snapshot, that a crash cuts short. */
  readonly doomedShare: number
  readonly cutShare: number
  /** Whether clients set other limits of memory. */
  readonly hasLimits: boolean
  /** The share of requests that only store something. */
  readonly fillingShare: number
  /** Whether what fills memory is stored only once, and never replaced. */
  readonly fillsOnce: boolean
  /** About how long the values are that fill memory; 0 where they are of any length. */
  readonly filledLength: number
  /** Bytes of the disk, with which the directory has a small bound; undefined if neither bound is ever reached. */
  readonly diskLength: number | undefined
  /** How often other programs use space of the disk, or free it. */
  readonly othersShare: number
  /** A multiple of the requested number of requests. */
  readonly operationFactor: number
  /** The share of requests that read slowly from a segment which is being cleaned. */
  readonly sweptShare: number
  /** A snapshot begins slowly, for so many turns, and live data grows meanwhile. */
  readonly surgeLength: number
  /** Other programs leave about as much space as the next snapshot needs. */
  readonly isPinched: boolean
  /** For so many requests of a server's life its first worker serves alone. */
  readonly aloneLength: number
}

/** Changes the properties that an aim needs. */
export type PlanChange = (random: Random, plan: Plan) => Plan

export function planFor(random: Random, aimed?: PlanChange): Plan {
  const roll = random.below(100)
  const plan = mixedPlan(random)
  if (aimed !== undefined) return aimed(random, plan)
  if (roll < 50) return plan
  if (roll < 66) return tightPlan(random, plan)
  if (roll < 70) return { ...plan, ...BESIEGED }
  if (roll < 85) return filledPlan(random, plan)
  return roll < 92 ? crowdedPlan(random, plan) : manyPlan(random, plan)
}

/** Items fill a large part of the memory, or nearly all of it, and fit. */
function filledPlan(random: Random, plan: Plan): Plan {
  const memoryLength = random.pick([2, 4]) * MEGABYTE
  const keyCount = random.pick([100, 400, 1000])
  const fillsOnce = random.chance(0.5)
  const share = fillsOnce ? 0.6 + random.below(40) / 100 : 0.2 + random.below(70) / 100
  return {
    ...plan,
    ...NEARLY_FULL,
    workerCounts: [1],
    memoryLengths: [memoryLength],
    itemSizesMax: [memoryLength / 2],
    keyCount,
    fillsOnce,
    filledLength: Math.floor((share * memoryLength) / keyCount),
  }
}

/** A disk, or a directory, that journals would fill if nothing stopped them. */
export function tightPlan(random: Random, plan: Plan): Plan {
  const memoryLength = random.pick([1, 2]) * MEGABYTE
  const diskLength = random.pick([Number.POSITIVE_INFINITY, 1.5, 3, 5]) * MEGABYTE
  const longestValue = random.pick([1000, 4000, 10_000])
  return {
    ...plan,
    workerCounts: random.pick([[1], [1], [2], [1, 2, 3]]),
    memoryLengths: [memoryLength],
    itemSizesMax: [memoryLength / 2],
    keyCount: random.pick([20, 100, 500, 1500]),
    longestValue,
    filledLength: random.pick([0, longestValue / 2, longestValue / 2]),
    fillingShare: random.pick([0.3, 0.7]),
    calm: diskLength === Number.POSITIVE_INFINITY ? 4 : 2,
    jumpSecondsMax: random.pick([1, 5, 100]),
    faultShare: random.pick([0, 0, 0, 0.001]),
    lifeLength: random.pick([500, 2000, 4000]),
    slowSenderShare: 0,
    hasLimits: false,
    diskLength,
    othersShare: random.pick([0, 0.01, 0.05]),
  }
}

/** More than fits, in values nearly as long as those that lie in pieces, and server after server of several workers. */
function crowdedPlan(random: Random, plan: Plan): Plan {
  const memoryLength = random.pick([2, 4]) * MEGABYTE
  const filledLength = random.pick([1000, 2500, 3300])
  return {
    ...plan,
    ...NEARLY_FULL,
    workerCounts: random.pick([[2], [3], [1, 2, 3]]),
    memoryLengths: [memoryLength],
    itemSizesMax: [memoryLength / 2],
    keyCount: Math.floor(((0.9 + random.below(60) / 100) * memoryLength) / filledLength),
    filledLength,
    fillingShare: 0.6,
    lifeLength: random.pick([500, 1500]),
  }
}

/** So many small items that the index grows when memory is full. */
function manyPlan(random: Random, plan: Plan): Plan {
  return {
    ...plan,
    ...NEARLY_FULL,
    workerCounts: random.pick([[1], [1], [2]]),
    memoryLengths: [MEGABYTE],
    itemSizesMax: [MEGABYTE / 2],
    keyCount: 14_000,
    longestValue: 4000,
    operationFactor: 5,
    lifeLength: 12_000,
    calm: 20,
  }
}

/** A few short values, and more long ones than fit that are announced and never sent. */
const BESIEGED = {
  workerCounts: [1],
  memoryLengths: [4 * MEGABYTE],
  itemSizesMax: [MEGABYTE],
  keyCount: 50,
  thresholdShare: 0.4,
  longestValue: 100_000,
  calm: 20,
  faultShare: 0,
  cutShare: 0,
  // As long as a sweep waits for segments, any value may be refused.
  flushShare: 0,
  lifeLength: 4000,
  hasLimits: false,
  slowReaderShare: 0,
  slowSenderShare: 1,
  partShare: 0.01,
}

export const NEARLY_FULL = {
  hotCount: 1000,
  thresholdShare: 0,
  expiringShare: 0,
  faultShare: 0,
  flushShare: 0,
  hasLimits: false,
  fillingShare: 0.8,
  slowReaderShare: 0,
  slowSenderShare: 0,
}

function mixedPlan(random: Random): Plan {
  const isChanging = random.chance(0.4)
  const memoryLengths = isChanging ? [1, 2, 4] : [random.pick([1, 2, 4])]
  return {
    fsync: random.pick(['always', 'everysec', 'everysec', 'no'] as const),
    mayEvict: random.chance(0.85),
    workerCounts: random.pick([[1], [1], [2], [4], [1, 2, 3]]),
    memoryLengths: memoryLengths.map((megabytes) => megabytes * MEGABYTE),
    memoryCounts: [1],
    itemSizesMax: random.chance(0.3) ? [20_000, 70_000, MEGABYTE] : [MEGABYTE / 2],
    keyCount: random.pick([20, 100, 500, 2000]),
    hotCount: random.pick([1, 4, 16]),
    thresholdShare: random.pick([0.02, 0.1, 0.3]),
    longestValue: random.pick([100, 1000, 30_000, 200_000, 600_000]),
    expiringShare: random.pick([0, 0.2, 0.6]),
    jumpSecondsMax: random.pick([1, 5, 100, 5000]),
    calm: random.pick([2, 5, 20]),
    faultShare: random.pick([0, 0, 0, 0.001, 0.02]),
    slowShare: random.pick([0, 0.1, 0.5]),
    lifeLength: random.pick([100, 500, 2000, 4000]),
    flushShare: 0.005,
    slowReaderShare: random.pick([0, 0, 0.1, 0.5]),
    slowSenderShare: random.pick([0, 0, 0.1, 0.8]),
    partShare: random.pick([0.02, 0.2]),
    lookMs: random.pick([0.001, 0.01, 0.1]),
    doomedShare: random.pick([0.05, 0.3]),
    cutShare: random.pick([0, 0.005, 0.03]),
    hasLimits: random.chance(0.3),
    fillingShare: 0,
    fillsOnce: false,
    filledLength: 0,
    diskLength: undefined,
    othersShare: 0,
    operationFactor: 1,
    sweptShare: 0,
    surgeLength: 0,
    isPinched: false,
    aloneLength: 0,
  }
}
