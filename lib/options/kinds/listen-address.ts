import { isIPv6 } from 'node:net'

/** Where the server accepts TCP connections. */
export interface ListenAddress {
  /** A name, an IPv4 or an IPv6 address, or `*` for every interface. */
  readonly host: string
  /** Instead of the server's own port. 0 is any free port. */
  readonly port?: number
  /** Client certificates with TLS: no TLS here, none, or required. Otherwise as the options say. */
  readonly tls?: TlsRule
}

export type TlsRule = (typeof TLS_RULES)[number]
/** The prefixes before an address, with a colon after them. */
export const TLS_RULES = ['notls', 'btls', 'mtls'] as const

/** `host`, `host:port`, `::1`, `[::1]` or `[::1]:port`, each optionally after `notls:`; undefined for anything else. */
export function readAddress(typed: string): ListenAddress | undefined {
  const tls = TLS_RULES.find((rule) => typed.startsWith(`${rule}:`))
  if (tls === undefined) return readPlace(typed)
  const place = readPlace(typed.slice(tls.length + 1))
  return place && { ...place, tls }
}

function readPlace(typed: string): ListenAddress | undefined {
  if (isIPv6(typed)) return { host: typed }
  const [, bracketed, plain, port] = ADDRESS.exec(typed) ?? []
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined
  const host = bracketed ?? plain
  if (host === undefined) return undefined
  return port === undefined ? { host } : { host, port: Number(port) }
}

/** `host:port` or `[::1]:port`; undefined for anything else. */
export function readEndpoint(typed: string): Required<Pick<ListenAddress, 'host' | 'port'>> | undefined {
  const { host, port } = readPlace(typed) ?? {}
  return host === undefined || port === undefined ? undefined : { host, port }
}

/** Only processes of this machine can connect to such an address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)

/** The same as on a command line. */
export function writeAddress({ host, port, tls }: ListenAddress): string {
  const rule = tls === undefined ? '' : `${tls}:`
  if (port === undefined) return rule + host
  return rule + (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)
}

const ADDRESS = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/
