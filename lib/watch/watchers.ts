import type { Arena } from '../arena/arena.js'
import { Counter, type Counters } from '../metrics/counters.js'
import { type EventType, EventWord, KIND_OF } from './event.js'
import { EventReader } from './event-reader.js'
import { Events } from './events.js'
import { lineOf } from './lines.js'
import { Rings } from './rings.js'
import { type Sink, Subscription } from './subscription.js'

export interface WatchLengths {
  /** The buffer length of one watcher. */
  readonly watcherBufferLength: number
  /** The ring length of one worker. */
  readonly workerBufferLength: number
}

/** The watchers of one worker. While there are any, it reads the events of all workers, and formats the lines. */
export class Watchers {
  /** The events of this worker. */
  readonly events: Events
  private readonly rings: Rings
  private readonly reader: EventReader
  private readonly counters: Counters
  private readonly bufferLength: number
  private readonly subscriptions = new Set<Subscription>()
  private looking: NodeJS.Timeout | undefined = undefined
  private isLookingSoon = false
  private readonly tell = (event: number) => this.tellOf(event)

  constructor(arena: Arena, counters: Counters, lengths: WatchLengths) {
    this.rings = new Rings(arena, lengths.workerBufferLength)
    this.reader = new EventReader(this.rings)
    this.events = new Events(this.rings, counters)
    this.counters = counters
    this.bufferLength = lengths.watcherBufferLength
  }

  static regionLength(workerCount: number, workerBufferLength: number): number {
    return Rings.regionLength(workerCount, workerBufferLength)
  }

  /** The count of watchers, of all workers. */
  get count(): number {
    return this.rings.watcherCount
  }

  /** Whether one more may watch. If so, `watch` must follow. */
  admit(): boolean {
    if (this.rings.countWatcher(1) < WATCHER_COUNT_MAX) return true
    this.rings.countWatcher(-1)
    return false
  }

  /** Sends an admitted watcher all events from now on. */
  watch(kinds: number, sink: Sink): Subscription {
    const subscription = new Subscription(kinds, this.rings.nextGid(), this.bufferLength, sink)
    if (this.subscriptions.size === 0) this.begin()
    this.subscriptions.add(subscription)
    this.want()
    return subscription
  }

  leave(subscription: Subscription): void {
    this.subscriptions.delete(subscription)
    this.rings.countWatcher(-1)
    this.want()
    if (this.subscriptions.size === 0) this.end()
  }

  private want(): void {
    let kinds = 0
    for (const subscription of this.subscriptions) kinds |= subscription.kinds
    this.rings.want(kinds)
    this.events.refresh()
  }

  // ─── reading events ────────────────────────────────────────────────────────────────────────────────────────────────

  private begin(): void {
    this.rings.beginReading()
    this.events.onWritten = () => this.lookSoon()
    this.lookLater()
  }

  private end(): void {
    clearTimeout(this.looking)
    this.events.onWritten = () => undefined
    this.rings.endReading()
  }

  /** This worker's own events are read after its sockets have been served. */
  private lookSoon(): void {
    if (this.isLookingSoon) return
    this.isLookingSoon = true
    setImmediate(() => {
      this.isLookingSoon = false
      if (this.subscriptions.size > 0) this.look()
    })
  }

  /** Events of other workers are polled, less often the longer there are none. */
  private lookLater(delayMs = LOOK_MS_MIN): void {
    this.looking = setTimeout(() => {
      const hasFound = this.look()
      this.lookLater(hasFound ? LOOK_MS_MIN : Math.min(LOOK_MS_MAX, delayMs + 1))
    }, delayMs).unref()
  }

  private look(): boolean {
    const count = this.reader.read(EVENTS_AT_ONCE, this.tell)
    if (count === 0) return false
    for (const subscription of this.subscriptions) subscription.flush()
    // If there were some, there are probably more.
    this.lookSoon()
    return true
  }

  private tellOf(event: number): void {
    const { words, doubles } = this.rings
    const kind = KIND_OF[(words[event + EventWord.HEAD]! & 0xff) as EventType]
    const gid = doubles[(event + EventWord.GID) / 2]!
    let line: string | undefined
    for (const subscription of this.subscriptions) {
      if ((subscription.kinds & kind) === 0 || gid < subscription.firstGid) continue
      if (subscription.isStuck) {
        subscription.skip()
        this.counters.count(Counter.log_watcher_skipped)
        continue
      }
      line ??= lineOf(this.rings, event)
      const isTaken = subscription.add(line)
      this.counters.count(isTaken ? Counter.log_watcher_sent : Counter.log_watcher_skipped)
    }
  }
}

/** As many as memcached allows. */
const WATCHER_COUNT_MAX = 20
/** About 2 ms of work; then other tasks run. */
const EVENTS_AT_ONCE = 1000
const LOOK_MS_MIN = 1
const LOOK_MS_MAX = 8
