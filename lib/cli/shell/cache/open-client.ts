import { resolve } from 'node:path'
import { showAddress } from '../../../check/client/address.js'
import type { Endpoint } from '../../../check/client/connection.js'
import { Client } from '../../../client/client.js'
import type { ClientOptions } from '../../../client/client-options.js'
import type { ClientProtocol, ConnectionOptions } from '../../../client/connection/connection-options.js'
import type { Credentials } from '../../../client/connection/login.js'
import { ConnectionPool } from '../../../client/pool/pool.js'
import { POOL_DEFAULTS } from '../../../client/pool/pool-options.js'
import { RAW_FORMAT } from './raw-format.js'

export type ShellProtocol = 'binary' | 'text'

/**
 * A client of one server and one connection. A call has no deadline as a whole: `--timeout` is how long no byte may arrive, so
 * that a long value or list may take its time.
 */
export function openClient(endpoint: Endpoint, protocol: ClientProtocol): Client {
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

/** Connections without a client: each sends what it is given, and knows no deadlines. */
export function connectionOptionsOf(
  endpoint: Endpoint,
  protocol: ClientProtocol,
  inFlightMax: number,
): ConnectionOptions {
  const { address, tls, timeoutMs } = endpoint
  return {
    name: showAddress(address),
    protocol,
    mayUseText: false,
    credentials: credentialsOf(endpoint, protocol),
    inFlightMax,
    abandonedMax: inFlightMax,
    silentMsMax: timeoutMs,
    net: {
      ...address,
      connectTimeoutMs: timeoutMs,
      queueLengthMax: QUEUE_LENGTH_MAX,
      messageLengthMax: QUEUE_LENGTH_MAX,
      ...(tls !== undefined && { tls }),
    },
  }
}

const serverOf = ({ address }: Endpoint): string =>
  'path' in address ? resolve(address.path) : showAddress(address)

function optionsOf(endpoint: Endpoint, protocol: ClientProtocol): ClientOptions {
  const { tls } = endpoint
  const credentials = credentialsOf(endpoint, protocol)
  return {
    protocol,
    breaker: false,
    flags: RAW_FORMAT,
    ...(tls !== undefined && { tls }),
    ...(credentials !== undefined && { credentials }),
  }
}

const credentialsOf = ({ credentials }: Endpoint, protocol: ClientProtocol): Credentials | undefined =>
  credentials !== undefined && protocol === 'binary' ? { ...credentials, mechanism: 'PLAIN' } : credentials

/** The values of many requests in flight. */
const QUEUE_LENGTH_MAX = 1024 * 1024 * 1024

/** The longest that a client allows. */
const NEVER_MS = 0x7fff_ffff
