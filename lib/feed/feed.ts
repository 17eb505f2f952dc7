import type { Arena } from '../arena/arena.js'
import { SUBSCRIBER_COUNT_MAX } from '../request/limits.js'
import type { Store } from '../store/store.js'
import { changeOf } from './change.js'
import type { SubscriptionOptions } from './changes-options.js'
import type { ChangeForm } from './forms/change-form.js'
import { ChangeReader, type Cursor, LOST } from './history/change-reader.js'
import { ChangeKind } from './history/change-record.js'
import { ChangeWriter } from './history/change-writer.js'
import { History, SharedCount } from './history/history.js'
import { type ChangeJournal, JournalGate } from './history/journal-gate.js'
import { readPosition, writePosition } from './position.js'
import { Slice } from './slice.js'
import { Followers } from './subscriptions/followers.js'
import { ItemSource } from './subscriptions/item-source.js'
import { Subscription, type SubscriptionKeeper } from './subscriptions/subscription.js'
import { SubscriptionsBehind } from './subscriptions/subscriptions-behind.js'
import { type KeyWaiter, Waiters } from './waiters.js'

export interface FeedParts {
  readonly arena: Arena
  readonly store: Store
  /** Bytes for the histories of all workers. */
  readonly length: number
  /** The thread serves no clients: it makes no changes, and never waits for a worker. */
  readonly isOnlooker: boolean
}

/** What can be done with a position. */
export const Standing = {
  /** All later changes are still there. */
  USABLE: 0,
  /** It is of another server, or of this one before its last start. */
  FOREIGN: 1,
  /** Some of the later changes have been overwritten. */
  OVERWRITTEN: 2,
  /** It is no position. */
  MALFORMED: 3,
} as const
export type Standing = (typeof Standing)[keyof typeof Standing]

/**
 * The changes of all workers, in one order, for the subscribers and waiters of one thread. While there are any, it reads
 * the rings:
 *
 *     worker 0   store ──▶ writer ──▶ ring ──┐               ┌─▶ subscriptions, by prefix ──▶ queue ──▶ whoever reads it
 *                                            ├──▶ reader ────┤
 *     worker 1   store ──▶ writer ──▶ ring ──┘   one order   └─▶ waiters, by key ──▶ woken
 *
 * A subscription that is behind, since it begins earlier, lists items or has a full queue, reads with a cursor of its own.
 */
export class Feed implements SubscriptionKeeper {
  private readonly history: History
  private readonly reader: ChangeReader
  private readonly items: ItemSource
  private readonly parts: FeedParts
  private readonly waiters: Waiters
  private writer: ChangeWriter | undefined = undefined
  private readonly subscriptions = new Set<Subscription>()
  private readonly followers: Followers
  private readonly behind: SubscriptionsBehind
  private readonly slice = new Slice()
  /** Those who may take changes; so many of them have been told. */
  private readonly readableNow: Subscription[] = []
  private toldCount = 0
  /** How far those who follow have read; undefined while nobody reads. */
  private live: Cursor | undefined = undefined
  private looking: NodeJS.Timeout | undefined = undefined
  private sweeping: NodeJS.Timeout | undefined = undefined
  private isLookingSoon = false
  private pacing: NodeJS.Timeout | undefined = undefined
  private lookedMs = 0
  /** Subscriptions that want values. */
  private valueReaderCount = 0

  constructor(parts: FeedParts) {
    this.parts = parts
    this.history = new History(parts.arena, parts.length)
    this.reader = new ChangeReader(this.history)
    this.items = new ItemSource(parts)
    this.waiters = new Waiters(this.history)
    this.followers = new Followers(this.history, this.items, parts.arena.bytes)
    this.behind = new SubscriptionsBehind(this.history, this.reader, this.items, this.followers, this.slice)
  }

  static readonly regionLength = (length: number, workerCount: number): number =>
    History.regionLength(length, workerCount)

  /** From now on the changes of this worker are recorded; behind its journal, if it has one. */
  listen(journal: ChangeJournal | undefined): void {
    const { arena, store } = this.parts
    const gate = journal && new JournalGate(this.history, arena.workerSlot.worker, journal)
    this.writer = new ChangeWriter(arena, store, this.history, gate)
    if (this.live !== undefined) this.writer.onWritten = () => this.lookInTime()
    store.onChangeToo(this.writer)
  }

  // ─── positions ─────────────────────────────────────────────────────────────────────────────────────────────────────

  get latestPosition(): string {
    return this.positionAt(this.history.latestNumber)
  }

  /** The earliest position that can be resumed. */
  get oldestPosition(): string {
    return this.positionAt(this.reader.oldestNumber)
  }

