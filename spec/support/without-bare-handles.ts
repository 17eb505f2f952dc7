/**
 * Hides what bare handles need, as a Node without it would. It is preloaded into servers that are started by their command line, and
 * then acts if the environment says so.
 */
import { isBare } from '../../lib/server/wires/handle.js'

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
