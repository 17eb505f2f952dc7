/** How many connections there are to each server, and how they are kept. Times are in milliseconds. */
export interface PoolOptions {
  /** Connections that are kept open, even without calls. Default: 0; the first call opens one. */
  readonly min: number
  /** Default: 2. */
  readonly max: number
  /** Another connection is opened while each has more calls than this. Default: 128. */
  readonly busyAt: number
  /** Calls on one connection whose replies are still to come. Default: 1024. */
  readonly inFlightMax: number
  /** Calls that wait for a connection. Default: 10,000. */
  readonly waitingMax: number
  /** Calls that have failed by their deadline, and whose replies are still to come; beyond it a connection is closed. Default: 128. */
  readonly abandonedMax: number
  /** A connection is replaced after this time, less up to a tenth of it at random. 0: never. Default: 0. */
  readonly lifetimeMs: number
  /** A connection without calls is closed after this time, unless `min` are left. 0: never. Default: 5 minutes. */
  readonly idleMs: number
  /** A connection without calls for this time is asked for a sign of life. 0: never. Default: 30 seconds. */
  readonly healthCheckMs: number
  /** After a failed attempt to connect, the next one waits: first `backoffMinMs`, then twice as long each time, up to `backoffMaxMs`. Calls that come meanwhile fail at once. Default: 50 and 2,000. */
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
}

export const POOL_DEFAULTS: PoolOptions = {
  min: 0,
  max: 2,
  busyAt: 128,
  inFlightMax: 1024,
  waitingMax: 10_000,
  abandonedMax: 128,
  lifetimeMs: 0,
  idleMs: 5 * 60_000,
  healthCheckMs: 30_000,
  backoffMinMs: 50,
  backoffMaxMs: 2_000,
}
