import { ClientError, type ClientErrorCode } from '../client-error.js'
import type { Key } from './command-options.js'

/**
 * Some keys of a batch failed, or some servers of a command to all of them. The others are done. The code is PARTIAL; if all
 * failed with one code, it is that.
 */
export class PartialError extends ClientError {
  /** Why, for each key that failed, or for each server by its name. */
  readonly failed: ReadonlyMap<Key, ClientError>
  /** What arrived nevertheless: of a `getMany`, or by the names of the servers. */
  readonly found: ReadonlyMap<Key, unknown>

  constructor(
    command: string,
    failed: ReadonlyMap<Key, ClientError>,
    found: ReadonlyMap<Key, unknown> = new Map(),
    code: ClientErrorCode = 'PARTIAL',
    message = `${command}: ${failed.size} keys failed: ${messagesOf(failed).join('; ')}`,
  ) {
    const [first] = failed.values()
    super(code, message, { cause: first })
    this.failed = failed
    this.found = found
  }
}

/** What has become of the keys of a batch. */
export interface BatchOutcome {
  readonly command: string
  readonly failed: ReadonlyMap<Key, ClientError>
  readonly found?: ReadonlyMap<Key, unknown>
  /** No key succeeded. */
  readonly isTotal: boolean
}

/** The error of a batch: one reason, if nothing but that was in the way of all keys. */
export function batchError({ command, failed, found, isTotal }: BatchOutcome): PartialError {
  const code = isTotal ? commonCode(failed) : undefined
  if (code === undefined) return new PartialError(command, failed, found)
  return new PartialError(command, failed, found, code, messagesOf(failed).join('; '))
}

/** The error of a command to all servers. Of a single server it is its own. */
export function serversError(
  command: string,
  failed: ReadonlyMap<string, ClientError>,
  found: ReadonlyMap<string, unknown>,
): ClientError {
  const [first] = failed.values()
  const count = failed.size + found.size
  if (count === 1) return first!
  const code = found.size === 0 ? commonCode(failed) : undefined
  const words = [...failed].map(([name, { message }]) =>
    message.startsWith(name) ? message : `${name}: ${message}`,
  )
  const some = code === undefined ? `${command}: ${failed.size} of ${count} servers failed: ` : ''
  return new PartialError(command, failed, found, code, some + words.join('; '))
}

function commonCode(failed: ReadonlyMap<Key, ClientError>): ClientErrorCode | undefined {
  const [code, ...others] = new Set([...failed.values()].map((error) => error.code))
  return others.length === 0 ? code : undefined
}

/** Each reason once: the errors of calls that were refused differ only in when the next attempt begins. */
function messagesOf(failed: ReadonlyMap<Key, ClientError>): string[] {
  const messages = new Map<string, string>()
  for (const { message, cause } of failed.values()) {
    if (messages.size < SHOWN_COUNT_MAX)
      messages.set(cause instanceof ClientError ? cause.message : message, message)
  }
  return [...messages.values()]
}

const SHOWN_COUNT_MAX = 100

/** The error of one key. What a format of the program's own throws has no code. */
export const keyError = (error: unknown): ClientError =>
  error instanceof ClientError
    ? error
    : new ClientError('BAD_VALUE', error instanceof Error ? error.message : String(error), { cause: error })
