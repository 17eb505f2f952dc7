import type { DiskFaults } from './disk-faults.js'
import type { JudgedWorker } from './oracle.js'
import type { RoomJudge } from './room-judge.js'
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
  room: RoomJudge | undefined,
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
      return faults.count > 0 || room?.mayRefuse === true
    },
    get fittingLength() {
      const { pinnedCount, arrivingCount } = segments.pool
      if (pinnedCount > arrivingCount) return 0
      const keptCount = SEGMENTS_KEPT * workerCount + (arrivingCount > 0 ? SEGMENTS_AT_ENDS : 0)
      const share = arrivingCount > 0 ? SHARE_BESIDE_ARRIVING : 1
      return FITTING_SHARE * (share * segments.limit - keptCount * segments.segmentLength)
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
/** Of the rest, items use this much before any may be refused. */
const FITTING_SHARE = 0.4

/** What is left for other items when the most values arrive: in half of all segments, two more, and an eighth. */
const SHARE_BESIDE_ARRIVING = 3 / 8
const SEGMENTS_AT_ENDS = 2

/** What a worker keeps free to move items to, and what it clears. */
const SEGMENTS_AT_WORK = 3
/** Of each other segment, this much must be live before items are evicted. */
const LIVE_SHARE = 15 / 16
