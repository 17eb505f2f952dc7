import type { Arena } from '../../arena/arena.js'
import { Output } from '../../arena/output.js'
import { type Window, WindowPool } from '../../arena/window.js'
import type { Feed } from '../../feed/feed.js'
import type { ConnectionTable } from '../../metrics/connection-table.js'
import type { Counters } from '../../metrics/counters.js'
import { MEGABYTE, type ServerOptions } from '../../options/table/options.js'
import type { Protocol } from '../../protocol/protocol.js'
import type { Engine } from '../../request/engine.js'
import { READ_LENGTH, WINDOW_LENGTH } from '../../request/limits.js'
import type { RemoteEngine } from '../../request/remote-engine.js'
import { Reply } from '../../request/reply.js'
import { Request } from '../../request/request.js'
import type { ProtocolChoice, Session } from '../../request/session.js'
import type { Store } from '../../store/store.js'
import type { Clock } from '../../store/time/clock.js'
import type { Watchers } from '../../watch/watchers.js'
import type { Certificates } from '../tls/certificates.js'
import type { Answering } from './answering.js'
import { GroupCommit, type KeptData } from './output/group-commit.js'
import { Turns } from './turns.js'
import { Deliveries } from './waiting/deliveries.js'
import { PrefixRoom } from './waiting/prefix-room.js'
import { WatchedTextProtocol } from './watched-text-protocol.js'

export interface WorkerParts {
  readonly arena: Arena
  readonly engine: Engine
  /** The same engine if its items live on other machines. */
  readonly remote?: RemoteEngine | undefined
  readonly counters: Counters
  /** The accepted protocols. */
  readonly protocol: ProtocolChoice
  /** Whether text clients must log in. */
  readonly asksForLogin?: boolean
  readonly pool: WindowPool
  readonly clock: Clock
  readonly table: ConnectionTable
  readonly store: Store
  readonly watchers: Watchers
  /** The changes; undefined when they are not recorded. */
  readonly feed?: Feed | undefined
  /** The data directory; undefined without one. */
  readonly data: KeptData | undefined
  /** Reads again the files that may change. */
  reload(): void
  /** A request has met a defect of this server. */
  reportDefect(error: unknown): void
  /** How many requests of a connection are answered before others have their turn; 0 for all that one read brought. */
  readonly requestsPerTurn: number
  /** The certificates of TLS; undefined without TLS. */
  readonly certificates?: Certificates | undefined
  /** How much of the replies is encrypted at a time. */
  readonly encryptedLengthMax?: number
  /** Only of a test server. */
  readonly turns?: Turns | undefined
}

/**
 * What all connections of a worker share. A read is answered before the next one begins, so one window to read into, one
 * to write replies into, and one record each for request and reply serve ten thousand connections.
 */
export class Worker implements Answering {
  readonly arena: Arena
  readonly engine: Engine
  readonly remote: RemoteEngine | undefined
  readonly counters: Counters
  readonly protocol: ProtocolChoice
  readonly asksForLogin: boolean
  readonly pool: WindowPool
  readonly clock: Clock
  readonly table: ConnectionTable
  readonly store: Store
  readonly watchers: Watchers
  readonly feed: Feed | undefined
  /** The text protocol while a client watches commands. */
  readonly watchedText: WatchedTextProtocol
  readonly data: KeptData | undefined
  readonly reload: () => void
  reportDefect: (error: unknown) => void
  readonly output: Output
  readonly commits: GroupCommit
  readonly turns: Turns
  readonly prefixRoom = new PrefixRoom()
  readonly deliveries = new Deliveries()
  readonly request = new Request()
  readonly reply = new Reply()
  readonly requestsPerTurn: number
  /** A connection is being answered: no other one may be meanwhile. */
  isAnswering = false
  readonly certificates: Certificates | undefined
  /** Where replies in several pieces are joined to be encrypted. */
  readonly gathered: Buffer
  readonly readStart: number
  /** The place for the flags of a request whose line is not there any more. */
  readonly flagsStart: number
  /** Where sockets put what arrives, unless their connection has a better place for it. */
  readonly readBuffer: Buffer

  constructor(parts: WorkerParts) {
    this.arena = parts.arena
    this.engine = parts.engine
    this.remote = parts.remote
    this.counters = parts.counters
    this.protocol = parts.protocol
    this.asksForLogin = parts.asksForLogin ?? false
    this.pool = parts.pool
    this.clock = parts.clock
    this.table = parts.table
    this.store = parts.store
    this.watchers = parts.watchers
    this.feed = parts.feed
    this.watchedText = new WatchedTextProtocol(parts.watchers.events)
    this.data = parts.data
    this.reload = parts.reload
    this.reportDefect = parts.reportDefect
    this.requestsPerTurn = parts.requestsPerTurn
    this.certificates = parts.certificates
    this.gathered = Buffer.alloc(parts.encryptedLengthMax ?? 0)
    this.turns = parts.turns ?? new Turns()
    this.output = new Output(parts.pool)
    this.commits = new GroupCommit(this)
    const readWindow = parts.pool.take() as Window
    this.readStart = readWindow.start
    this.flagsStart = readWindow.start + READ_LENGTH
    this.readBuffer = parts.arena.view(readWindow.start, readWindow.start + READ_LENGTH)
  }

  /** Before requests of a connection, which has this row of the table, are answered. */
  prepare(session: Session, row: number): void {
    this.engine.refreshClock()
    this.commits.begin()
    this.request.session = session
    this.table.setLastTime(row, this.clock.now)
  }

  /** Executes the request, and appends the reply. */
  answer(protocol: Protocol): void {
    this.engine.execute(this.request, this.reply)
    this.putReply(protocol)
  }

  /** Appends the reply, with its value, and releases the item. */
  putReply(protocol: Protocol): void {
    const { arena, engine, request, reply, output } = this
    protocol.encodeReply(arena, request, reply, output, Number.POSITIVE_INFINITY)
    engine.release()
  }

  /**
   * Windows for this many connections: each may own one for an unfinished request and two for output, but the pool keeps
   * to its bound; a connection that finds it empty is closed.
   */
  static createPool(arena: Arena, limits: PoolLimits): WindowPool {
    return new WindowPool(arena, WINDOW_LENGTH, windowCountFor(limits, arena.workerSlot.workerCount))
  }

  static poolRegionLength(limits: PoolLimits, workerCount: number): number {
    return WindowPool.regionLength(WINDOW_LENGTH, windowCountFor(limits, workerCount), workerCount)
  }
}

type PoolLimits = Pick<ServerOptions, 'connectionsMax' | 'readBufferMegabytes'>

/** Windows of one worker, for its share of the connections and of the memory that all workers may use. */
function windowCountFor({ connectionsMax, readBufferMegabytes }: PoolLimits, workerCount: number): number {
  const wanted = Math.min(WINDOW_COUNT_MAX, WINDOWS_PER_CONNECTION * connectionsMax)
  const count = Math.ceil(wanted / workerCount) + WINDOWS_FOR_ALL
  if (readBufferMegabytes === 0) return count
  const share = Math.floor((readBufferMegabytes * MEGABYTE) / WINDOW_LENGTH / workerCount)
  return Math.min(count, Math.max(WINDOW_COUNT_MIN, share))
}

/** The minimum with which a worker can serve. */
const WINDOW_COUNT_MIN = 8
const WINDOWS_PER_CONNECTION = 3
const WINDOWS_FOR_ALL = 128
/** 512 MiB of address space. */
const WINDOW_COUNT_MAX = 16 * 1024
