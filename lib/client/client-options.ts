import { createSecureContext, type ConnectionOptions as TlsOptions } from 'node:tls'
import type { Breaker, BreakerChange } from './breaker/breaker.js'
import { type BreakerOptions, CircuitBreaker } from './breaker/circuit-breaker.js'
import { badOption, checkTime, checkWord, isObject } from './check-options.js'
import type { ClientProtocol, ConnectionOptions } from './connection/connection-options.js'
import type { Credentials } from './connection/login.js'
import type { KeyOptions } from './keys/key-encoder.js'
import { checkNames } from './option-names.js'
import type { Pool, PoolObserver } from './pool/pool.js'
import { POOL_DEFAULTS, type PoolOptions } from './pool/pool-options.js'
import type { SourceOptions } from './servers/create-server-source.js'
import type { Distribution } from './servers/distributions/create-selector.js'
import type { ValueOptions } from './values/create-value-format.js'

/** Everything has a default. Times are in milliseconds. */
export interface ClientOptions extends KeyOptions, ValueOptions {
  /**
   * `meta` (default): a server that does not know it is spoken to in text. With credentials, or a login
   * in an address, the default is `binary`, which has SASL.
   */
  readonly protocol?: ClientProtocol
  /** Until a call fails: waiting for a connection, connecting and the reply together. Default: 1,000. */
  readonly timeout?: number
  /** SASL over binary, a login by name and password over meta and text. */
  readonly credentials?: Credentials
  readonly tls?: boolean | TlsOptions
  /** How keys are divided among several servers. Default: `ketama`, as libmemcached has it. */
  readonly distribution?: Distribution
  /** What happens to the keys of a server whose breaker is open: their calls fail (default), or go to the next server. */
  readonly failover?: 'fail' | 'next'
  /** Of lists of servers that are looked up: how often, and by what. */
  readonly discovery?: SourceOptions
  /** A function makes the pool of a server. */
  readonly pool?: Partial<PoolOptions> | CreatePool
  /** `false`: calls are always sent. A function makes the breaker of a server. */
  readonly breaker?: false | BreakerOptions | CreateBreaker
}

export type CreatePool = (options: ConnectionOptions, observer: PoolObserver) => Pool
export type CreateBreaker = (server: string, onChange: (change: BreakerChange) => void) => Breaker

/** The options that servers and their connections read, complete. */
export interface ServerSettings {
  readonly protocol: ClientProtocol
  /** A server that does not know meta commands is spoken to in text. */
  readonly mayUseText: boolean
  readonly timeoutMs: number
  readonly credentials: Credentials | undefined
  readonly tls: boolean | TlsOptions
  readonly poolOptions: PoolOptions
  readonly createPool: CreatePool | undefined
  readonly breaker: false | BreakerOptions | CreateBreaker
}

/** Throws BAD_OPTION. `hasLogin`: an address has one. */
export function serverSettings(options: ClientOptions, hasLogin = false): ServerSettings {
  checkNames('', options, NAMES)
  const { credentials, protocol, timeout = TIMEOUT_MS, tls = false, pool, breaker = {} } = options
  checkTime('timeout', timeout)
  checkWord('protocol', protocol, PROTOCOLS)
  checkWord('failover', options.failover, FAILOVERS)
  if (credentials !== undefined) checkCredentials(credentials)
  checkTls(tls)
  checkBreaker(breaker)
  const isPool = typeof pool === 'function'
  return {
    protocol: protocol ?? (credentials === undefined && !hasLogin ? 'meta' : 'binary'),
    mayUseText: protocol === undefined,
    timeoutMs: timeout,
    credentials,
    tls,
    poolOptions: isPool ? POOL_DEFAULTS : poolOptions(pool),
    createPool: isPool ? pool : undefined,
    breaker,
  }
}

function poolOptions(given: Partial<PoolOptions> = {}): PoolOptions {
  checkNames('pool', given, Object.keys(POOL_DEFAULTS))
  for (const [name, value] of Object.entries(given)) {
    if (!Number.isInteger(value) || value < 0) throw badOption(`pool.${name}`, 'a whole number from 0')
  }
  const options = { ...POOL_DEFAULTS, ...given }
  if (options.max < 1 || options.min > options.max) throw badOption('pool.max', 'from 1, and from `min`')
  if (options.inFlightMax < 1) throw badOption('pool.inFlightMax', 'from 1')
  return options
}

function checkCredentials(given: Credentials): void {
  checkNames('credentials', given, ['user', 'password', 'mechanism'])
  const { user, password, mechanism } = given
  if (typeof user !== 'string') throw badOption('credentials.user', 'a string')
  if (typeof password !== 'string') throw badOption('credentials.password', 'a string')
  checkWord('credentials.mechanism', mechanism, MECHANISMS)
}

/** Also reads the certificates, which each connection would otherwise fail by. */
function checkTls(tls: unknown): void {
  if (typeof tls === 'boolean') return
  if (!isObject(tls)) throw badOption('tls', 'true, false, or the options of tls.connect')
  try {
    createSecureContext(tls)
  } catch (cause) {
    throw badOption('tls', (cause as Error).message)
  }
}

function checkBreaker(breaker: unknown): void {
  if (breaker === false || typeof breaker === 'function') return
  // Its constructor checks its options, which are needed only when a list of servers has arrived.
  new CircuitBreaker(breaker as BreakerOptions)
}

const PROTOCOLS: readonly ClientProtocol[] = ['meta', 'binary', 'text']
const FAILOVERS: readonly NonNullable<ClientOptions['failover']>[] = ['fail', 'next']
const MECHANISMS: readonly NonNullable<Credentials['mechanism']>[] = ['PLAIN', 'CRAM-MD5']
const TIMEOUT_MS = 1000

/** A record, so that none is forgotten. */
const NAMES: readonly string[] = Object.keys({
  breaker: true,
  compression: true,
  credentials: true,
  decompressedLengthMax: true,
  discovery: true,
  distribution: true,
  failover: true,
  flags: true,
  longKeys: true,
  pool: true,
  prefix: true,
  protocol: true,
  timeout: true,
  tls: true,
} satisfies Record<keyof ClientOptions, true>)
