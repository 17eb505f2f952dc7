import type { ClientLibrary } from './engine-client.js'
import { EngineConnection } from './engine-connection.js'
import type { EngineNode } from './engine-node.js'
import { type EngineEndpoint, endpointText, type GatewaySettings } from './gateway-settings.js'

/** A replica that gets may be sent to. */
export interface Replica {
  readonly address: string
  readonly connection: EngineConnection
}

/**
 * The replicas that gets are sent to (--gateway-reads replica). A replica is read only while its primary hears from it: one whose
 * link is broken would return old values for ever.
 */
export class Replicas {
  private readonly library: ClientLibrary
  private readonly settings: GatewaySettings
  private readonly isCluster: boolean
  private readonly known = new Map<string, Replica>()
  /** By the addresses of their primaries. */
  private readonly usable = new Map<string, readonly Replica[]>()
  private turn = 0
  private isPolling = false

  constructor(library: ClientLibrary, settings: GatewaySettings, isCluster: boolean) {
    this.library = library
    this.settings = settings
    this.isCluster = isCluster
  }

  get all(): Iterable<Replica> {
    return this.known.values()
  }

  /** Each of them in turn. Undefined if none can be used. */
  pick({ address }: EngineNode): Replica | undefined {
    const replicas = this.usable.get(address)
    if (replicas === undefined) return undefined
    for (let count = 0; count < replicas.length; count++) {
      this.turn = (this.turn + 1) % replicas.length
      const replica = replicas[this.turn]!
      if (replica.connection.isReady) return replica
    }
    return undefined
  }

  /** Asks each primary for its replicas. */
  async poll(primaries: readonly EngineNode[]): Promise<void> {
    if (this.isPolling) return
    this.isPolling = true
    await Promise.all(primaries.map((primary) => this.pollOne(primary)))
    const addresses = primaries.map(({ address }) => address)
    for (const address of this.usable.keys()) if (!addresses.includes(address)) this.usable.delete(address)
    this.forgetUnusable()
    this.isPolling = false
  }

  flush(): void {
    for (const { connection } of this.known.values()) connection.flush()
  }

  close(): void {
    for (const { connection } of this.known.values()) connection.close()
  }

  private async pollOne(primary: EngineNode): Promise<void> {
    const info = primary.isReady ? await primary.call('info', 'replication').catch(() => '') : ''
    const replicas = heardIn(String(info)).map((endpoint) => this.replicaAt(endpoint))
    this.usable.set(primary.address, replicas)
  }

  private replicaAt(endpoint: EngineEndpoint): Replica {
    const address = endpointText(endpoint)
    let replica = this.known.get(address)
    if (replica === undefined) {
      const settings = { ...this.settings, isReadOnly: this.isCluster }
      replica = { address, connection: new EngineConnection(this.library, endpoint, settings) }
      this.known.set(address, replica)
    }
    return replica
  }

  private forgetUnusable(): void {
    const kept = new Set([...this.usable.values()].flat())
    for (const replica of this.known.values()) {
      if (kept.has(replica) || replica.connection.inFlight > 0) continue
      replica.connection.close()
      this.known.delete(replica.address)
    }
  }
}

/** The replicas in the reply of a primary to INFO that it has heard from. Each sends a word every second. */
function heardIn(info: string): EngineEndpoint[] {
  return [...info.matchAll(ONLINE)]
    .filter(([, , , lag]) => Number(lag) <= LAG_SECONDS_MAX)
    .map(([, host, port]) => ({ host: host!, port: Number(port) }))
}

const ONLINE = /^slave\d+:ip=([^,]+),port=(\d+),state=online,.*?lag=(\d+)/gm
const LAG_SECONDS_MAX = 3
