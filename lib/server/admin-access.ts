import type { EventLoopUtilization } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import type { Feed } from '../feed/feed.js'
import type { NodeFigures } from '../gateway/node-figures.js'
import type { ConnectionTable } from '../metrics/connection-table.js'
import type { Counters } from '../metrics/counters.js'
import type { Insight } from '../metrics/insight.js'
import type { ServerOptions } from '../options/table/options.js'
import type { Statistic } from '../request/reply.js'
import type { Store } from '../store/store.js'
import type { ListenerFacts } from './listening/listener-facts.js'
import type { LocalReply, LocalRequest } from './workers/local-requests.js'

/** The server, as its admin listener sees it. Everything but `execute` only reads, in the thread that accepts connections. */
export interface AdminAccess {
  readonly options: ServerOptions
  readonly listening: readonly ListenerFacts[]
  /** The items: this thread may only look at them, and must not wait for a worker that writes. */
  readonly store: Store
  /** The changes; undefined when they are not recorded. */
  readonly feed: Feed | undefined
  readonly counters: Counters
  readonly insight: Insight
  readonly connections: ConnectionTable
  readonly workerCount: number
  /** False until the items are recovered and workers serve, and once the server is stopping. */
  readonly isServing: boolean
  /** False while the disk takes no changes. */
  readonly isTaking: boolean
  /** One for each worker. */
  readonly utilizations: readonly EventLoopUtilization[]
  /** What each worker has counted for the nodes of the engine, up to a second ago; none without a gateway. */
  readonly engineNodes: readonly (readonly NodeFigures[])[]
  /** A group of statistics, as clients see it; undefined if there is none. */
  statistics(group: string): readonly Statistic[] | undefined
  /** Runs a request in one of the workers. */
  execute(request: LocalRequest): Promise<LocalReply>
  /** A CPU profile of a worker's thread, as JSON; undefined if the signal aborts it. */
  cpuProfile(worker: number, seconds: number, signal: AbortSignal): Promise<string | undefined>
  /** Stops a worker's thread until the snapshot is taken. */
  heapSnapshot(worker: number): Promise<Readable>
  /** A request has met a defect of this server: logs it for the operator. */
  reportDefect(error: unknown): void
}

/** The admin listener, as the server sees it. */
export interface AdminListener {
  /** Where it listens, as `127.0.0.1:8080`. */
  readonly address: string
  /** Whether it keeps the process alive. */
  keepAlive(act: 'ref' | 'unref'): void
  /** Closes it and its connections. */
  close(): Promise<void>
}

export interface AdminPlace {
  readonly host: string
  readonly port: number
  /** More connections are closed at once. */
  readonly connectionCountMax: number
  /** Whether a client has sent the right token; undefined if none is required. */
  readonly isToken: ((given: Buffer) => boolean) | undefined
}

/** Rejects with the system's error if it cannot listen there. */
export type OpenAdmin = (access: AdminAccess, place: AdminPlace) => Promise<AdminListener>
