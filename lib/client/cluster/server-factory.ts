import type { ConnectOptions } from '../../net/options.js'
import type { Breaker, BreakerChange } from '../breaker/breaker.js'
import { CircuitBreaker } from '../breaker/circuit-breaker.js'
import type { Call } from '../calls/call.js'
import { ClientError } from '../client-error.js'
import type { ServerSettings } from '../client-options.js'
import type { ConnectionOptions } from '../connection/connection-options.js'
import { Deadlines } from '../deadlines/deadlines.js'
import { ConnectionPool, type Pool } from '../pool/pool.js'
import type { ServerAddress } from '../servers/server-address.js'
import { type Opening, Server } from './server.js'

/** Hears what happens to servers. */
export interface ServerObserver {
  onConnect(server: string): void
  onDisconnect(server: string, error: Error): void
  onBreaker(server: string, change: BreakerChange): void
}

/** Makes the servers of a client, each with its pool and its breaker. The deadlines of all calls are in one wheel. */
export class ServerFactory {
  readonly deadlines = new Deadlines(timeOut)
  private readonly settings: ServerSettings
  private readonly observer: ServerObserver

  constructor(settings: ServerSettings, observer: ServerObserver) {
    this.settings = settings
    this.observer = observer
  }

  create(address: ServerAddress): Server {
    const { name } = address
    const connectionOptions = connectionOptionsOf(address, this.settings)
    const opening: Opening = { error: undefined }
    return new Server({
      name,
      connectionOptions,
      pool: this.createPool(connectionOptions),
      breaker: this.createBreaker(name, opening),
      opening,
      deadlines: this.deadlines,
      timeoutMs: this.settings.timeoutMs,
    })
  }

  private createPool(connectionOptions: ConnectionOptions): Pool {
    const { observer, settings } = this
    const { name } = connectionOptions
    const poolObserver = {
      onConnect: () => observer.onConnect(name),
      onDisconnect: (error: Error) => observer.onDisconnect(name, error),
    }
    return settings.createPool === undefined
      ? new ConnectionPool(connectionOptions, settings.poolOptions, poolObserver)
      : settings.createPool(connectionOptions, poolObserver)
  }

  private createBreaker(name: string, opening: Opening): Breaker | undefined {
    const { breaker } = this.settings
    const tell = (change: BreakerChange) => {
      if (change.to === 'open') opening.error = change.error
      this.observer.onBreaker(name, change)
    }
    if (breaker === false) return undefined
    if (typeof breaker === 'function') return breaker(name, tell)
    const onChange = (change: BreakerChange) => {
      tell(change)
      if (breaker.onChange !== undefined) process.nextTick(breaker.onChange, change)
    }
    return new CircuitBreaker({ ...breaker, onChange })
  }
}

function connectionOptionsOf(address: ServerAddress, settings: ServerSettings): ConnectionOptions {
  const { protocol, mayUseText, poolOptions } = settings
  const { username, password } = address
  const ownLogin = username !== undefined && password !== undefined
  return {
    name: address.name,
    protocol,
    mayUseText,
    credentials: ownLogin ? { ...settings.credentials, user: username, password } : settings.credentials,
    inFlightMax: poolOptions.inFlightMax,
    abandonedMax: poolOptions.abandonedMax,
    silentMsMax: settings.timeoutMs,
    net: netOptionsOf(address, settings),
  }
}

function netOptionsOf(address: ServerAddress, settings: ServerSettings): ConnectOptions<Call> {
  const { host, port, path, serverName } = address
  const place = path === undefined ? { host, port } : { path }
  const given = address.tls ?? settings.tls
  const base = {
    ...place,
    connectTimeoutMs: settings.timeoutMs,
    writeTimeoutMs: Math.max(settings.timeoutMs, WRITE_TIMEOUT_MS_MIN),
    messageLengthMax: MESSAGE_LENGTH_MAX,
  }
  if (given === false) return base
  const chosen = typeof settings.tls === 'object' ? settings.tls : {}
  return { ...base, tls: { ...(serverName !== undefined && { servername: serverName }), ...chosen } }
}

function timeOut(call: Call): void {
  call.fail(new ClientError('TIMEOUT', `${call.owner?.name}: the deadline of the call has passed`))
  call.carrier?.abandon(call, true)
}

/** A long value is written in batches of 1 MiB, and may have a deadline of its own: no link to a cache takes so long for one. */
const WRITE_TIMEOUT_MS_MIN = 10_000

/** A value of the largest item size that a server can have (`-I 1024m`), and what belongs to it. */
const MESSAGE_LENGTH_MAX = 1025 * 1024 * 1024
