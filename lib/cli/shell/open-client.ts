import { resolve } from 'node:path'
import { showAddress } from '../../check/client/address.js'
import type { Endpoint } from '../../check/client/connection.js'
import { Client } from '../../client/client.js'
import { ConnectionPool } from '../../client/pool/pool.js'
import { POOL_DEFAULTS } from '../../client/pool/pool-options.js'
import { RAW_FORMAT } from './raw-format.js'

export type ShellProtocol = 'binary' | 'text'

/**
 * A client of one server and one connection. A call has no deadline as a whole: `--timeout` is how long no byte may arrive, so
 * that a long value or list may take its time.
 */
export function openClient(endpoint: Endpoint, protocol: ShellProtocol): Client {
  const { address, tls, timeoutMs, credentials } = endpoint
  return new Client('path' in address ? resolve(address.path) : showAddress(address), {
    protocol,
    timeout: NEVER_MS,
    breaker: false,
    flags: RAW_FORMAT,
    ...(tls !== undefined && { tls }),
    ...(credentials !== undefined && {
      credentials: protocol === 'binary' ? { ...credentials, mechanism: 'PLAIN' as const } : credentials,
    }),
    pool: (options, observer) => {
      const net = { ...options.net, connectTimeoutMs: timeoutMs, readTimeoutMs: timeoutMs }
      return new ConnectionPool({ ...options, net }, { ...POOL_DEFAULTS, max: 1, healthCheckMs: 0 }, observer)
    },
  })
}

/** The longest that a client allows. */
const NEVER_MS = 0x7fff_ffff
