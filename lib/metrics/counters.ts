import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/** All counters. The names are those of `stats`; the help is what a dashboard shows beside the figure. */
export const COUNTERS = [
  { name: 'cmd_get', help: 'Keys requested.' },
  { name: 'cmd_set', help: 'Values sent for storing.' },
  { name: 'cmd_flush', help: 'Flushes.' },
  { name: 'cmd_touch', help: 'Keys touched.' },
  { name: 'cmd_meta', help: 'Items described by the command me.' },
  { name: 'get_hits', help: 'Requested keys that were found.' },
  { name: 'get_misses', help: 'Requested keys that were not found.' },
  { name: 'get_expired', help: 'Requested items that had expired.' },
  { name: 'get_flushed', help: 'Requested items that had been flushed.' },
  { name: 'delete_hits', help: 'Keys deleted.' },
  { name: 'delete_misses', help: 'Deletes of missing keys.' },
  { name: 'incr_hits', help: 'Counters incremented.' },
  { name: 'incr_misses', help: 'Increments of missing keys.' },
  { name: 'decr_hits', help: 'Counters decremented.' },
  { name: 'decr_misses', help: 'Decrements of missing keys.' },
  { name: 'cas_hits', help: 'Changes with the cas of the item.' },
  { name: 'cas_misses', help: 'Changes of missing keys with a cas.' },
  { name: 'cas_badval', help: 'Changes refused because of another cas.' },
  { name: 'touch_hits', help: 'Touches of existing keys.' },
  { name: 'touch_misses', help: 'Touches of missing keys.' },
  { name: 'store_too_large', help: 'Values refused because they were too large.' },
  { name: 'store_no_memory', help: 'Values refused for lack of memory.' },
  { name: 'internal_errors', help: 'Requests that failed because of a defect of the server.' },
  { name: 'auth_cmds', help: 'Login attempts.' },
  { name: 'auth_errors', help: 'Logins refused.' },
  { name: 'bytes_read', help: 'Bytes received.' },
  { name: 'bytes_written', help: 'Bytes sent.' },
  { name: 'total_connections', help: 'Connections accepted.' },
  { name: 'rejected_connections', help: 'Connections refused above the limit.' },
  { name: 'conn_yields', help: 'Times that a connection with more requests yielded to others.' },
  { name: 'read_buf_oom', help: 'Connections closed for lack of buffers.' },
  { name: 'ssl_handshake_errors', help: 'TLS handshakes that failed.' },
  { name: 'ssl_proto_errors', help: 'TLS connections that failed after their handshake.' },
  { name: 'ssl_new_sessions', help: 'TLS handshakes that did not resume a session.' },
  { name: 'idle_kicks', help: 'Connections closed because they were idle for too long.' },
  { name: 'total_items', help: 'Items stored.' },
  { name: 'evictions', help: 'Items evicted to make room.' },
  { name: 'evicted_unfetched', help: 'Evicted items that were never read.' },
  { name: 'evicted_active', help: 'Evicted items that were read more than once.' },
  { name: 'expired_unfetched', help: 'Expired items that were never read.' },
  { name: 'reclaimed', help: 'Expired or flushed items whose memory was reused.' },
  { name: 'crawler_reclaimed', help: 'Expired or flushed items that were removed without a request.' },
  { name: 'gateway_redirections', help: 'Commands that another node of the engine had to run (--gateway).' },
  { name: 'gateway_retries', help: 'Times that a command waited for a node of the engine (--gateway).' },
  { name: 'gateway_timeouts', help: 'Commands without a reply of the engine in time (--gateway).' },
  {
    name: 'gateway_unacknowledged',
    help: 'Changes that too few replicas of the engine acknowledged in time (--gateway-ack).',
  },
  { name: 'gateway_replica_reads', help: 'Gets that a replica of the engine answered (--gateway-reads).' },
  { name: 'gateway_joined', help: 'Gets that shared the reply to another get of the key (--gateway).' },
  { name: 'gateway_shadow_lists', help: 'Lists of all items that the engine has taken (--gateway-shadow).' },
  { name: 'gateway_shadow_changes', help: 'Items and changes that the engine has taken (--gateway-shadow).' },
  { name: 'gateway_shadow_retries', help: 'Changes that were sent again (--gateway-shadow).' },
  { name: 'gateway_shadow_refused', help: 'Changes that a full engine has refused (--gateway-shadow).' },
  { name: 'gateway_shadow_lost', help: 'Changes overwritten before they were sent (--gateway-shadow).' },
  {
    name: 'gateway_shadow_forgotten',
    help: 'Removals that the engine has not been told (--gateway-shadow).',
  },
  { name: 'gateway_shadow_compared', help: 'Items read from the engine and compared (--gateway-shadow).' },
  { name: 'gateway_shadow_differences', help: 'Those of them that differed (--gateway-shadow).' },
  { name: 'log_worker_written', help: 'Events recorded for watchers.' },
  { name: 'log_worker_dropped', help: 'Events dropped because watchers did not keep up.' },
  { name: 'log_watcher_sent', help: 'Lines sent to watchers.' },
  { name: 'log_watcher_skipped', help: 'Lines left out because a watcher did not read.' },
] as const

