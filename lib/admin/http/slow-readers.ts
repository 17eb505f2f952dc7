import type { ServerResponse } from 'node:http'
import { ADMIN_RESPONSE_MS_MAX } from '../../request/limits.js'

/**
 * What a client does not read waits in memory, and holds what its response has taken: a place among listings, bytes of a
 * budget. From now on the client has so much time to read the response; then it is disconnected.
 */
export function boundReading(response: ServerResponse): void {
  const timer = setTimeout(() => response.destroy(), ADMIN_RESPONSE_MS_MAX)
  timer.unref()
  response.once('close', () => clearTimeout(timer))
}

/** Until the client has read what was written, or has gone. A client that reads nothing for so long is disconnected. */
export function untilRead(response: ServerResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), ADMIN_RESPONSE_MS_MAX)
    const end = (): void => {
      clearTimeout(timer)
      response.off('drain', end)
      response.off('close', end)
      resolve()
    }
    response.on('drain', end)
    response.on('close', end)
  })
}

/** Until the response was sent, or the client has gone. */
export function untilClosed(response: ServerResponse): Promise<void> {
  if (response.closed) return Promise.resolve()
  return new Promise((resolve) => response.once('close', resolve))
}
