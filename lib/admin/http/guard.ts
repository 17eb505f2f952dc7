import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-error.js'
import type { Route } from './route.js'

export interface GuardOptions {
  /** Whether a client has sent the right token; undefined if none is required. */
  readonly isToken: ((given: Buffer) => boolean) | undefined
  /** Whether items may be changed. */
  readonly mayWrite: boolean
  /** Whether other machines may connect without a token, which is so for tests alone. */
  readonly isPublic: boolean
}

/**
 * Without a token only this machine can connect. A page in a browser of this machine could still send requests, and read the
 * responses if its own name pointed to this machine (DNS rebinding): its requests have that name as their Host.
 */
export function checkHost({ headers }: IncomingMessage, { isToken, isPublic }: GuardOptions): void {
  const { host = '' } = headers
  if (isToken !== undefined || LOOPBACK_HOST.test(host)) return
  if (!isPublic)
    throw new HttpError(403, 'Host: without a token only a loopback name is answered, such as localhost')
  // Names of pages have a dot in them. Machines and containers in a network of tests have none.
  if (!ADDRESS_HOST.test(host) && host.includes('.'))
    throw new HttpError(403, 'Host: without a token only an address, or a name without a dot, is answered')
}

/** Refuses a request that may not use the route. The token is sent in a header: a browser never adds it by itself. */
export function checkAccess({ headers }: IncomingMessage, route: Route, options: GuardOptions): void {
  const { isToken, mayWrite } = options
  // A page may send such a request without being asked whether it may: its browser says where it comes from.
  if (route.method === 'POST' && headers.origin !== undefined)
    throw new HttpError(403, 'Origin: requests of web pages are refused')
  if (isToken !== undefined && !route.isOpen && !isToken(tokenIn(headers.authorization)))
    throw new HttpError(401, 'Authorization: Bearer and the token of --admin-token is required', {
      'www-authenticate': 'Bearer',
    })
  // Else a page in a browser of this machine could stall the server: it can send such requests, but no token.
  if (route.isSecret && isToken === undefined)
    throw new HttpError(403, 'profiles need a token; start the server with --admin-token')
  if (route.writes && !mayWrite)
    throw new HttpError(403, 'changes are off; start the server with --admin-write')
}

const tokenIn = (header = ''): Buffer => Buffer.from(/^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '', 'latin1')

const ADDRESS_HOST = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