export type CounterName = (typeof COUNTERS)[number]['name']

/** The place of each counter in a block. */
export const Counter = Object.fromEntries(COUNTERS.map(({ name }, index) => [name, index])) as {
  readonly [Name in CounterName]: number
}

/**
 * The counts of all workers: for each a block of doubles in the arena that only it writes. A sum adds the blocks of
 * all. A reset writes nothing into them: it stores their sums as a baseline.
 */
export class Counters {
  private readonly doubles: Float64Array
  /** This worker's block, the blocks of all, and the baseline of the last reset. */
  private readonly own: number
  private readonly first: number
  private readonly baseline: number
  private readonly blockCount: number

  private constructor(doubles: Float64Array, first: number, blockCount: number, block: number) {
    this.doubles = doubles
    this.first = first
    this.blockCount = blockCount
    this.own = first + block * BLOCK_DOUBLES
    this.baseline = first + blockCount * BLOCK_DOUBLES
  }

  static over(arena: Arena): Counters {
    const { worker, workerCount } = arena.workerSlot
    const first = arena.reserve((workerCount + 2) * BLOCK_LENGTH) / 8
    return new Counters(arena.doubles, first, workerCount + 1, worker)
  }

  static readonly regionLength = (workerCount = 1): number =>
    (workerCount + 2) * BLOCK_LENGTH + CACHE_LINE_LENGTH

  /** The same for the thread that accepts connections. It is not a worker, but counts too. */
  forAcceptor(): Counters {
    return new Counters(this.doubles, this.first, this.blockCount, this.blockCount - 1)
  }

  count(counter: number): void {
    this.doubles[this.own + counter]!++
  }

  add(counter: number, amount: number): void {
    this.doubles[this.own + counter] = this.doubles[this.own + counter]! + amount
  }

  /** Since the start, or since the last reset. */
  read(counter: number): number {
    return this.sum(counter) - this.doubles[this.baseline + counter]!
  }

  reset(): void {
    for (let counter = 0; counter < COUNTERS.length; counter++) {
      this.doubles[this.baseline + counter] = this.sum(counter)
    }
  }

  private sum(counter: number): number {
    let sum = 0
    for (let block = 0; block < this.blockCount; block++) {
      sum += this.doubles[this.first + block * BLOCK_DOUBLES + counter]!
    }
    return sum
  }
}

/** Whole cache lines, because each block has another writer. */
const BLOCK_LENGTH = Math.ceil((COUNTERS.length * 8) / CACHE_LINE_LENGTH) * CACHE_LINE_LENGTH
const BLOCK_DOUBLES = BLOCK_LENGTH / 8
