import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'

/** Everything that is counted. The names are those of `stats`; the help is what a dashboard shows beside the figure. */
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
  { name: 'auth_cmds', help: 'Logins tried.' },
  { name: 'auth_errors', help: 'Logins refused.' },
  { name: 'bytes_read', help: 'Bytes received.' },
  { name: 'bytes_written', help: 'Bytes sent.' },
  { name: 'total_connections', help: 'Connections accepted.' },
  { name: 'rejected_connections', help: 'Connections refused because there were too many.' },
  { name: 'conn_yields', help: 'Times that a connection with more requests let others go first.' },
  { name: 'read_buf_oom', help: 'Connections closed because no room for their bytes was left.' },
  { name: 'total_items', help: 'Items stored.' },
  { name: 'evictions', help: 'Items dropped to make room.' },
  { name: 'evicted_unfetched', help: 'Items dropped to make room that had never been read.' },
  { name: 'evicted_active', help: 'Items dropped to make room that had been read more than once.' },
  { name: 'expired_unfetched', help: 'Items past their expiry, removed, that had never been read.' },
  { name: 'reclaimed', help: 'Items past their expiry, or flushed, whose room was used again.' },
  { name: 'crawler_reclaimed', help: 'Items past their expiry that were found without being asked for.' },
] as const

export type CounterName = (typeof COUNTERS)[number]['name']

/** The place of each counter in a block. */
export const Counter = Object.fromEntries(COUNTERS.map(({ name }, index) => [name, index])) as {
  readonly [Name in CounterName]: number
}

/**
 * The counts of one worker: a block of doubles in the arena that only this worker writes. Whoever wants a sum adds up the
 * blocks of all. A reset writes nothing into them: it remembers where they stood.
 */
export class Counters {
  private readonly doubles: Float64Array
  private readonly first: number
  private readonly baseline: number

  constructor(arena: Arena) {
    this.doubles = arena.doubles
    this.first = arena.reserve(BLOCK_LENGTH) / 8
    this.baseline = this.first + COUNTERS.length
  }

  static readonly regionLength = (): number => BLOCK_LENGTH + CACHE_LINE_LENGTH

  count(counter: number): void {
    this.doubles[this.first + counter]!++
  }

  add(counter: number, amount: number): void {
    this.doubles[this.first + counter] = this.doubles[this.first + counter]! + amount
  }

  /** Since the start, or since the last reset. */
  read(counter: number): number {
    return this.doubles[this.first + counter]! - this.doubles[this.baseline + counter]!
  }

  reset(): void {
    this.doubles.copyWithin(this.baseline, this.first, this.first + COUNTERS.length)
  }
}

/** The counts and their baseline. */
const BLOCK_LENGTH = COUNTERS.length * 8 * 2
