import type { DiskFaults } from './disk-faults.js'
import type { JudgedWorker } from './oracle.js'
import type { SecuredRecords } from './secured-records.js'
import type { ServerOptions } from './simulated-server.js'
import type { SimulatedWorker } from './simulated-worker.js'

/** A worker of the present server as the oracle sees it. */
export function judgedWorker(
  worker: SimulatedWorker,
  number: number,
  { itemSizeMax, workerCount }: ServerOptions,
  records: SecuredRecords,
  faults: DiskFaults,
): JudgedWorker {
  const { store } = worker
  const { segments, index } = store
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
      return faults.count > 0
    },
    get fittingLength() {
      if (segments.pool.pinnedCount > 0) return 0
      const kept = SEGMENTS_KEPT * workerCount * segments.segmentLength
      return FITTING_SHARE * (segments.limit - kept)
    },
    get evictableLength() {
      if (segments.pool.pinnedCount > 0) return 0
      const keptCount = workerCount * (SEGMENTS_AT_WORK + segments.laneCount) + index.segmentCount
      return LIVE_SHARE * (segments.limit - keptCount * segments.segmentLength)
    },
  }
}

/** What a worker keeps free, writes to, or may have pinned. */
const SEGMENTS_KEPT = 6
/** Of the rest, so much is used by items before any may be refused. */
const FITTING_SHARE = 0.4

/** What a worker keeps free to move items to, and what it clears. */
const SEGMENTS_AT_WORK = 3
/** Of each other segment, so much has to live before items are evicted. */
const LIVE_SHARE = 15 / 16
