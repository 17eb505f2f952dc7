import { AcknowledgedChanges } from './acknowledged-changes.js'
import type { ClientLibrary } from './engine-client.js'
import { type ConnectionSettings, EngineConnection, type Words } from './engine-connection.js'
import { type EngineEndpoint, endpointText, type GatewaySettings } from './gateway-settings.js'
import { Effect, type NodeCommand, sendOver } from './node-command.js'

/**
 * One node of the engine. If changes wait for replicas (--gateway-ack), they have a connection of their own: the engine runs
 * nothing else of a connection that waits, and reads must not wait.
 */
export class EngineNode {
  readonly endpoint: EngineEndpoint
  readonly address: string
  /** Commands that it has sent elsewhere, that waited until it could be used, and that it has not replied to in time. */
  redirectionCount = 0
  retryCount = 0
  timeoutCount = 0
  private readonly connection: EngineConnection
  private readonly changes: AcknowledgedChanges | undefined

  constructor(
    library: ClientLibrary,
    endpoint: EngineEndpoint,
    settings: NodeSettings,
    onReady?: () => void,
  ) {
    const { ackReplicaCount } = settings
    this.endpoint = endpoint
    this.address = endpointText(endpoint)
    this.connection = new EngineConnection(library, endpoint, settings, onReady)
    if (ackReplicaCount > 0) {
      const connection = new EngineConnection(library, endpoint, settings, onReady)
      this.changes = new AcknowledgedChanges(connection, ackReplicaCount, settings.timeoutMs)
    }
  }

  /** It can be sent commands of every effect. */
  get isReady(): boolean {
    return this.isReadyFor(Effect.READ) && this.isReadyFor(Effect.ONCE)
  }

  isReadyFor(effect: Effect): boolean {
    return this.connectionFor(effect).isReady
  }

  isSilentFor(ms: number, effect: Effect): boolean {
    return this.connectionFor(effect).isSilentFor(ms)
  }

  get lastError(): Error | undefined {
    return this.connection.lastError ?? this.changes?.connection.lastError
  }

  /** Commands on their way. */
  get inFlight(): number {
    return this.sum(({ inFlight }) => inFlight) + (this.changes?.heldCount ?? 0)
  }

  get commandCount(): number {
    return this.sum(({ commandCount }) => commandCount)
  }

  get lostCount(): number {
    return this.sum(({ lostCount }) => lostCount)
  }

  get repliedCount(): number {
    return this.sum(({ repliedCount }) => repliedCount)
  }

  /** From sending commands to their replies, all together. */
  get totalMs(): number {
    return this.sum(({ totalMs }) => totalMs)
  }

  /** A change is replied to when enough replicas have it. */
  send(command: NodeCommand): void {
    if (command.effect === Effect.READ || this.changes === undefined)
      sendOver(this.connection, command, command)
    else this.changes.send(command)
  }

  /** Reads something, or does what has no key. */
  call(...words: Words): Promise<unknown> {
    return this.connection.call(...words)
  }

  /** A command has waited too long. If nothing came since it was sent, its connection is opened anew. */
  noteTimeout(command: NodeCommand): void {
    if (command.effect === Effect.READ || this.changes === undefined)
      this.connection.noteTimeout(command.sentMs)
    else this.changes.noteTimeout(command)
  }

  /** Writes the reads that were sent in this round. */
  flush(): void {
    this.connection.flush()
  }

  close(): void {
    this.connection.close()
    this.changes?.close()
  }

  private connectionFor(effect: Effect): EngineConnection {
    return effect === Effect.READ || this.changes === undefined ? this.connection : this.changes.connection
  }

  private sum(figure: (connection: EngineConnection) => number): number {
    return figure(this.connection) + (this.changes === undefined ? 0 : figure(this.changes.connection))
  }
}

export type NodeSettings = ConnectionSettings & Pick<GatewaySettings, 'ackReplicaCount'>
