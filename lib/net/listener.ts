import type { AddressInfo, Server, Socket } from 'node:net'
import type { Connection } from './connection.js'

/** What `listen` resolves with. */
export interface Listener<Outgoing> extends AsyncDisposable {
  /** Of a unix socket: ''. */
  readonly host: string
  /** Of a unix socket: 0. */
  readonly port: number
  readonly path: string | undefined
  /** Those that are open. */
  readonly connections: ReadonlySet<Connection<Outgoing>>

  /**
   * Accepts no more, and ends every connection: all that was accepted for sending is sent first. Resolves when everything is
   * closed, which the connections' `closeTimeoutMs` bounds.
   */
  close(): Promise<void>

  /** Whether the listener and its connections keep the process running. */
  ref(): void
  unref(): void
}

/** A listener over a server of Node. */
export class ServerListener<Outgoing> implements Listener<Outgoing> {
  readonly host: string
  readonly port: number
  readonly path: string | undefined
  readonly connections: Set<Connection<Outgoing>>
  isReferenced = true
  private readonly server: Server
  /** All sockets, also those whose TLS is not set up yet. */
  private readonly sockets: ReadonlySet<Socket>
  private readonly signals: readonly NodeJS.Signals[]
  private readonly onSignal = (): void => {
    void this.close()
  }
  private closed: Promise<void> | undefined = undefined

  constructor(
    server: Server,
    connections: Set<Connection<Outgoing>>,
    sockets: ReadonlySet<Socket>,
    signals: readonly NodeJS.Signals[],
  ) {
    this.server = server
    this.connections = connections
    this.sockets = sockets
    this.signals = signals
    const address = server.address() as AddressInfo | string
    this.path = typeof address === 'string' ? address : undefined
    this.host = typeof address === 'string' ? '' : address.address
    this.port = typeof address === 'string' ? 0 : address.port
    for (const signal of signals) process.on(signal, this.onSignal)
  }

  close(): Promise<void> {
    this.closed ??= this.closeAll()
    return this.closed
  }

  ref(): void {
    this.isReferenced = true
    this.server.ref()
    for (const connection of this.connections) connection.ref()
  }

  unref(): void {
    this.isReferenced = false
    this.server.unref()
    for (const connection of this.connections) connection.unref()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async closeAll(): Promise<void> {
    for (const signal of this.signals) process.off(signal, this.onSignal)
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    await Promise.all([...this.connections].map((connection) => connection.end()))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }
}
