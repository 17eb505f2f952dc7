/** Servers over each of the wires for connections that are not encrypted. */
import type { ServerOptions } from './server.js'
import { URING_OBSTACLE } from './uring.js'

interface WireOfServers {
  readonly name: string
  /** A server over this wire. */
  over(given?: ServerOptions): ServerOptions
}

export const WIRES: readonly WireOfServers[] = [
  { name: 'bare handles', over: (given = {}) => given },
  { name: 'sockets', over: overSockets },
  ...(URING_OBSTACLE === undefined ? [{ name: 'io_uring', over: overUring }] : []),
]

function overUring(given: ServerOptions = {}): ServerOptions {
  return { ...given, options: ['-o', 'io_uring', ...(given.options ?? [])] }
}

function overSockets(given: ServerOptions = {}): ServerOptions {
  const environment = { ...process.env, ...given.environment }
  const NODE_OPTIONS = `${environment['NODE_OPTIONS'] ?? ''} --import=${new URL('without-bare-handles.js', import.meta.url)}`
  return { ...given, environment: { ...given.environment, NODE_OPTIONS, WITHOUT_BARE_HANDLES: '1' } }
}
