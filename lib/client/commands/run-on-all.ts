import type { Call } from '../calls/call.js'
import { ClientError } from '../client-error.js'
import { checkCommandOptions } from './command-options.js'
import { type CallOptions, type Executor, executed, type Target } from './executor.js'
import { whenReady } from './time-left.js'
import { isTraced, traced } from './tracing.js'

/** Runs a call on each server. Returns the results by the servers' names, or throws one error that names those that failed. */
export async function runOnAll<R>(
  executor: Executor,
  name: string,
  createCall: () => Call<R>,
  options: CallOptions | undefined,
): Promise<Map<string, R>> {
  checkCommandOptions(name, options)
  const optionsLeft = executor.isReady ? options : await whenReady(executor, options)
  const results = new Map<string, R>()
  const failures = new Map<string, Error>()
  await Promise.all(
    executor.targets().map(async (target) => {
      try {
        results.set(target.name, await runOn(target, name, createCall(), optionsLeft))
      } catch (error) {
        failures.set(target.name, error as Error)
      }
    }),
  )
  if (failures.size > 0) throw failureOf(failures)
  return results
}

function runOn<R>(target: Target, name: string, call: Call<R>, options: CallOptions | undefined): Promise<R> {
  const promise = executed(target, call, options)
  return isTraced() ? traced(promise, { name, server: target.name, keys: [] }) : promise
}

function failureOf(failures: ReadonlyMap<string, Error>): Error {
  const errors = [...failures.values()]
  const [first] = errors
  if (errors.length === 1) return first!
  const words = [...failures].map(([name, { message }]) =>
    message.startsWith(name) ? message : `${name}: ${message}`,
  )
  const code = first instanceof ClientError ? first.code : 'SERVER'
  return new ClientError(code, words.join('; '), { cause: new AggregateError(errors) })
}
