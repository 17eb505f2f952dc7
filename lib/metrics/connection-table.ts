import { type Arena, CACHE_LINE_LENGTH } from '../arena/arena.js'
import type { Statistic } from '../request/reply.js'
import { Census } from './census.js'
import { ConnectionCounts } from './connection-counts.js'

/** The states of connections in `stats conns`. */
export const ConnectionState = {
  READING: 0,
  ANSWERING: 1,
  RECEIVING: 2,
  SENDING: 3,
  CLOSING: 4,
  WATCHING: 5,
} as const
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState]

/** By `ConnectionState`. */
export const CONNECTION_STATE_NAMES = [
  'conn_read',
  'conn_parse_cmd',
  'conn_nread',
  'conn_mwrite',
  'conn_closing',
  'conn_watch',
] as const

/**
 * All connections of all workers, in the arena, so that each worker can show those of the others too.
 *
 *     ┌────────┬───────┬───────────┬─────────┬─────────┬─────────┬────────────────┐
 *     │ number │ state │ last time │ length  │ length  │ address │ listen address │    number 0: no connection
 *     └────────┴───────┴───────────┴─────────┴─────────┴─────────┴────────────────┘
 *
 * Each worker has rows for its share of the connections, and only it writes them.
 */
export class ConnectionTable {
  readonly counts: ConnectionCounts
  readonly census: Census
  private readonly arena: Arena
  private readonly words: Int32Array
  private readonly rowCount: number
  private readonly rows: number
  private readonly idle: number[] = []
  private madeCount = 0

  constructor(arena: Arena, connectionsMax: number) {
    const { workerCount } = arena.workerSlot
    this.arena = arena
    this.words = arena.words
    this.rowCount = rowCountFor(connectionsMax, workerCount)
    this.counts = new ConnectionCounts(arena)
    this.census = new Census(arena)
    this.rows = arena.reserve(workerCount * this.rowCount * ROW_LENGTH) >>> 2
  }

  static regionLength(connectionsMax: number, workerCount: number): number {
    return (
      ConnectionCounts.regionLength(workerCount) +
      Census.regionLength() +
      workerCount * rowCountFor(connectionsMax, workerCount) * ROW_LENGTH +
      CACHE_LINE_LENGTH
    )
  }

  /** A row for a connection of this worker. */
  enter(number: number): number {
    const row = this.idle.pop() ?? this.make()
    this.setAddresses(row, '', '')
    this.words[row + STATE] = ConnectionState.READING
    if (row !== this.sharedRow) Atomics.store(this.words, row + NUMBER, number)
    return row
  }

  /** The connection was closed. */
  leave(row: number): void {
    if (row === this.sharedRow) return
    Atomics.store(this.words, row + NUMBER, 0)
    this.idle.push(row)
  }

  setAddresses(row: number, address: string, listenAddress: string): void {
    const { words } = this
    const { bytes } = this.arena
    const start = (row + HEAD_WORDS) * 4
    words[row + ADDRESS_LENGTH] = bytes.write(address, start, TEXT_LENGTH_MAX, 'latin1')
    words[row + LISTEN_LENGTH] = bytes.write(
      listenAddress,
      start + TEXT_LENGTH_MAX,
      TEXT_LENGTH_MAX,
      'latin1',
    )
  }

  setState(row: number, state: ConnectionState): void {
    this.words[row + STATE] = state
  }

  /** When the last bytes arrived, in absolute seconds. */
  setLastTime(row: number, time: number): void {
    this.words[row + LAST_TIME] = time
  }

  lastTime(row: number): number {
    return this.words[row + LAST_TIME]! >>> 0
  }

  /** As `stats conns` shows them, in the order of their numbers. */
  statistics(now: number): Statistic[] {
    const found = this.takenRows
    found.sort((one, other) => this.number(one) - this.number(other))
    return found.flatMap((row) => this.lines(row, now))
  }

  /** How many connections are in each state. */
  get stateCounts(): number[] {
    const counts: number[] = CONNECTION_STATE_NAMES.map(() => 0)
    for (const row of this.takenRows) counts[this.words[row + STATE]!]!++
    return counts
  }

  private get takenRows(): number[] {
    const found: number[] = []
    for (let index = 0; index < this.arena.workerSlot.workerCount * this.rowCount; index++) {
      const row = this.rows + index * (ROW_LENGTH >>> 2)
      if (Atomics.load(this.words, row + NUMBER) !== 0) found.push(row)
    }
    return found
  }

  private lines(row: number, now: number): Statistic[] {
    const number = this.number(row)
    return [
      [`${number}:addr`, this.text(row, 0, ADDRESS_LENGTH)],
      [`${number}:listen_addr`, this.text(row, TEXT_LENGTH_MAX, LISTEN_LENGTH)],
      [`${number}:state`, CONNECTION_STATE_NAMES[this.words[row + STATE]!] ?? CONNECTION_STATE_NAMES[0]],
      [`${number}:secs_since_last_cmd`, `${now - this.lastTime(row)}`],
    ]
  }

  private number(row: number): number {
    return this.words[row + NUMBER]! >>> 0
  }

  private text(row: number, offset: number, length: number): string {
    const start = (row + HEAD_WORDS) * 4 + offset
    return this.arena.bytes.toString('latin1', start, start + this.words[row + length]!)
  }

  private make(): number {
    return this.madeCount === this.rowCount - 1 ? this.sharedRow : this.rowAt(this.madeCount++)
  }

  /** A worker's last row. When many connections are closing, those without a free row share it, and are not shown. */
  private get sharedRow(): number {
    return this.rowAt(this.rowCount - 1)
  }

  private rowAt(index: number): number {
    return this.rows + (this.arena.workerSlot.worker * this.rowCount + index) * (ROW_LENGTH >>> 2)
  }
}

/** The least busy worker has at most its share of the counted connections; others are being closed. */
const rowCountFor = (connectionsMax: number, workerCount: number): number =>
  Math.ceil(connectionsMax / workerCount) + ROWS_FOR_ENDING
const ROWS_FOR_ENDING = 64

const NUMBER = 0
const STATE = 1
const LAST_TIME = 2
const ADDRESS_LENGTH = 3
const LISTEN_LENGTH = 4
const HEAD_WORDS = 8
/** The path of a unix socket has at most 108 bytes. */
const TEXT_LENGTH_MAX = 128
const ROW_LENGTH = HEAD_WORDS * 4 + 2 * TEXT_LENGTH_MAX
