/** What a pool counts. */
export interface PoolStatistics {
  /** Connections now: all, those without calls, those with calls. */
  total: number
  idle: number
  active: number
  /** Since the client began. */
  created: number
  destroyed: number
  /** Attempts to connect that failed, and connections that were lost. */
  errors: number
  /** Calls that asked for a connection; those of them that had to wait; how long these waited in all. */
  acquires: number
  waits: number
  waitedMs: number
  /** Calls that wait now. */
  waiting: number
}

export const createPoolStatistics = (): PoolStatistics => ({
  total: 0,
  idle: 0,
  active: 0,
  created: 0,
  destroyed: 0,
  errors: 0,
  acquires: 0,
  waits: 0,
  waitedMs: 0,
  waiting: 0,
})
