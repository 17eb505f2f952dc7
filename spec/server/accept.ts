import { Listener } from '../../lib/server/listening/listener.js'
import type { BareHandle } from '../../lib/server/wires/handle.js'
import { Connection } from '../support/connection.js'

/** A connection, seen from both sides. */
export async function accept(path?: string) {
  let take: (handle: BareHandle) => void
  const accepted = new Promise<BareHandle>((resolve) => {
    take = resolve
  })
  const use = { backlog: 16, verify: null, accept: (handle: unknown) => take(handle as BareHandle) }
  const listener =
    path === undefined
      ? (await Listener.openTcp('127.0.0.1', 0, use))[0]!
      : await Listener.openUnix(path, 0o700, use)
  const client = await Connection.open(
    path === undefined ? { host: '127.0.0.1', port: listener.port } : { path },
  )
  return { handle: await accepted, client, listener }
}
