import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export function sendCpuProfile(response: ServerResponse, profile: string): void {
  begin(response, 'cpuprofile')
  response.end(profile)
}

/** Resolves when it is sent, or the client has gone. */
export async function sendHeapSnapshot(response: ServerResponse, snapshot: Readable): Promise<void> {
  begin(response, 'heapsnapshot')
  await pipeline(snapshot, response).catch(() => response.destroy())
}

/** Aborts when the client has gone. A profile sends nothing for a long time, so the connection may be silent. */
export function untilGone(response: ServerResponse): AbortController {
  const gone = new AbortController()
  response.req.socket.setTimeout(0)
  response.once('close', () => gone.abort())
  return gone
}

/** Chrome's developer tools choose the format by the end of the name. From now on a client that reads nothing is disconnected. */
function begin(response: ServerResponse, extension: string): void {
  response.req.socket.setTimeout(SILENCE_MS_MAX)
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-disposition': `attachment; filename="keepcached.${extension}"`,
    connection: 'close',
  })
}

const SILENCE_MS_MAX = 60_000
