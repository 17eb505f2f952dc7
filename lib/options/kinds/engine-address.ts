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
}

/**
 * `redis://[user:password@]host[:port][,host:port…][/database]`; `rediss` for TLS, `valkey` and `valkeys` mean the same. Each
 * host may have the scheme again. Undefined for anything else.
 */
export function readEngineAddress(typed: string): EngineAddress | undefined {
  const single = typed.replaceAll(/,(?:rediss?|valkeys?):\/\//g, ',')
  const [, scheme = '', login, places = '', database = '0'] = ADDRESS.exec(single) ?? []
  if (scheme === '') return undefined
  const endpoints = places.split(',').map(readPlace)
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
  }
}

function readPlace(place: string): { host: string; port: number } | undefined {
  const endpoint = readEndpoint(place) ?? readEndpoint(`${place}:${DEFAULT_PORT}`)
  return endpoint !== undefined && isPort(endpoint.port) && endpoint.port > 0 ? endpoint : undefined
}

const ADDRESS = /^(rediss?|valkeys?):\/\/(?:([^@/]*)@)?([^/@]+?)(?:\/(\d{1,5})?)?$/
const ENCRYPTED: readonly string[] = ['rediss', 'valkeys']
const DEFAULT_PORT = 6379

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
  wanted: 'the address of an engine; give redis://host:port, and for a cluster more nodes after commas',
  read: (typed) => typed,
  accepts: (value) => value === null || (typeof value === 'string' && readEngineAddress(value) !== undefined),
  write: (value) => value?.replace(/:[^:@/]*@/, ':***@') ?? '',
}
