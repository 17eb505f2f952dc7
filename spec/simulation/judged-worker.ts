import type { Arena } from '../../lib/arena/arena.js'
import type { MemoryStore } from '../../lib/store/memory-store.js'
import type { Store } from '../../lib/store/store.js'
import { memoriesOf } from '../support/memories.js'
import type { DiskFaults } from './disk-faults.js'
import type { RoomJudge } from './room-judge.js'
import type { SecuredRecords } from './secured-records.js'
import type { ServerOptions } from './simulated-server.js'
import type { SimulatedWorker } from './simulated-worker.js'

/** The properties of a worker that the oracle needs. */
export interface JudgedWorker {
  readonly number: number
  readonly now: number
  readonly arena: Arena
  readonly store: Store
  readonly itemSizeMax: number
  /** How many records its journal has, and those of all others. */
  recordCounts(): readonly number[]
  /** Its journal, or another, may refuse changes: the disk has failed. */
  readonly mayRefuse: boolean
  /** This many bytes of items and their index fit in any case; 0 while some of them are pinned. */
  readonly fittingLength: number
  /** Below this, dead bytes can be freed, and nothing is evicted; 0 while some are pinned. */
  readonly evictableLength: number
  /** For so many bytes there is room in any case, because other items are evicted; 0 while some are pinned. */
  readonly evictingLength: number
}

/** A worker of the present server as the oracle sees it. */
export function judgedWorker(
  worker: SimulatedWorker,
  number: number,
  { itemSizeMax, workerCount, mayEvict }: ServerOptions,
  records: SecuredRecords,
  faults: DiskFaults,
  room: RoomJudge | undefined,
): JudgedWorker {
  const { store } = worker
  const memories = memoriesOf(store)
  const leastOf = (length: (memory: MemoryStore) => number): number => Math.min(...memories.map(length))
  return {
    number,
    arena: worker.arena,
    store,
    itemSizeMax,
    get now() {
      return worker.clock.now
    },
    recordCounts: () => records.recordCounts(),
    get mayRefuse() {
      return faults.count > 0 || room?.mayRefuse === true
    },
    // Of several memories one may have all items.
    get fittingLength() {
      return leastOf(({ segments }) => {
        const { pinnedCount, arrivingCount } = segments.pool
        if (pinnedCount > arrivingCount) return 0
        const keptCount = SEGMENTS_KEPT * workerCount + (arrivingCount > 0 ? SEGMENTS_AT_ENDS : 0)
        const share = arrivingCount > 0 ? SHARE_BESIDE_ARRIVING : 1
        return FITTING_SHARE * (share * segments.limit - keptCount * segments.segmentLength)
      })
    },
    get evictableLength() {
      return leastOf(({ segments, index }) => {
        if (segments.pool.pinnedCount > 0) return 0
        const keptCount = workerCount * (SEGMENTS_AT_WORK + segments.laneCount) + index.segmentCount
        return LIVE_SHARE * (segments.limit - keptCount * segments.segmentLength)
      })
    },
    get evictingLength() {
      return leastOf(({ segments }) => {
        const isEnough = segments.limit >= SEGMENTS_OF_WORKER * workerCount * segments.segmentLength
        return mayEvict && isEnough && segments.pool.pinnedCount === 0 ? EVICTING_SHARE * segments.limit : 0
      })
    },
  }
}

/** What a worker keeps free, writes to, or may have pinned. */
const SEGMENTS_KEPT = 6
/** Of the rest, items use this much before any may be refused. */
const FITTING_SHARE = 0.4

/** What is left for other items when the most values arrive: in half of all segments, two more, and an eighth. */
const SHARE_BESIDE_ARRIVING = 3 / 8
const SEGMENTS_AT_ENDS = 2

/** A server has no more workers than this allows. */
const SEGMENTS_OF_WORKER = 16
/** Evicting makes room for a value at least as long as this part of memory. */
const EVICTING_SHARE = 1 / 16

/** What a worker keeps free to move items to, and what it clears. */
const SEGMENTS_AT_WORK = 3
/** Of each other segment, this much must be live before items are evicted. */
const LIVE_SHARE = 15 / 16
