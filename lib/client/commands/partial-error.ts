import { ClientError } from '../client-error.js'
import type { Key } from './command-options.js'

/** Some keys of a batch failed. The others are done. */
export class PartialError extends ClientError {
  /** Why, for each key that failed. */
  readonly failed: ReadonlyMap<Key, ClientError>
  /** What arrived nevertheless (`getMany`). */
  readonly found: ReadonlyMap<Key, unknown>

  constructor(
    command: string,
    failed: ReadonlyMap<Key, ClientError>,
    found: ReadonlyMap<Key, unknown> = new Map(),
  ) {
    const [first] = failed.values()
    super('PARTIAL', `${command}: ${failed.size} keys failed: ${first?.message}`, { cause: first })
    this.failed = failed
    this.found = found
  }
}

/** The error of one key. What a format of the program's own throws has no code. */
export const keyError = (error: unknown): ClientError =>
  error instanceof ClientError
    ? error
    : new ClientError('BAD_VALUE', error instanceof Error ? error.message : String(error), { cause: error })
