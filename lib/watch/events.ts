import { CARRIAGE_RETURN, LINE_FEED } from '../arena/ascii.js'
import { Counter, type Counters } from '../metrics/counters.js'
import {
  type DeleteVerb,
  EVENT_HEAD_LENGTH,
  EventType,
  EventWord,
  type Found,
  KIND_OF,
  type Outcome,
  type StoreVerb,
} from './event.js'
import type { Rings } from './rings.js'
import { WallClock } from './wall-clock.js'

/**
 * The events of a worker. Each function is called for something that has happened, and writes an event into the
 * worker's ring, if there is a watcher for it. No strings are made here: the reader formats the lines (lines.ts).
 */
export class Events {
  /** The kinds that are watched, as of `refresh`. */
  wanted = 0
  /** Called after an event was written. */
  onWritten: () => void = nothing
  private readonly rings: Rings
  private readonly counters: Counters
  private readonly clock = new WallClock()
  /** The event that was begun: its first word, or NO_ROOM; and the position of the ring behind it. */
  private event = NO_ROOM
  private writtenAfter = 0

  constructor(rings: Rings, counters: Counters) {
    this.rings = rings
    this.counters = counters
  }

  /** Call this before a batch of requests. */
  refresh(): void {
    this.wanted = this.rings.wanted
  }

  isWanted(type: EventType): boolean {
    return (this.wanted & KIND_OF[type]) !== 0
  }

  lookedUp(found: Found, keyStart: number, keyLength: number, connection: number, size: number): void {
    if (!this.isWanted(EventType.ITEM_GET)) return
    this.begin(EventType.ITEM_GET, found, 0, keyLength)
    this.setNumbers(connection, size, 0, 0)
    this.endWithKey(keyStart, keyLength)
  }

  /** `ttl` in seconds, 0: never expires. */
  stored(
    outcome: Outcome,
    verb: StoreVerb,
    keyStart: number,
    keyLength: number,
    connection: number,
    size: number,
    ttl: number,
  ): void {
    if (!this.isWanted(EventType.ITEM_STORE)) return
    this.begin(EventType.ITEM_STORE, outcome, verb, keyLength)
    this.setNumbers(connection, size, ttl, 0)
    this.endWithKey(keyStart, keyLength)
  }

  deleted(verb: DeleteVerb, keyStart: number, keyLength: number, size: number): void {
    if (!this.isWanted(EventType.DELETED)) return
    this.begin(EventType.DELETED, 0, verb, keyLength)
    this.setNumbers(0, size, 0, 0)
    this.endWithKey(keyStart, keyLength)
  }

  /** `ttl` in seconds, -1: never expires; `idle` are the seconds since the item was last read. */
  evicted(
    wasFetched: boolean,
    keyStart: number,
    keyLength: number,
    size: number,
    ttl: number,
    idle: number,
  ): void {
    this.begin(EventType.EVICTION, wasFetched ? 1 : 0, 0, keyLength)
    this.setNumbers(0, size, ttl, idle)
    this.endWithKey(keyStart, keyLength)
  }

  /** A segment is about to be cleared. */
  clears(segment: number, isEvicting: boolean, liveLength: number): void {
    this.begin(EventType.SEGMENT, isEvicting ? 1 : 0, 0, 0)
    this.setNumbers(segment, liveLength, 0, 0)
    this.end(0)
  }

  /** A connection was opened or closed. */
  connection(
    type: typeof EventType.CONN_NEW | typeof EventType.CONN_CLOSE,
    ending: number,
    transport: number,
    connection: number,
    host: string,
    port: number,
  ): void {
    if (!this.isWanted(type)) return
    this.begin(type, ending, transport, host.length)
    this.setNumbers(connection, 0, 0, port)
    const { bytes } = this.rings
    // With its length: without one, Node 20 and 22 write nothing if more than 2 GiB follow.
    this.end(this.event === NO_ROOM ? 0 : bytes.write(host, this.textStart, host.length, 'latin1'))
  }

  /** A line has arrived, or begun to: it is not reported before `tellCommand`. */
  prepareCommand(connection: number, start: number, end: number): void {
    const { bytes } = this.rings
    const scanEnd = Math.min(end, start + COMMAND_LENGTH_MAX)
    let lineEnd = start
    while (lineEnd < scanEnd && bytes[lineEnd] !== LINE_FEED) lineEnd++
    if (lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN) lineEnd--
    this.begin(EventType.COMMAND, 0, 0, lineEnd - start)
    this.setNumbers(connection, 0, 0, 0)
    this.writeText(start, lineEnd - start)
  }

  /** The command that was prepared last is about to run. */
  tellCommand(): void {
    this.publish()
  }

  // ─── into the ring ─────────────────────────────────────────────────────────────────────────────────────────────────

  private begin(type: EventType, detail: number, verb: number, textLength: number): void {
    const { rings } = this
    const { words, worker } = rings
    const written = rings.written(worker)
    const length = (EVENT_HEAD_LENGTH + textLength + 7) & ~7
    const tillEnd = rings.length - (written & (rings.length - 1))
    // An event is contiguous: the rest before the end of the ring is skipped.
    const passed = length > tillEnd ? tillEnd : 0
    if (rings.unreadLength + passed + length > rings.length) {
      this.event = NO_ROOM
      return
    }
    if (passed > 0) {
      const filler = rings.place(worker, written)
      words[filler + EventWord.LENGTH] = passed
      words[filler + EventWord.HEAD] = EventType.FILLER
    }
    this.event = rings.place(worker, written + passed)
    this.writtenAfter = (written + passed + length) | 0
    words[this.event + EventWord.LENGTH] = length
    words[this.event + EventWord.HEAD] = type | (detail << 8) | (verb << 16)
    rings.doubles[(this.event + EventWord.TIME) / 2] = this.clock.microseconds
  }

  private setNumbers(connection: number, size: number, ttl: number, more: number): void {
    if (this.event === NO_ROOM) return
    const { words } = this.rings
    words[this.event + EventWord.CONNECTION] = connection
    words[this.event + EventWord.SIZE] = size
    words[this.event + EventWord.TTL] = ttl
    words[this.event + EventWord.MORE] = more
  }

  private endWithKey(keyStart: number, keyLength: number): void {
    this.writeText(keyStart, keyLength)
    this.publish()
  }

  private end(textLength: number): void {
    if (this.event !== NO_ROOM) this.rings.words[this.event + EventWord.TEXT_LENGTH] = textLength
    this.publish()
  }

  private writeText(start: number, length: number): void {
    if (this.event === NO_ROOM) return
    this.rings.words[this.event + EventWord.TEXT_LENGTH] = length
    this.rings.move(this.textStart, start, length)
  }

  private get textStart(): number {
    return (this.event + EventWord.TEXT) * 4
  }

  private publish(): void {
    if (this.event === NO_ROOM) {
      this.counters.count(Counter.log_worker_dropped)
      return
    }
    this.rings.publish((this.event + EventWord.GID) / 2, this.writtenAfter)
    this.counters.count(Counter.log_worker_written)
    this.onWritten()
  }
}

const nothing = () => undefined

const NO_ROOM = -1
/** The reported length of a line. */
const COMMAND_LENGTH_MAX = 450
