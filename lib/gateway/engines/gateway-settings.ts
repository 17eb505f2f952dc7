/** Where the engine is, and how it is used. */
export interface GatewaySettings {
  /** The nodes that are asked first, or the sentinels. */
  readonly endpoints: readonly EngineEndpoint[]
  /** The name of the primary that the sentinels watch; undefined without sentinels. */
  readonly sentinelName: string | undefined
  readonly login: EngineLogin
  /** Before every key. */
  readonly prefix: string
  /** After this many milliseconds a request has failed. */
  readonly timeoutMs: number
  /** Milliseconds for which a start waits for the engine. */
  readonly waitMs: number
  /** How many replicas must have a change before it is acknowledged. */
  readonly ackReplicaCount: number
  /** Gets are sent to replicas. */
  readonly readsReplicas: boolean
  /** Gets of one key that are made at once are sent once. */
  readonly joinsGets: boolean
}

export interface EngineEndpoint {
  readonly host: string
  readonly port: number
}

export interface EngineLogin {
  readonly username: string | undefined
  readonly password: string | undefined
  /** The number of the database; a cluster has only 0. */
  readonly database: number
  readonly isEncrypted: boolean
}

export const endpointText = ({ host, port }: EngineEndpoint): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
