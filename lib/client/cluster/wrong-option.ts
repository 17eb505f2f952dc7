import { badOption, badTime, isObject, isSignal, isTime } from '../check-options.js'
import type { ClientError } from '../client-error.js'
import type { CallOptions } from '../commands/executor.js'

/** What is wrong with the options of a call, or undefined. Not an exception: a call is settled with it. */
export function wrongOption(options: CallOptions | undefined): ClientError | undefined {
  if (options === undefined) return undefined
  if (!isObject(options)) return badOption('options', 'an object')
  const { timeout, signal } = options
  if (timeout !== undefined && !isTime(timeout)) return badTime('timeout', timeout)
  if (signal !== undefined && !isSignal(signal)) return badOption('signal', 'an AbortSignal')
  return undefined
}
