import type { Random } from '../support/random.js'
import type { Aim } from './aim.js'
import { MEGABYTE, NEARLY_FULL, type Plan, type PlanChange, tightPlan } from './plan.js'

/** What the plan of a run has, by what the run is aimed at. */
export const AIMED_PLANS: Readonly<Record<Aim, PlanChange>> = {
  crashes: crashesPlan,
  pinned: pinnedPlan,
  'late workers': lateWorkersPlan,
  surge: surgePlan,
  pinch: pinchPlan,
}

/** Most of memory is long values, some of them expire, and many readers are slow. */
function pinnedPlan(random: Random, plan: Plan): Plan {
  const memoryLength = 2 * MEGABYTE
  return {
    ...plan,
    ...NEARLY_FULL,
    mayEvict: true,
    fillsOnce: true,
    workerCounts: [1],
    memoryLengths: [memoryLength],
    itemSizesMax: [memoryLength / 2],
    keyCount: random.pick([500, 800]),
    operationFactor: 3,
    longestValue: 40_000,
    thresholdShare: 0.6,
    fillingShare: 0.3,
    sweptShare: random.pick([0.3, 0.5]),
    calm: 20,
    lifeLength: 2000,
    cutShare: 0,
  }
}

/** Items fill memory again as soon as each server has started, and all workers but the first begin to write later. */
function lateWorkersPlan(random: Random, plan: Plan): Plan {
  const memoryLength = 4 * MEGABYTE
  const filledLength = 3300
  return {
    ...plan,
    ...NEARLY_FULL,
    mayEvict: false,
    workerCounts: [4],
    memoryLengths: [memoryLength],
    itemSizesMax: [memoryLength / 2],
    keyCount: Math.floor(((0.85 + random.below(20) / 100) * memoryLength) / filledLength),
    filledLength,
    fillingShare: 0.9,
    lifeLength: 80,
    aloneLength: 60,
    doomedShare: 0.05,
    cutShare: 0,
  }
}

/** Short records, of which some are not on the disk yet, and many snapshots. */
function crashesPlan(random: Random, plan: Plan): Plan {
  return {
    ...plan,
    fsync: random.pick(['everysec', 'no']),
    longestValue: random.pick([100, 1000]),
    workerCounts: random.pick([[1], [2]]),
    keyCount: random.pick([100, 1000]),
    hotCount: 16,
    calm: 1,
    operationFactor: 2,
    faultShare: 0,
    cutShare: 0,
    lifeLength: 1500,
    lookMs: 0.001,
    slowReaderShare: 0,
    slowSenderShare: 0,
  }
}

/** A few items, until a snapshot begins; then many more. */
function surgePlan(random: Random, plan: Plan): Plan {
  // Journals grow to the bound of the disk, or of the directory.
  const isSmall = random.chance(0.7)
  const memoryLength = (isSmall ? 2 : 1) * MEGABYTE
  return {
    ...tightPlan(random, plan),
    workerCounts: isSmall ? random.pick([[1], [2]]) : [1],
    memoryLengths: [memoryLength],
    itemSizesMax: [memoryLength / 2],
    diskLength: (isSmall ? 3 : Number.POSITIVE_INFINITY) * MEGABYTE,
    hotCount: 10,
    keyCount: 370,
    longestValue: 5000,
    filledLength: 4000,
    fillingShare: 0.9,
    expiringShare: 0,
    flushShare: 0,
    faultShare: 0,
    othersShare: 0,
    slowShare: 0,
    jumpSecondsMax: 1,
    lifeLength: 4000,
    surgeLength: 1800,
    cutShare: 0,
  }
}

/** Now and then the disk has just the space that a snapshot needs. */
function pinchPlan(random: Random, plan: Plan): Plan {
  return {
    ...tightPlan(random, plan),
    diskLength: random.pick([3, 5]) * MEGABYTE,
    lifeLength: 300,
    isPinched: true,
  }
}
