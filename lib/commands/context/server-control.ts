import type { Statistic } from '../../request/reply.js'

/** What statistics show of the server around the store. Read on request. */
export interface ServerControl {
  /** The version of memcached whose protocols the server implements: clients decide by it what they may send. */
  readonly memcachedVersion: string
  readonly threadCount: number
  readonly connectionCountMax: number
  readonly connectionCount: number
  /** Ensures that all connections made by now are counted. */
  countConnections(): void
  /** Windows in use, and the most windows that were ever in use at once. */
  readonly windowCount: number
  readonly windowCountMax: number
  readonly windowLength: number
  /** Sets how much is logged on standard error from now on. */
  setVerbosity(level: number): void
  /** A request has met a defect of this server: logs it for the operator. */
  reportDefect(error: unknown): void
  /** Ends the server, soon. */
  shutDown(isGraceful: boolean): void
  /** Seconds since the certificates were read; 0 without TLS. */
  readonly certificateAge: number
  /** Reads the certificates again. Returns the error, if any. */
  refreshCertificates(): string | undefined
  /** `stats settings` */
  settings(detailEnabled: boolean): readonly Statistic[]
  /** `stats conns` */
  connections(): readonly Statistic[]
  /** `stats journal`; undefined if nothing is kept. */
  journal?(): readonly Statistic[] | undefined
  /** `stats gateway`; undefined without a gateway. */
  gateway?(): readonly Statistic[] | undefined
}
