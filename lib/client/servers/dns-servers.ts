/**
 * Lists of servers from DNS: each address of a name (A and AAAA), or each target of a service (SRV).
 *
 * The addresses are sorted: resolvers rotate them, and the list must not change for that, as selectors depend on its order.
 */
import { promises as dns } from 'node:dns'
import { ClientError } from '../client-error.js'
import { isPort, type ServerAddress, serverAt } from './server-address.js'

/** What is used of node:dns/promises, or of a Resolver of it. */
export interface DnsResolver {
  resolve4(name: string): Promise<string[]>
  resolve6(name: string): Promise<string[]>
  resolveSrv(name: string): Promise<{ name: string; port: number; weight: number; priority: number }[]>
}

/** A name that has no record of this kind, which is an answer. */
const NO_RECORD = new Set(['ENODATA', 'ENOTFOUND'])

/** Each address of the name is a server. */
export async function serversOfName(
  name: string,
  port: number,
  resolver: DnsResolver = dns,
): Promise<readonly ServerAddress[]> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const addresses = [...addressesOf(four), ...addressesOf(six)].sort()
  if (addresses.length === 0) throw new ClientError('UNREACHABLE', 'no addresses')
  return addresses.map((address) => serverAt(address, port, { serverName: name }))
}

/**
 * If one of the questions fails, the answer to the other is not the whole list. Half a list would move keys, so it is an error:
 * the last list stays.
 */
function addressesOf(answer: PromiseSettledResult<string[]>): string[] {
  if (answer.status === 'fulfilled') return answer.value
  if (NO_RECORD.has((answer.reason as NodeJS.ErrnoException).code ?? '')) return []
  throw answer.reason
}

/** Each target of the service is a server. Only targets of the best priority count: the others are for when these are down. */
export async function serversOfService(
  name: string,
  resolver: DnsResolver = dns,
): Promise<readonly ServerAddress[]> {
  const targets = await resolver.resolveSrv(name)
  const priority = Math.min(...targets.map((target) => target.priority))
  const servers = targets
    // A name of only the root, without a port, says that there is no such service.
    .filter((target) => target.priority === priority && isPort(target.port))
    // In SRV 0 is the weight of those that need no weighing.
    .map((target) =>
      serverAt(target.name.replace(/\.$/, ''), target.port, { weight: Math.max(1, target.weight) }),
    )
  return servers.sort((left, right) => (left.name < right.name ? -1 : 1))
}