  standingOf(text: string): Standing {
    const position = readPosition(text)
    if (position === undefined) return Standing.MALFORMED
    const isOurs = position.history === this.history.id && position.number <= this.history.latestNumber
    if (!isOurs) return Standing.FOREIGN
    return position.number < this.reader.oldestNumber ? Standing.OVERWRITTEN : Standing.USABLE
  }

  positionOf({ isFollowing, cursor }: Subscription): string {
    const { live } = this
    return this.positionAt(
      isFollowing && live !== undefined ? Math.max(live.number, cursor.number) : cursor.number,
    )
  }

  private positionAt(number: number): string {
    return writePosition(this.history.id, number)
  }

  // ─── subscribers ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** One more may subscribe. */
  get maySubscribe(): boolean {
    return this.history.countOf(SharedCount.SUBSCRIBERS) < SUBSCRIBER_COUNT_MAX
  }

  /** Undefined if there are too many. A position that cannot be resumed gives a gap. With a form, it receives bytes. */
  subscribe(options: SubscriptionOptions = {}, form?: ChangeForm): Subscription | undefined {
    const { since } = options
    const position = since === undefined ? undefined : readPosition(since)
    const isOurs = position !== undefined && position.history === this.history.id
    const resumed = isOurs ? this.reader.cursorAfter(position.number) : undefined
    const subscription = new Subscription(options, resumed ?? this.reader.cursorAtEnd(), this, form)
    // Last, so that options that throw take no place.
    if (!this.history.count(SharedCount.SUBSCRIBERS, 1, SUBSCRIBER_COUNT_MAX)) return undefined
    this.begin()
    this.subscriptions.add(subscription)
    if (subscription.values) this.valueReaderCount++
    if (resumed === undefined) this.behind.beginAnew(subscription, since)
    this.behind.add(subscription)
    this.lookSoon()
    return subscription
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const subscription of [...this.subscriptions]) {
      subscription.close()
      subscription.onEnd()
    }
  }

  readable(subscription: Subscription): void {
    this.readableNow.push(subscription)
  }

  drained(subscription: Subscription): void {
    if (!subscription.isFollowing) this.behind.add(subscription)
    this.lookSoon()
  }

  closed(subscription: Subscription): void {
    this.subscriptions.delete(subscription)
    if (subscription.values) this.valueReaderCount--
    this.followers.delete(subscription)
    this.history.count(SharedCount.SUBSCRIBERS, -1)
    this.endIfAlone()
  }

  // ─── waiters ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One more may wait. */
  get mayWait(): boolean {
    return this.waiters.mayAdd
  }

  /** The waiter is woken after the next change of its key, or once its time is up. */
  wait(waiter: KeyWaiter): void {
    this.waiters.add(waiter)
    // The key may have changed since the caller looked.
    if (this.live === undefined) this.waiters.noteChange(waiter.key)
    this.begin()
    this.lookSoon()
  }

  endWaiting(waiter: KeyWaiter): void {
    if (this.waiters.remove(waiter)) this.endIfAlone()
  }

  /** A test has moved the time forward: waits end as if so much time had passed. */
  timeMoved(ms: number): void {
    this.waiters.hasten(ms)
    this.waiters.sweep(performance.now())
    this.endIfAlone()
  }

  // ─── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private begin(): void {
    if (this.live !== undefined) return
    this.live = this.reader.cursorAtEnd()
    if (this.writer !== undefined) this.writer.onWritten = () => this.lookInTime()
    this.sweeping = setInterval(() => this.sweep(), SWEEP_MS).unref()
    this.lookLater()
  }

  private endIfAlone(): void {
    if (this.subscriptions.size > 0 || !this.waiters.isIdle) return
    clearTimeout(this.looking)
    this.looking = undefined
    clearTimeout(this.pacing)
    this.pacing = undefined
    clearInterval(this.sweeping)
    if (this.writer !== undefined) this.writer.onWritten = undefined
    this.live = undefined
  }

  /** This worker's own changes are read soon, or with those of the next few milliseconds: many at once cost less. */
  private lookInTime(): void {
    if (this.isLookingSoon || this.pacing !== undefined) return
    const restMs = this.lookedMs + this.paceMs - performance.now()
    if (restMs <= 0) this.lookSoon()
    else this.pacing = setTimeout(() => this.look(), Math.ceil(restMs)).unref()
  }

  /** Requests wait for waiters, and a value may be gone a moment later. */
  private get paceMs(): number {
    return this.waiters.size > 0 || this.valueReaderCount > 0 ? 0 : PACE_MS
  }

  /** After the sockets of the thread have been served. */
  private lookSoon(): void {
    if (this.isLookingSoon) return
    this.isLookingSoon = true
    this.slice.ask()
    setImmediate(() => {
      this.isLookingSoon = false
      this.look()
    })
  }

  /** Changes of other workers are polled, less often the longer there are none. */
  private lookLater(delayMs = this.lookMsMin): void {
    const timer = setTimeout(() => {
      const hasFound = this.look()
      // Whoever was told may have ended the reading, or begun it anew.
      if (this.looking === timer)
        this.lookLater(hasFound ? this.lookMsMin : Math.min(LOOK_MS_MAX, delayMs + 1))
    }, delayMs).unref()
    this.looking = timer
  }

  private get lookMsMin(): number {
    return Math.max(LOOK_MS_MIN, this.paceMs)
  }

  /** Returns whether there was anything to read. */
  private look(): boolean {
    const { live, waiters, slice } = this
    if (live === undefined) return false
    slice.measure()
    clearTimeout(this.pacing)
    this.pacing = undefined
    this.lookedMs = performance.now()
    this.items.refreshClock()
    const before = live.number
    const isMore = this.followAndTell(live)
    if (this.live !== live) return true
    const isBehind = this.behind.catchUp(live)
    slice.begin()
    const isUntold = this.tellReadable()
    waiters.wakeNoted()
    this.endIfAlone()
    if (isMore || isBehind || isUntold) this.lookSoon()
    return live.number !== before
  }

  /** Whoever follows sends what it is told before there is more than a queue holds. Returns true if there is more. */
  private followAndTell(live: Cursor): boolean {
    const { reader, slice, followers } = this
    if (!reader.refresh()) return true
    slice.beginReading()
    for (;;) {
      const isMore = this.follow(live)
      const { isBatchFull } = followers
      followers.flush(live)
      if (!isBatchFull || slice.isOver) return isMore
      this.tellReadable()
      // Whoever was told may have ended the reading, or begun it anew.
      if (this.live !== live) return true
    }
  }

  /** Prepares what those who follow are told. Returns true if there is more. */
  private follow(live: Cursor): boolean {
    const { reader, slice, followers } = this
    for (let count = 1; !followers.isBatchFull; count++) {
      const change = reader.next(live)
      if (change === LOST) this.loseAll(live)
      else if (change < 0) return reader.isSkipping
      else if (!this.tellOf(change, live)) return true
      const isLook = count % CHANGES_PER_LOOK === 0 || !followers.areAllShared
      if (isLook && slice.isOver) return true
    }
    return true
  }

  /** Tells those who follow of one change. False if its value cannot be read now. */
  private tellOf(change: number, live: Cursor): boolean {
    const { reader, items, waiters, followers } = this
    const kind = items.kindOf(change)
    const isFlush = kind === ChangeKind.FLUSH || kind === ChangeKind.FLUSH_PREFIX
    const hasKey = kind !== ChangeKind.FLUSH && (waiters.size > 0 || followers.prefixLengthMax > 0 || isFlush)
    const key = hasKey ? items.latinKeyOf(change) : ''
    if (kind === ChangeKind.SET && reader.isFlushed(live, change)) followers.prepareNone()
    else if (!followers.prepare(change, reader.nextNumber, kind, key)) return false
    // If it was overwritten meanwhile, the next attempt finds that changes were lost.
    if (!reader.pass(live)) return true
    if (waiters.size > 0) {
      if (isFlush) waiters.noteAll(key)
      else waiters.noteChange(key)
    }
    followers.tell(live)
    return true
  }

  /** Changes were overwritten before this thread has read them. */
  private loseAll(live: Cursor): void {
    for (const subscription of this.followers.loseAll(live)) this.behind.add(subscription)
    this.reader.recover(live)
    this.waiters.noteAll()
  }

  // ─── from time to time ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Tells some that they may take changes: each may send them at once. Returns true if others still have to be told. */
  private tellReadable(): boolean {
    const { readableNow, slice } = this
    // Others may become readable meanwhile.
    while (this.toldCount < readableNow.length) {
      readableNow[this.toldCount++]!.onReadable()
      if (slice.isOver) break
    }
    if (this.toldCount < readableNow.length) return true
    readableNow.length = 0
    this.toldCount = 0
    return false
  }

  /** Tells quiet subscribers where they are, and waiters that their time is up. */
  private sweep(): void {
    const nowMs = performance.now()
    this.followers.forEach((subscription) => {
      if (!subscription.isEmpty || nowMs - subscription.toldMs < subscription.heartbeatMs) return
      subscription.add(changeOf('position', { position: this.positionOf(subscription) }))
    })
    this.slice.begin()
    if (this.tellReadable()) this.lookSoon()
    this.waiters.sweep(nowMs)
    this.endIfAlone()
  }
}

const LOOK_MS_MIN = 1
/** So many are told, as bytes, in a few microseconds. */
const CHANGES_PER_LOOK = 16
const LOOK_MS_MAX = 8
/** Subscribers are told of changes so often: each time costs a system call for each of them (scripts/bench/feed.ts). */
const PACE_MS = 3
const SWEEP_MS = 1000
