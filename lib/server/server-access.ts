import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { getHeapSnapshot } from 'node:v8'
import type { Feed } from '../feed/feed.js'
import type { Gateway } from '../gateway/gateway.js'
import type { NodeFigures } from '../gateway/node-figures.js'
import type { ConnectionTable } from '../metrics/connection-table.js'
import type { Counters } from '../metrics/counters.js'
import type { Insight } from '../metrics/insight.js'
import type { ServerOptions } from '../options/table/options.js'
import { takeCpuProfile } from '../profiling/cpu-profile.js'
import type { Statistic } from '../request/reply.js'
import type { Store } from '../store/store.js'
import type { AdminAccess } from './admin-access.js'
import type { Worker } from './connection/worker.js'
import type { Data } from './data.js'
import type { ListenerFacts } from './listening/listener-facts.js'
import { type LocalReply, type LocalRequest, LocalRequests } from './workers/local-requests.js'
import type { WorkerThreads } from './workers/threads/worker-threads.js'

export interface ServerAccessParts {
  readonly options: ServerOptions
  readonly listening: readonly ListenerFacts[]
  /** The first worker over the arena. */
  readonly worker: Worker
  readonly data: Data | undefined
  readonly statistics: (group: string) => readonly Statistic[] | undefined
  /** Undefined without an admin listener. */
  readonly insight: Insight | undefined
  /** The gateway of this thread, if it serves. */
  readonly gateway: Gateway | undefined
  /** Undefined if one worker serves, in this thread. */
  readonly threads: () => WorkerThreads | undefined
  readonly isServing: () => boolean
}

/** What the admin listener may read and ask of a server. */
export class ServerAccess implements AdminAccess {
  readonly options: ServerOptions
  readonly listening: readonly ListenerFacts[]
  readonly store: Store
  readonly feed: Feed | undefined
  readonly counters: Counters
  readonly connections: ConnectionTable
  readonly workerCount: number
  readonly statistics: (group: string) => readonly Statistic[] | undefined
  readonly reportDefect: (error: unknown) => void
  private readonly parts: ServerAccessParts
  private readonly local: LocalRequests

  constructor(parts: ServerAccessParts) {
    const { worker } = parts
    this.options = parts.options
    this.listening = parts.listening
    this.store = worker.store
    this.feed = worker.feed
    this.counters = worker.counters
    this.connections = worker.table
    this.workerCount = worker.arena.workerSlot.workerCount
    this.statistics = parts.statistics
    this.reportDefect = worker.reportDefect
    this.parts = parts
    this.local = new LocalRequests(worker)
  }

  get insight(): Insight {
    const { insight } = this.parts
    if (insight === undefined) throw new Error('only the admin listener reads it')
    return insight
  }

  get isServing(): boolean {
    return this.parts.isServing()
  }

  get isTaking(): boolean {
    return this.parts.data?.isTaking ?? true
  }

  get utilizations(): readonly EventLoopUtilization[] {
    return this.parts.threads()?.utilizations ?? [performance.eventLoopUtilization()]
  }

  get engineNodes(): readonly (readonly NodeFigures[])[] {
    return this.parts.threads()?.engineNodes ?? [this.parts.gateway?.nodes() ?? []]
  }

  execute(request: LocalRequest): Promise<LocalReply> {
    const threads = this.parts.threads()
    if (threads === undefined) return this.local.execute(request)
    return threads.execute(this.connections.counts.leastBusy, request)
  }

  cpuProfile(worker: number, seconds: number, signal: AbortSignal): Promise<string | undefined> {
    const threads = this.parts.threads()
    return threads === undefined
      ? takeCpuProfile(seconds, signal)
      : threads.cpuProfile(worker, seconds, signal)
  }

  async heapSnapshot(worker: number): Promise<Readable> {
    const threads = this.parts.threads()
    return threads === undefined ? getHeapSnapshot() : threads.heapSnapshot(worker)
  }
}
