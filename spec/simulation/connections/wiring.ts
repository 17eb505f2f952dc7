import type { Arena } from '../../../lib/arena/arena.js'
import { WindowPool } from '../../../lib/arena/window.js'
import { ConnectionTable } from '../../../lib/metrics/connection-table.js'
import type { Counters } from '../../../lib/metrics/counters.js'
import { WINDOW_LENGTH } from '../../../lib/request/limits.js'
import { Watchers } from '../../../lib/watch/watchers.js'
import { WINDOW_COUNT_MAX } from './wire-plan.js'

const CONNECTIONS_MAX = 64
const WATCH_LENGTHS = { watcherBufferLength: 8192, workerBufferLength: 16_384 }

/** What a worker with connections has in the arena beside what its engine needs. */
export class Wiring {
  readonly table: ConnectionTable
  readonly watchers: Watchers
  readonly pool: WindowPool

  constructor(arena: Arena, counters: Counters, windowCount: number) {
    this.table = new ConnectionTable(arena, CONNECTIONS_MAX)
    this.watchers = new Watchers(arena, counters, WATCH_LENGTHS)
    this.pool = new WindowPool(arena, WINDOW_LENGTH, windowCount)
  }

  static regionLength(workerCount: number): number {
    return (
      ConnectionTable.regionLength(CONNECTIONS_MAX, workerCount) +
      Watchers.regionLength(workerCount, WATCH_LENGTHS.workerBufferLength) +
      WindowPool.regionLength(WINDOW_LENGTH, WINDOW_COUNT_MAX, workerCount)
    )
  }
}
