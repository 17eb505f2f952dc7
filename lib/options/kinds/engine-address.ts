import type { OptionKind } from './kind.js'
import { readEndpoint } from './listen-address.js'
import { isPort } from './number-kinds.js'

/** Where an engine is, and how to log in there. */
export interface EngineAddress {
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  readonly isEncrypted: boolean
  /** The name of the primary that the endpoints, which are sentinels, know; undefined if they are nodes. */
  readonly sentinelName: string | undefined
}

/**
 * `redis://[user:password@]host[:port][,host:port…][/database]`; `rediss` for TLS, `valkey` and `valkeys` mean the same. Each
 * host may have the scheme again. `redis+sentinel://…/name[/database]` names sentinels, and the primary that they watch.
 * Undefined for anything else.
 */
export function readEngineAddress(typed: string): EngineAddress | undefined {
  const single = typed.replaceAll(/,(?:rediss?|valkeys?)(?:\+sentinel)?:\/\//g, ',')
  const [, scheme = '', sentinel, login, places = '', path = ''] = ADDRESS.exec(single) ?? []
  const isSentinel = sentinel !== undefined
  const parts = (sentinel === undefined ? PATH : SENTINEL_PATH).exec(path)?.groups
  if (scheme === '' || parts === undefined) return undefined
  const { name, database = '0' } = parts
  const sentinelName = name === undefined ? undefined : decoded(name)
  if (isSentinel && sentinelName === undefined) return undefined
  const endpoints = places.split(',').map((place) => readPlace(place, isSentinel))
  if (!endpoints.every((endpoint) => endpoint !== undefined)) return undefined
  const colon = login?.indexOf(':') ?? -1
  const username = colon > 0 ? decoded(login!.slice(0, colon)) : undefined
  const password = colon < 0 ? undefined : decoded(login!.slice(colon + 1))
  return {
    endpoints,
    username,
    password,
    database: Number(database),
    isEncrypted: ENCRYPTED.includes(scheme),
    sentinelName,
  }
}

function readPlace(place: string, isSentinel: boolean): { host: string; port: number } | undefined {
  const port = isSentinel ? SENTINEL_PORT : DEFAULT_PORT
  const endpoint = readEndpoint(place) ?? readEndpoint(`${place}:${port}`)
  return endpoint !== undefined && isPort(endpoint.port) && endpoint.port > 0 ? endpoint : undefined
}

const ADDRESS = /^(rediss?|valkeys?)(\+sentinel)?:\/\/(?:([^@/]*)@)?([^/@]+?)(\/.*)?$/
const PATH = /^(?:\/(?<database>\d{1,5})?)?$/
const SENTINEL_PATH = /^\/(?<name>[^/]+)(?:\/(?<database>\d{1,5})?)?$/
const ENCRYPTED: readonly string[] = ['rediss', 'valkeys']
const DEFAULT_PORT = 6379
const SENTINEL_PORT = 26379

/** Undefined if it is not written as in a URL. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** The address of an engine, or none. A password is never shown. */
export const ENGINE: OptionKind<string | null> = {
  argument: '<addr>',
  type: 'string',
  wanted: `the address of an engine; give redis://host:port, and for a cluster more nodes after commas; or sentinels, as redis+sentinel://host:port,…/name`,
  read: (typed) => typed,
  accepts: (value) => value === null || (typeof value === 'string' && readEngineAddress(value) !== undefined),
  write: (value) => value?.replace(/:[^:@/]*@/, ':***@') ?? '',
}
