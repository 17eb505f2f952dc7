import { isIPv6 } from 'node:net'
import { ClientError } from './client-error.js'

/** Where a server listens. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string }

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 11211

/** `HOST:PORT`, `HOST`, `:PORT`, `[IPv6]:PORT`, a bare IPv6 address, or the path of a unix socket, which has a slash in it. */
export function parseAddress(text: string): Address {
  if (text.includes('/')) return { path: text.replace(/^unix:/, '') }
  if (isIPv6(text)) return { host: text, port: DEFAULT_PORT }
  const [, inBrackets, bare = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? []
  const number = port === undefined ? DEFAULT_PORT : Number(port)
  if ((inBrackets === undefined && bare === '' && port === undefined) || number < 1 || number > 65535)
    throw new ClientError('BAD_ADDRESS', `${text}: an address is HOST:PORT or the path of a unix socket`)
  return { host: inBrackets ?? (bare || DEFAULT_HOST), port: number }
}

/** Whether a word can only be an address: a name of statistics, say, has neither colon nor slash. */
export const isAddress = (word: string): boolean => /[:/]/.test(word)

export function showAddress(address: Address): string {
  if ('path' in address) return address.path
  const { host, port } = address
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}
