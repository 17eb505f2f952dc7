import type { ServerOptions } from '../../options/table/options.js'

/** The options of a test server, complete. */
export interface ServingOptions {
  readonly server: ServerOptions
  readonly host: string
  readonly port: number
  readonly isManual: boolean
  readonly startMs: number
  readonly seed: number
  /** The test has given the seed, so it is not printed. */
  readonly isSeedGiven: boolean
  readonly requestCountMax: number
}
