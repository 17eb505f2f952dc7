import type { Connection } from '../client/connection.js'

/** The maximum length of a TLS record. */
const RECORD_LENGTH = 16 * 1024

/**
 * Sends requests and the fence after them: together, so that the server has to find the boundary between them.
 * Only after a long value the fence is sent separately: over TLS memcached 1.6.18 does not see bytes after a value
 * in its last record before more bytes arrive.
 */
export function sendFenced(connection: Connection, requests: Buffer, fence: Buffer | undefined): void {
  const goesAlone = fence !== undefined && requests.length >= RECORD_LENGTH
  connection.send(fence === undefined || goesAlone ? requests : Buffer.concat([requests, fence]))
  if (goesAlone) connection.send(fence)
}
