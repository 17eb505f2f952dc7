/// <reference types="node" preserve="true" />
/** A client of memcached servers: what `keepcached/client` exports. */

export type { ChangeName as ChangeKind } from '../request/change-names.js'
export type { Breaker, BreakerChange, BreakerCounts, BreakerState, TripRule } from './breaker/breaker.js'
export { type BreakerOptions, CircuitBreaker } from './breaker/circuit-breaker.js'
export { consecutiveFailures, eitherOf, failureShare, type IsFailure, isFailure } from './breaker/failures.js'
export { Call, type CallCarrier, type CallOwner } from './calls/call.js'
export type { CasOutcome } from './calls/change-call.js'
export type { Versioned } from './calls/get-call.js'
export type { MetaReply } from './calls/meta-call.js'
export type { ChangesOptions, ClientChange } from './changes/client-change.js'
export type { WaitOptions, WaitOutcome } from './changes/key-waits.js'
export { Client, type ClientEvents } from './client.js'
export { ClientError, type ClientErrorCode } from './client-error.js'
export type { ClientOptions, CreateBreaker, CreatePool } from './client-options.js'
export type {
  CountOptions,
  Entries,
  Key,
  MetaOptions,
  Storable,
  StoreOptions,
} from './commands/command-options.js'
export type { CommandSettings } from './commands/command-settings.js'
export { Commands } from './commands/commands.js'
export type { CallOptions, Executor, Target } from './commands/executor.js'
export { PartialError } from './commands/partial-error.js'
export type { CommandTrace } from './commands/tracing.js'
export { Connection } from './connection/connection.js'
export type { ClientProtocol, ConnectionOptions } from './connection/connection-options.js'
export type { Credentials } from './connection/login.js'
export { ProtocolError } from './connection/reason-of.js'
export type { GetOrSetOptions, Load } from './get-or-set/get-or-set-options.js'
export { KeyEncoder, type KeyOptions } from './keys/key-encoder.js'
export type { Lock } from './locks/lock.js'
export type { LockOptions } from './locks/take-lock.js'
export type { ClientStatistics, ServerStatistics } from './observe/client-statistics.js'
export { renderPrometheus } from './observe/prometheus.js'
export { ConnectionPool, type Pool, type PoolObserver } from './pool/pool.js'
export type { PoolOptions } from './pool/pool-options.js'
export type { PoolStatistics } from './pool/pool-statistics.js'
export type { ServersGiven, SourceOptions } from './servers/create-server-source.js'
export { type Choose, createSelector, type Distribution } from './servers/distributions/create-selector.js'
export type { Selector } from './servers/distributions/selector.js'
export type { ServerAddress, ServerGiven, WeightedServer } from './servers/server-address.js'
export type { ServerSource } from './servers/server-source.js'
export type { Ttl } from './ttl.js'
export {
  type CompressionOptions,
  createValueFormat,
  type FlagsFormat,
  type ValueOptions,
} from './values/create-value-format.js'
export { EncodedValue, type ValueFormat } from './values/value-format.js'
