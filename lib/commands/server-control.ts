import type { Statistic } from '../request/reply.js'

/** What statistics tell of the server around the store. Read when somebody asks. */
export interface ServerControl {
  /** The version of memcached whose protocols we speak: clients decide by it what they may send. */
  readonly memcachedVersion: string
  readonly threadCount: number
  readonly connectionCountMax: number
  readonly connectionCount: number
  /** Sees to it that whoever has connected by now is counted. */
  countConnections(): void
  /** Windows in use, and windows that have ever been in use at once. */
  readonly windowCount: number
  readonly windowCountMax: number
  readonly windowLength: number
  /** How much is said on standard error from now on. */
  setVerbosity(level: number): void
  /** A request has met a defect of this server: says so where its people look. */
  reportDefect(error: unknown): void
  /** Ends the server, soon. */
  shutDown(isGraceful: boolean): void
  /** Seconds since the certificates were read; 0 without TLS. */
  readonly certificateAge: number
  /** Reads the certificates again. Returns why it cannot, or nothing. */
  refreshCertificates(): string | undefined
  /** `stats settings` */
  settings(detailEnabled: boolean): readonly Statistic[]
  /** `stats conns` */
  connections(): readonly Statistic[]
  /** `stats journal`; undefined when nothing is kept. */
  journal?(): readonly Statistic[] | undefined
}
