import { isIPv6 } from 'node:net'

/** Where the server accepts TCP connections. */
export interface ListenAddress {
  /** A name, an IPv4 or an IPv6 address, or `*` for every interface. */
  readonly host: string
  /** Instead of the server's own port. 0 is any free port. */
  readonly port?: number
}

/** `host`, `host:port`, `::1`, `[::1]` or `[::1]:port`; undefined for anything else. */
export function readAddress(typed: string): ListenAddress | undefined {
  if (isIPv6(typed)) return { host: typed }
  const [, bracketed, plain, port] = ADDRESS.exec(typed) ?? []
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined
  const host = bracketed ?? plain
  if (host === undefined) return undefined
  return port === undefined ? { host } : { host, port: Number(port) }
}

/** The same as one would type it. */
export function writeAddress({ host, port }: ListenAddress): string {
  if (port === undefined) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const ADDRESS = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/
