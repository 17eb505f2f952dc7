import type { Connection } from '../client/connection.js'

/** One record of TLS has no more. */
const RECORD_LENGTH = 16 * 1024

/**
 * Sends requests and the fence behind them: together, so that the server has to find where the one ends and the other
 * begins. Only behind a long value the fence goes alone: over TLS memcached 1.6.18 does not see what the last record of a
 * value brings besides before something else comes.
 */
export function sendFenced(connection: Connection, requests: Buffer, fence: Buffer | undefined): void {
  const goesAlone = fence !== undefined && requests.length >= RECORD_LENGTH
  connection.send(fence === undefined || goesAlone ? requests : Buffer.concat([requests, fence]))
  if (goesAlone) connection.send(fence)
}
