import { endpointOf } from '../endpoint.js'
import type { ParsedArguments } from '../parsed-arguments.js'
import { explainSilence } from '../silence.js'
import type { Io } from '../sub-command.js'
import { BinaryCache } from './binary-cache.js'
import type { Cache } from './cache.js'
import { TextCache } from './text-cache.js'

/** Connects with the options, runs an action, and closes. */
export async function withCache<Result>(
  given: ParsedArguments,
  io: Io,
  address: string | undefined,
  use: (cache: Cache) => Promise<Result>,
): Promise<Result> {
  const endpoint = endpointOf(given, io.environment, address)
  const useOne = async (opening: Promise<Cache>): Promise<Result> => {
    const cache = await opening
    try {
      return await use(cache)
    } finally {
      cache.close()
    }
  }
  if (given.has('text')) return useOne(TextCache.open(endpoint))
  return explainSilence(endpoint, () => useOne(BinaryCache.open(endpoint)))
}
