import type { ConnectionOptions } from 'node:tls'
import { badOption, checkFunctions, checkTime, isObject } from '../check-options.js'
import { ClientError } from '../client-error.js'
import { checkNames } from '../option-names.js'
import { type DnsResolver, serversOfName, serversOfService } from './dns-servers.js'
import { ElastiCacheEndpoint } from './elasticache.js'
import { PolledServers, type PollOptions } from './polled-servers.js'
import { parseServer, parseServers, type ServerGiven } from './server-address.js'
import { FixedServers, type ServerSource } from './server-source.js'

/**
 * A server, or a list; a function that returns a list; `dns:NAME:PORT`, `srv:NAME` or `elasticache:HOST:PORT`; or a source of the
 * user's own.
 */
export type ServersGiven = ServerGiven | readonly ServerGiven[] | ListServers | ServerSource

export type ListServers = () => readonly ServerGiven[] | Promise<readonly ServerGiven[]>

export interface SourceOptions extends PollOptions {
  readonly resolver?: DnsResolver
  /** For the configuration endpoint of a cluster. */
  readonly tls?: ConnectionOptions | undefined
}

/** Throws BAD_OPTION for anything else. */
export function createServerSource(given: ServersGiven, options: SourceOptions = {}): ServerSource {
  checkSourceOptions(options)
  if (typeof given === 'function')
    return new PolledServers('the function for servers', async () => parseServers(await given()), options)
  if (typeof given === 'string') return discoveryOf(given, options) ?? new FixedServers([parseServer(given)])
  if (Array.isArray(given)) {
    if (given.length === 0) throw new ClientError('BAD_OPTION', 'servers: the list is empty')
    return new FixedServers(parseServers(given))
  }
  if (isSource(given)) return given
  return new FixedServers([parseServer(given as ServerGiven)])
}

/** Whether an address has one. Those of lists that are looked up are not known yet. */
export function hasLogin(given: ServersGiven): boolean {
  return [given].flat().some((server) => {
    const address: unknown = isObject(server) && 'address' in server ? server.address : server
    return typeof address === 'string' && /^memcacheds?:.*@/.test(address)
  })
}

function checkSourceOptions(options: SourceOptions): void {
  checkNames('discovery', options, SOURCE_OPTIONS)
  const { refreshMs, loadTimeoutMs, resolver, timers, tls } = options
  checkTime('discovery.refreshMs', refreshMs)
  checkTime('discovery.loadTimeoutMs', loadTimeoutMs)
  for (const [name, value] of Object.entries({ resolver, timers, tls }))
    if (value !== undefined && !isObject(value)) throw badOption(`discovery.${name}`, 'an object')
  if (resolver !== undefined)
    checkFunctions('discovery.resolver', resolver, ['resolve4', 'resolve6', 'resolveSrv'])
  if (timers !== undefined) checkFunctions('discovery.timers', timers, ['after', 'random'])
}

const SOURCE_OPTIONS = Object.keys({
  loadTimeoutMs: true,
  refreshMs: true,
  resolver: true,
  timers: true,
  tls: true,
} satisfies Record<keyof SourceOptions, true>)

const isSource = (given: ServersGiven): given is ServerSource =>
  typeof given === 'object' && given !== null && 'subscribe' in given

/** Not a port alone behind the word: that is a host of this name. */
const DISCOVERY = /^(dns|srv|elasticache):(?!\d+$)(.*)$/

function discoveryOf(text: string, options: SourceOptions): ServerSource | undefined {
  const [, kind, rest] = DISCOVERY.exec(text) ?? []
  if (kind === undefined) return undefined
  if (kind === 'srv') {
    if (!/^[^\s:/]+$/.test(rest!)) throw new ClientError('BAD_OPTION', `${text}: expected srv:NAME`)
    return new PolledServers(text, () => serversOfService(rest!, options.resolver), options)
  }
  // Neither a socket nor a URL, whose login would be ignored.
  if (rest!.includes('/')) throw new ClientError('BAD_OPTION', `${text}: expected ${kind}:HOST:PORT`)
  const { host, port } = parseServer(rest!)
  if (kind === 'dns')
    return new PolledServers(text, () => serversOfName(host, port, options.resolver), options)
  const endpoint = new ElastiCacheEndpoint({ host, port, tls: options.tls })
  return new PolledServers(text, (signal) => endpoint.load(signal), options)
}
