import type { ClientLibrary } from './engine-client.js'
import { EngineConnection } from './engine-connection.js'
import {
  type EngineEndpoint,
  type EngineLogin,
  endpointText,
  type GatewaySettings,
} from './gateway-settings.js'

type SentinelSettings = Pick<GatewaySettings, 'endpoints' | 'sentinelName' | 'login' | 'timeoutMs'>

/**
 * The sentinels, which know where the primary of a name is. All are asked at once, and the first answer counts: others may not
 * answer for a while. Each failover has a higher epoch. A sentinel that has not heard of the last one is not believed.
 */
export class Sentinels {
  private readonly name: string
  private readonly sentinels: readonly Sentinel[]
  private known: WatchedPrimary | undefined = undefined

  constructor(library: ClientLibrary, settings: SentinelSettings) {
    this.name = settings.sentinelName!
    this.sentinels = settings.endpoints.map((endpoint) => new Sentinel(library, endpoint, settings))
  }

  /** Why the first one that failed could not say it. */
  get obstacle(): string {
    const { address, obstacle } = this.sentinels.find((sentinel) => sentinel.hasFailed) ?? this.sentinels[0]!
    return `${address}: ${obstacle}`
  }

  /** Undefined if none of them knows it now. */
  async primary(): Promise<EngineEndpoint | undefined> {
    const answers = this.sentinels.map(async (sentinel) => this.note(await sentinel.primaryOf(this.name)))
    return Promise.any(answers).catch(() => undefined)
  }

  close(): void {
    for (const sentinel of this.sentinels) sentinel.close()
  }

  private note(primary: WatchedPrimary): EngineEndpoint {
    if (this.known !== undefined && primary.epoch < this.known.epoch) throw new Error('an earlier failover')
    this.known = primary
    return primary.endpoint
  }
}

interface WatchedPrimary {
  readonly endpoint: EngineEndpoint
  readonly epoch: number
}

class Sentinel {
  readonly address: string
  private readonly library: ClientLibrary
  private readonly endpoint: EngineEndpoint
  private readonly settings: SentinelSettings
  private connection: EngineConnection
  private isLoggedIn = false
  private error: Error | undefined = undefined

  constructor(library: ClientLibrary, endpoint: EngineEndpoint, settings: SentinelSettings) {
    this.library = library
    this.endpoint = endpoint
    this.settings = settings
    this.address = endpointText(endpoint)
    this.connection = this.connect()
  }

  get obstacle(): string {
    return (this.connection.lastError ?? this.error)?.message ?? 'it does not answer'
  }

  get hasFailed(): boolean {
    return (this.connection.lastError ?? this.error) !== undefined
  }

  /** Rejects if it cannot say it. */
  async primaryOf(name: string): Promise<WatchedPrimary> {
    if (!this.connection.isReady) throw this.connection.lastError ?? new Error('it is not connected')
    try {
      const reply = await this.connection.call('sentinel', 'master', name)
      const fields = (reply as Buffer[]).map(String)
      const field = (title: string): string => fields[fields.indexOf(title) + 1]!
      const endpoint = { host: field('ip'), port: Number(field('port')) }
      return { endpoint, epoch: Number(field('config-epoch')) }
    } catch (error) {
      this.error = error as Error
      this.logIn()
      throw error
    }
  }

  close(): void {
    this.connection.close()
  }

  /** Most sentinels want no login. One that does gets that of the engine. */
  private logIn(): void {
    if (this.isLoggedIn || this.error?.message.startsWith('NOAUTH') !== true) return
    if (this.settings.login.password === undefined) return
    this.isLoggedIn = true
    this.connection.close()
    this.connection = this.connect()
  }

  private connect(): EngineConnection {
    const { login, timeoutMs } = this.settings
    const { isEncrypted } = login
    const ownLogin = this.isLoggedIn ? { ...login, database: 0 } : { ...NO_LOGIN, isEncrypted }
    return new EngineConnection(this.library, this.endpoint, { login: ownLogin, timeoutMs })
  }
}

const NO_LOGIN: Omit<EngineLogin, 'isEncrypted'> = { username: undefined, password: undefined, database: 0 }
