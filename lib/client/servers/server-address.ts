/** Where a server is, and how much of the keys it gets. */
import { isIPv6 } from 'node:net'
import { ClientError } from '../client-error.js'
import { checkNames } from '../option-names.js'

export interface ServerAddress {
  /** `host:port`, `[IPv6]:port` or the path of a socket. Servers with one name are one server. */
  readonly name: string
  /** Empty if there is a path. */
  readonly host: string
  /** 0 if there is a path. */
  readonly port: number
  /** Of a Unix socket. */
  readonly path: string | undefined
  /** A whole number from 1. */
  readonly weight: number
  /** Undefined: as the options of the client say. */
  readonly tls: boolean | undefined
  /** The name that the certificate is for, if `host` is an address that was found under this name. */
  readonly serverName: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
}

/** What users write. */
export type ServerGiven = string | WeightedServer

export interface WeightedServer {
  readonly address: string
  readonly weight?: number
}

export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = 11211
const PORT_MAX = 65_535
const WEIGHT_MAX = 65_535

const FORMS = 'HOST:PORT, HOST, :PORT, [IPv6]:PORT, /path/of/socket or memcached://USER:PASSWORD@HOST:PORT'

/** Throws BAD_OPTION, with the address in the message but no password. */
export function parseServer(given: ServerGiven): ServerAddress {
  if (typeof given === 'object' && given !== null) checkNames('server', given, ['address', 'weight'])
  const { address, weight = 1 } = typeof given === 'object' && given !== null ? given : { address: given }
  if (typeof address !== 'string') throw badAddress(String(address))
  if (!Number.isInteger(weight) || weight < 1 || weight > WEIGHT_MAX)
    throw new ClientError(
      'BAD_OPTION',
      `${withoutLogin(address)}: a weight is a whole number from 1 to ${WEIGHT_MAX}, not ${weight}`,
    )
  return { ...parseAddress(address), weight }
}

/** Throws BAD_OPTION, also if two are one server. */
export function parseServers(given: readonly ServerGiven[]): readonly ServerAddress[] {
  if (!Array.isArray(given))
    throw new ClientError('BAD_OPTION', `${String(given)}: a list of servers is an array`)
  const servers = given.map(parseServer)
  const names = new Set<string>()
  for (const { name } of servers) {
    if (names.has(name)) throw new ClientError('BAD_OPTION', `${name}: given twice`)
    names.add(name)
  }
  return servers
}

type Parsed = Omit<ServerAddress, 'weight'>

const PLAIN = {
  path: undefined,
  tls: undefined,
  serverName: undefined,
  username: undefined,
  password: undefined,
}

function parseAddress(text: string): Parsed {
  if (text.startsWith('/')) return { ...PLAIN, name: text, host: '', port: 0, path: text }
  const scheme = /^(memcacheds?):\/\//.exec(text)
  if (scheme !== null) return parseUrl(text, scheme[1] === 'memcacheds')
  if (text.includes(',')) throw severalServers(withoutLogin(text))
  const place = parsePlace(text)
  if (place === undefined) throw badAddress(text)
  return { ...PLAIN, ...place }
}

/** Not by the class URL: that accepts and alters much that is no address of ours, and names it in its errors. */
function parseUrl(text: string, tls: boolean): Parsed {
  const [, login, placeText] = /^memcacheds?:\/\/(?:([^@]*)@)?([^@/?#]+)\/?$/.exec(text) ?? []
  const place = parsePlace(placeText ?? '')
  if (place === undefined) throw badAddress(text)
  if (login === undefined) return { ...PLAIN, ...place, tls }
  const [, username, password] = /^([^:]+):(.*)$/.exec(login) ?? []
  if (username === undefined || password === undefined) throw badAddress(text)
  try {
    const decoded = { username: decodeURIComponent(username), password: decodeURIComponent(password) }
    return { ...PLAIN, ...place, tls, ...decoded }
  } catch {
    throw badAddress(text)
  }
}

function parsePlace(text: string): { name: string; host: string; port: number } | undefined {
  if (isIPv6(text)) return placeOf(text, DEFAULT_PORT)
  const [, inBrackets, bare, portText] = /^(?:\[([^\]]*)\]|([^:[\]/\s,]*))(?::(\d{1,5}))?$/.exec(text) ?? []
  if (inBrackets !== undefined && !isIPv6(inBrackets)) return undefined
  const host = inBrackets ?? (bare === '' && portText !== undefined ? DEFAULT_HOST : bare)
  const port = portText === undefined ? DEFAULT_PORT : Number(portText)
  if (host === undefined || host === '' || !isPort(port)) return undefined
  return placeOf(host, port)
}

/** The address of a server that was found by a name, or in a list of a cluster. */
export const serverAt = (host: string, port: number, others: Partial<ServerAddress> = {}): ServerAddress => ({
  ...PLAIN,
  ...placeOf(host, port),
  weight: 1,
  ...others,
})

export const isPort = (port: number): boolean => port >= 1 && port <= PORT_MAX

/** Whether a connection to the one is as good as one to the other. */
export const isReachedAlike = (one: ServerAddress, other: ServerAddress): boolean =>
  one.name === other.name &&
  one.tls === other.tls &&
  one.serverName === other.serverName &&
  one.username === other.username &&
  one.password === other.password

const placeOf = (host: string, port: number) => ({
  name: isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`,
  host,
  port,
})

const badAddress = (text: string): ClientError =>
  new ClientError('BAD_OPTION', `${JSON.stringify(withoutLogin(text))}: an address is ${FORMS}`)

/** Other clients take a list in one text. */
function severalServers(text: string): ClientError {
  const list = text.split(',').map((server) => `'${server.trim()}'`)
  return new ClientError(
    'BAD_OPTION',
    `${JSON.stringify(text)}: several servers are an array: [${list.join(', ')}]`,
  )
}

const withoutLogin = (text: string): string => text.replace(/\/\/.*@/, '//')
