import type { Call } from '../calls/call.js'
import { ClientError } from '../client-error.js'
import { checkCommandOptions } from './command-options.js'
import { type CallOptions, type Executor, executed, type Target } from './executor.js'
import { serversError } from './partial-error.js'
import { whenReady } from './time-left.js'
import { isTraced, traced } from './tracing.js'

/**
 * Runs a call on each server. Returns the results by the servers' names, or throws one error that names those that failed and
 * has the results of the others.
 */
export async function runOnAll<R>(
  executor: Executor,
  name: string,
  createCall: () => Call<R>,
  options: CallOptions | undefined,
): Promise<Map<string, R>> {
  checkCommandOptions(name, options)
  const optionsLeft = executor.isReady ? options : await whenReady(executor, options)
  const results = new Map<string, R>()
  const failures = new Map<string, ClientError>()
  await Promise.all(
    executor.targets().map(async (target) => {
      try {
        results.set(target.name, await runOn(target, name, createCall(), optionsLeft))
      } catch (error) {
        failures.set(target.name, serverError(error))
      }
    }),
  )
  if (failures.size > 0) throw serversError(name, failures, results)
  return results
}

/** What a pool of the program's own throws has no code. */
const serverError = (error: unknown): ClientError =>
  error instanceof ClientError ? error : new ClientError('SERVER', String(error), { cause: error })

function runOn<R>(target: Target, name: string, call: Call<R>, options: CallOptions | undefined): Promise<R> {
  const promise = executed(target, call, options)
  return isTraced() ? traced(promise, { name, server: target.name, keys: [] }) : promise
}
