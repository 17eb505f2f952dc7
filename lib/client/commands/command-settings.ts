import type { KeyEncoder } from '../keys/key-encoder.js'
import type { ValueFormat } from '../values/value-format.js'
import type { Executor } from './executor.js'

/** How keys and values of a program become those of a server. */
export interface CommandSettings {
  readonly keys: KeyEncoder
  readonly format: ValueFormat
  /** Whether the servers may be asked in meta. */
  readonly hasMeta: boolean
}

/** What each command needs. */
export interface CommandParts {
  readonly executor: Executor
  readonly settings: CommandSettings
}
