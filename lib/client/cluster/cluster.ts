import type { MessageKey } from '../../protocol/client/request-message.js'
import { ClientError } from '../client-error.js'
import type { CallOptions, Executor } from '../commands/executor.js'
import { onAbort } from '../on-abort.js'
import { createSelector, type Distribution } from '../servers/distributions/create-selector.js'
import { NO_SERVER, type Selector } from '../servers/distributions/selector.js'
import type { ServerAddress } from '../servers/server-address.js'
import { ServerNodes } from '../servers/server-nodes.js'
import type { ServerSource } from '../servers/server-source.js'
import type { Server } from './server.js'
import { wrongOption } from './wrong-option.js'

export interface ClusterParts {
  readonly source: ServerSource
  readonly distribution: Distribution
  /** What happens to the keys of a server whose breaker is open: their calls fail, or go to the next server. */
  readonly failover: 'fail' | 'next'
  readonly timeoutMs: number
  readonly createServer: (address: ServerAddress) => Server
  readonly onServers: (names: readonly string[]) => void
  readonly onListError: (error: Error) => void
}

/** All servers, and which of them has a key. */
export class Cluster implements Executor {
  private readonly parts: ClusterParts
  private readonly nodes: ServerNodes<Server>
  private selector: Selector
  private listError: Error | undefined = undefined
  private isClosed = false
  /** Servers that have left the list, and have calls under way. */
  private readonly retired = new Set<Server>()
  private readonly waiting = new Set<() => void>()
  private readonly isUsable = (index: number): boolean => this.nodes.nodes[index]!.isUsable

  constructor(parts: ClusterParts) {
    this.parts = parts
    this.nodes = new ServerNodes(parts.createServer, (server) => this.retire(server))
    this.selector = createSelector(parts.distribution, [])
    parts.source.subscribe(
      (servers) => this.update(servers),
      (error) => this.fail(error),
    )
  }

  get timeoutMs(): number {
    return this.parts.timeoutMs
  }

  /** Whether there is a list of servers. */
  get isReady(): boolean {
    return this.nodes.nodes.length > 0
  }

  /** Waits for the first list of servers. Rejects in a later turn: a loop that tries again at once must not starve the program. */
  whenReady(options: CallOptions | undefined): Promise<void> {
    const wrong = wrongOption(options)
    if (wrong !== undefined) return Promise.reject(wrong)
    if (options?.signal?.aborted === true) return Promise.reject(aborted(options.signal))
    const timeoutMs = options?.timeout ?? this.parts.timeoutMs
    return new Promise((resolve, reject) => {
      const settle = (error: Error | undefined) => {
        clearTimeout(timer)
        unfollow?.()
        this.waiting.delete(look)
        if (error === undefined) resolve()
        else setImmediate(reject, error)
      }
      const look = () => {
        if (this.isClosed) settle(closed())
        else if (this.isReady) settle(undefined)
        else if (this.listError !== undefined) settle(this.listError)
      }
      const { signal } = options ?? {}
      const unfollow = signal && onAbort(signal, () => settle(aborted(signal)))
      const timer = setTimeout(
        () => settle(new ClientError('TIMEOUT', `no list of servers within ${timeoutMs} ms`)),
        timeoutMs,
      )
      this.waiting.add(look)
      look()
    })
  }

  targetOf(key: MessageKey): Server {
    const { selector, parts } = this
    const { nodes } = this.nodes
    let index = parts.failover === 'next' ? selector.pickAmong(key, this.isUsable) : selector.pick(key)
    // All breakers are open: the server of the key says so.
    if (index === NO_SERVER) index = selector.pick(key)
    return nodes[index]!
  }

  targets(): readonly Server[] {
    return this.nodes.nodes
  }

  maintain(): void {
    if (this.isClosed) return
    for (const { pool } of this.nodes.nodes) pool.maintain()
    for (const server of this.retired) {
      server.pool.retire()
      if (server.pool.statistics().total === 0) this.retired.delete(server)
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.parts.source.close()
    this.wake()
    await Promise.all([...this.nodes.nodes, ...this.retired].map(({ pool }) => pool.close(closed())))
  }

  private retire(server: Server): void {
    server.pool.retire()
    this.retired.add(server)
  }

  private update(servers: readonly ServerAddress[]): void {
    if (this.isClosed) return
    // If a function of the program throws in either, the servers and the selector stay those of the last list.
    const selector = createSelector(this.parts.distribution, servers)
    this.nodes.update(servers)
    this.selector = selector
    this.parts.onServers(servers.map(({ name }) => name))
    this.wake()
  }

  private fail(error: Error): void {
    this.listError = error
    this.parts.onListError(error)
    this.wake()
  }

  private wake(): void {
    for (const look of [...this.waiting]) look()
  }
}

const aborted = ({ reason }: AbortSignal): ClientError =>
  new ClientError('ABORTED', 'the call was aborted', { cause: reason })
const closed = (): ClientError => new ClientError('CLOSED', 'the client is closed')
