import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/** All counters. The names are those of `stats`; the help is what a dashboard shows beside the figure. */
export const COUNTERS = [
  { name: 'cmd_get', help: 'Keys asked for.' },
  { name: 'cmd_set', help: 'Values sent to be stored.' },
  { name: 'cmd_flush', help: 'Flushes.' },
  { name: 'cmd_touch', help: 'Keys touched.' },
  { name: 'cmd_meta', help: 'Items described by the command me.' },
  { name: 'get_hits', help: 'Keys asked for and found.' },
  { name: 'get_misses', help: 'Keys asked for and not found.' },
  { name: 'get_expired', help: 'Items found, but past their expiry.' },
  { name: 'get_flushed', help: 'Items found, but flushed.' },
  { name: 'delete_hits', help: 'Keys deleted.' },
  { name: 'delete_misses', help: 'Keys to be deleted that were not there.' },
  { name: 'incr_hits', help: 'Counters incremented.' },
  { name: 'incr_misses', help: 'Counters to be incremented that were not there.' },
  { name: 'decr_hits', help: 'Counters decremented.' },
  { name: 'decr_misses', help: 'Counters to be decremented that were not there.' },
  { name: 'cas_hits', help: 'Changes whose cas was the current one.' },
  { name: 'cas_misses', help: 'Changes with a cas to keys that were not there.' },
  { name: 'cas_badval', help: 'Changes whose cas was an older one.' },
  { name: 'touch_hits', help: 'Keys touched that were there.' },
  { name: 'touch_misses', help: 'Keys to be touched that were not there.' },
  { name: 'store_too_large', help: 'Values refused for their size.' },
  { name: 'store_no_memory', help: 'Values refused because no room could be made.' },
  { name: 'internal_errors', help: 'Requests given up because of a defect of this server.' },
  { name: 'auth_cmds', help: 'Logins tried.' },
  { name: 'auth_errors', help: 'Logins refused.' },
  { name: 'bytes_read', help: 'Bytes received.' },
  { name: 'bytes_written', help: 'Bytes sent.' },
  { name: 'total_connections', help: 'Connections accepted.' },
  { name: 'rejected_connections', help: 'Connections refused because there were too many.' },
  { name: 'conn_yields', help: 'Times that a connection with more requests let others go first.' },
  { name: 'read_buf_oom', help: 'Connections closed because no room for their bytes was left.' },
  { name: 'ssl_handshake_errors', help: 'TLS handshakes that failed.' },
  { name: 'ssl_proto_errors', help: 'Encrypted connections that broke after their handshake.' },
  { name: 'ssl_new_sessions', help: 'TLS handshakes that did not go on with an earlier session.' },
  { name: 'idle_kicks', help: 'Connections closed because they had been idle for too long.' },
  { name: 'total_items', help: 'Items stored.' },
  { name: 'evictions', help: 'Items dropped to make room.' },
  { name: 'evicted_unfetched', help: 'Items dropped to make room that had never been read.' },
  { name: 'evicted_active', help: 'Items dropped to make room that had been read more than once.' },
  { name: 'expired_unfetched', help: 'Items past their expiry, removed, that had never been read.' },
  { name: 'reclaimed', help: 'Items past their expiry, or flushed, whose room was used again.' },
  { name: 'crawler_reclaimed', help: 'Items past their expiry that were found without being asked for.' },
  { name: 'log_worker_written', help: 'Events kept for watchers.' },
  { name: 'log_worker_dropped', help: 'Events dropped because watchers did not keep up.' },
  { name: 'log_watcher_sent', help: 'Lines for watchers.' },
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
