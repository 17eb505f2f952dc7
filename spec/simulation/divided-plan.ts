import { hasBridges } from '../../lib/arena/bridge.js'
import { MEGABYTE, type Plan } from './plan.js'

/** One seed in three has items in several memories, where this version of Node can have them. */
export const memoryCountOf = (seed: number): number =>
  seed % DIVIDED_EVERY === 2 && hasBridges() ? DIVIDED_COUNT : 1
const DIVIDED_EVERY = 3
const DIVIDED_COUNT = 4

/**
 * The same plan with items in this many memories, in most of its servers. Each memory has a megabyte at least, for which there are
 * more keys, and a larger disk.
 */
export function dividedPlan(plan: Plan, memoryCount: number): Plan {
  if (memoryCount === 1) return plan
  const lengths = plan.memoryLengths.map((length) => Math.max(length, memoryCount * MEGABYTE))
  const factor = lengths[0]! / plan.memoryLengths[0]!
  const itemSizeMax = Math.min(...lengths) / memoryCount / 2
  return {
    ...plan,
    memoryLengths: lengths,
    memoryCounts: [memoryCount, memoryCount, 1],
    itemSizesMax: plan.itemSizesMax.map((size) => Math.min(size, itemSizeMax)),
    keyCount: Math.ceil(plan.keyCount * factor),
    diskLength: plan.diskLength && plan.diskLength * factor,
  }
}
