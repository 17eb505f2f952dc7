/** Servers over each of the wires for connections that are not encrypted. */
import type { ServerOptions } from './server.js'
import { URING_OBSTACLE } from './uring.js'

interface WireOfServers {
  readonly name: string
  /** A server over this wire. */
  over(given?: ServerOptions): ServerOptions
}

export const WIRES: readonly WireOfServers[] = [
  { name: 'bare handles', over: overBareHandles },
  { name: 'sockets', over: overSockets },
  ...(URING_OBSTACLE === undefined ? [{ name: 'io_uring', over: overUring }] : []),
]

/** Where io_uring can serve, it does by default. */
function overBareHandles(given: ServerOptions = {}): ServerOptions {
  return URING_OBSTACLE === undefined ? withOption('no_io_uring', given) : given
}

function overUring(given: ServerOptions = {}): ServerOptions {
  return withOption('io_uring', given)
}

function withOption(option: string, given: ServerOptions): ServerOptions {
  return { ...given, options: ['-o', option, ...(given.options ?? [])] }
}

function overSockets(given: ServerOptions = {}): ServerOptions {
  const environment = { ...process.env, ...given.environment }
  const NODE_OPTIONS = `${environment['NODE_OPTIONS'] ?? ''} --import=${new URL('without-bare-handles.js', import.meta.url)}`
  return { ...given, environment: { ...given.environment, NODE_OPTIONS, WITHOUT_BARE_HANDLES: '1' } }
}
