/**
 * Servers over each of the two wires for connections that are not encrypted. This module is also preloaded into servers that are
 * started by their command line: there it hides what bare handles need, as a Node without it would.
 */
import { isBare } from '../../lib/server/wires/handle.js'
import type { ServerOptions } from './server.js'

interface WireOfServers {
  readonly name: string
  /** A server over this wire. */
  over(given?: ServerOptions): ServerOptions
}

export const WIRES: readonly WireOfServers[] = [
  { name: 'bare handles', over: (given = {}) => given },
  { name: 'sockets', over: overSockets },
]

function overSockets(given: ServerOptions = {}): ServerOptions {
  const environment = { ...process.env, ...given.environment }
  const NODE_OPTIONS = `${environment['NODE_OPTIONS'] ?? ''} --import=${import.meta.url}`
  return { ...given, environment: { ...given.environment, NODE_OPTIONS, WITHOUT_BARE_HANDLES: '1' } }
}

/** Runs `use` while no handle is bare in this process. */
export async function withoutBareHandles(use: () => Promise<void>): Promise<void> {
  const restore = hideBareHandles()
  await use().finally(restore)
}

function hideBareHandles(): () => void {
  const hidden = prototypes().map((prototype) => {
    Object.defineProperty(prototype, 'useUserBuffer', { value: undefined, configurable: true })
    if (isBare(prototype as never)) throw new Error('handles are bare still')
    return prototype
  })
  return () => {
    for (const prototype of hidden) Reflect.deleteProperty(prototype, 'useUserBuffer')
  }
}

/** Of the handles of TCP and of unix sockets. */
function prototypes(): object[] {
  const { binding } = process as unknown as {
    binding(name: string): Record<string, { readonly prototype: object }>
  }
  return [binding('tcp_wrap')['TCP']!.prototype, binding('pipe_wrap')['Pipe']!.prototype]
}

if (process.env['WITHOUT_BARE_HANDLES'] === '1') hideBareHandles()
