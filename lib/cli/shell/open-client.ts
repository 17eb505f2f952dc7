import { resolve } from 'node:path'
import { showAddress } from '../../check/client/address.js'
import type { Endpoint } from '../../check/client/connection.js'
import { Client } from '../../client/client.js'
import type { ClientOptions } from '../../client/client-options.js'
import { ConnectionPool } from '../../client/pool/pool.js'
import { POOL_DEFAULTS } from '../../client/pool/pool-options.js'
import { RAW_FORMAT } from './raw-format.js'

export type ShellProtocol = 'binary' | 'text'

/**
 * A client of one server and one connection. A call has no deadline as a whole: `--timeout` is how long no byte may arrive, so
 * that a long value or list may take its time.
 */
export function openClient(endpoint: Endpoint, protocol: ShellProtocol): Client {
  const { timeoutMs } = endpoint
  return new Client(serverOf(endpoint), {
    ...optionsOf(endpoint, protocol),
    timeout: NEVER_MS,
    pool: (options, observer) => {
      const net = { ...options.net, connectTimeoutMs: timeoutMs, readTimeoutMs: timeoutMs }
      return new ConnectionPool({ ...options, net }, { ...POOL_DEFAULTS, max: 1, healthCheckMs: 0 }, observer)
    },
  })
}

/** A client that follows a server: `--timeout` is how long it may take to connect, and to reply to a call. */
export const openFollower = (endpoint: Endpoint, protocol: ShellProtocol = 'text'): Client =>
  new Client(serverOf(endpoint), { ...optionsOf(endpoint, protocol), timeout: endpoint.timeoutMs })

const serverOf = ({ address }: Endpoint): string =>
  'path' in address ? resolve(address.path) : showAddress(address)

const optionsOf = ({ tls, credentials }: Endpoint, protocol: ShellProtocol): ClientOptions => ({
  protocol,
  breaker: false,
  flags: RAW_FORMAT,
  ...(tls !== undefined && { tls }),
  ...(credentials !== undefined && {
    credentials: protocol === 'binary' ? { ...credentials, mechanism: 'PLAIN' as const } : credentials,
  }),
})

/** The longest that a client allows. */
const NEVER_MS = 0x7fff_ffff
