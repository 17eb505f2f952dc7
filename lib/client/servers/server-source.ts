import type { ClientError } from '../client-error.js'
import type { ServerAddress } from './server-address.js'

/** The list of servers, which may change while the client runs. */
export interface ServerSource {
  /**
   * Begins to deliver lists: the first one as soon as it is known, for a fixed list before this returns, and others only if they
   * differ from the one before. A server that stays is the same object in both. A list is never empty.
   *
   * An error means that the list could not be renewed; the last one stays in force. Called once.
   */
  subscribe(onChange: OnServers, onError: OnSourceError): void

  /** Nothing is delivered afterwards. */
  close(): void
}

export type OnServers = (servers: readonly ServerAddress[]) => void
export type OnSourceError = (error: ClientError) => void

/** A list that does not change. */
export class FixedServers implements ServerSource {
  private readonly servers: readonly ServerAddress[]

  constructor(servers: readonly ServerAddress[]) {
    this.servers = servers
  }

  subscribe(onChange: OnServers): void {
    onChange(this.servers)
  }

  close(): void {}
}
