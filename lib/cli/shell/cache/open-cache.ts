import { endpointOf } from '../../arguments/endpoint.js'
import type { ParsedArguments } from '../../arguments/parsed-arguments.js'
import type { Io } from '../../arguments/sub-command.js'
import type { Cache } from './cache.js'
import { ClientCache } from './client-cache.js'
import { openClient, type ShellProtocol } from './open-client.js'
import { explainSilence } from './silence.js'
import { toolErrorOf } from './tool-error.js'

/** Connects with the options, runs an action, and closes. */
export async function withCache<Result>(
  given: ParsedArguments,
  io: Io,
  address: string | undefined,
  use: (cache: Cache) => Promise<Result>,
  onlyText = false,
): Promise<Result> {
  const endpoint = endpointOf(given, io.environment, address)
  const useOne = async (protocol: ShellProtocol): Promise<Result> => {
    const cache = new ClientCache(openClient(endpoint, protocol), protocol)
    try {
      return await use(cache)
    } catch (error) {
      throw toolErrorOf(error, endpoint, protocol)
    } finally {
      await cache.close()
    }
  }
  if (given.has('text') || onlyText) return useOne('text')
  return explainSilence(endpoint, () => useOne('binary'))
}
