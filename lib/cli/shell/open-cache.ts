import { ConnectionError } from '../connection/connection.js'
import { endpointOf } from '../connection/endpoint.js'
import { ExitCode } from '../exit-codes.js'
import type { ParsedArguments } from '../parsed-arguments.js'
import { Refusal } from '../refusal.js'
import type { Io } from '../sub-command.js'
import { BinaryCache } from './binary-cache.js'
import type { Cache } from './cache.js'
import { TextCache } from './text-cache.js'

/** Connects as the options say, does something, and leaves. */
export async function withCache<Result>(
  given: ParsedArguments,
  io: Io,
  address: string | undefined,
  use: (cache: Cache) => Promise<Result>,
): Promise<Result> {
  const endpoint = endpointOf(given, io.environment, address)
  return refusingWithoutServer(async () => {
    const cache = await (given.has('text') ? TextCache : BinaryCache).open(endpoint)
    try {
      return await use(cache)
    } finally {
      cache.close()
    }
  })
}

/** A server that is not there, or goes away, is told in one sentence. */
export async function refusingWithoutServer<Result>(use: () => Promise<Result>): Promise<Result> {
  try {
    return await use()
  } catch (error) {
    if (error instanceof ConnectionError) throw new Refusal(ExitCode.UNAVAILABLE, error.message)
    throw error
  }
}
