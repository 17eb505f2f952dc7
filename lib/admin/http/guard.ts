import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-error.js'
import type { Route } from './route.js'

export interface GuardOptions {
  /** Whether a client has sent the right token; undefined if none is required. */
  readonly isToken: ((given: Buffer) => boolean) | undefined
  /** Whether items may be changed. */
  readonly mayWrite: boolean
}

/**
 * Without a token only this machine can connect. A page in a browser of this machine could still send requests, and read the
 * responses if its own name pointed to this machine (DNS rebinding): its requests have that name as their Host.
 */
export function checkHost({ headers }: IncomingMessage, { isToken }: GuardOptions): void {
  if (isToken === undefined && !LOOPBACK_HOST.test(headers.host ?? ''))
    throw new HttpError(403, 'Host: without a token only a loopback name is answered, such as localhost')
}

/** Refuses a request that may not use the route. The token is sent in a header: a browser never adds it by itself. */
export function checkAccess({ headers }: IncomingMessage, route: Route, options: GuardOptions): void {
  const { isToken, mayWrite } = options
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

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
