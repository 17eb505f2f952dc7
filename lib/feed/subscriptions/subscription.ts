import { SUBSCRIBER_QUEUE_LENGTH_MAX } from '../../request/limits.js'
import { CHOSEN_NAMES, type Change } from '../change.js'
import type { SubscriptionOptions } from '../changes-options.js'
import { ByteQueue } from '../forms/byte-queue.js'
import type { ChangeForm } from '../forms/change-form.js'
import type { Cursor } from '../history/change-reader.js'
import { ChangeKind } from '../history/change-record.js'
import type { ReadingState } from './reading-state.js'

/**
 * One subscriber: what it wants, how far it has read, and a queue of changes that it has not taken yet.
 *
 *              ┌─ initial ─▶ listing ─┐
 *     begins ──┤                      ├─▶ catching up ◀──▶ following        what follows shares one cursor of the feed
 *              └──────────────────────┘        ▲  queue is full │
 *                                              └────────────────┘
 *
 * While the queue is full, the changes stay where they are, in the history. If they are overwritten there, the subscriber
 * receives a gap.
 */
export class Subscription {
  /** Called when there is something to take. */
  onReadable: () => void = nothing
  /** Called once, when the feed ends. */
  onEnd: () => void = nothing
  readonly prefix: string
  readonly values: boolean
  readonly isInitial: boolean
  readonly heartbeatMs: number
  readonly cursor: Cursor
  /** How it wants changes as bytes; undefined if it wants objects. */
  readonly form: ChangeForm | undefined
  /** Bit by `ChangeKind`. */
  readonly kinds: number
  /** The items that are listed first. */
  listing: Lister | undefined = undefined
  isFollowing = false
  isClosed = false
  /** When it was last told something, by the steady clock. */
  toldMs = 0
  /** What waits to be taken, of a subscriber that wants bytes. */
  readonly bytes: ByteQueue | undefined
  private readonly keeper: SubscriptionKeeper
  private readonly queue: Change[] = []
  private takenCount = 0
  private queuedLength = 0

  constructor(options: SubscriptionOptions, cursor: Cursor, keeper: SubscriptionKeeper, form?: ChangeForm) {
    const { prefix = '', kinds = CHOSEN_NAMES, heartbeatSeconds = HEARTBEAT_SECONDS } = options
    this.prefix = Buffer.from(prefix as string).toString('latin1')
    this.values = options.values ?? false
    this.isInitial = options.initial ?? false
    this.heartbeatMs = heartbeatSeconds === 0 ? Number.POSITIVE_INFINITY : heartbeatSeconds * 1000
    this.kinds = kinds.reduce((bits, name) => bits | (1 << (CHOSEN_NAMES.indexOf(name) + 1)), 0)
    this.cursor = cursor
    this.keeper = keeper
    this.form = form
    this.bytes = form && new ByteQueue()
  }

  /** The next change, if there is one. */
  next(): Change | undefined {
    const change = this.queue[this.takenCount]
    if (change === undefined) return undefined
    const wasFull = this.isFull
    this.takenCount++
    this.queuedLength -= lengthOf(change)
    if (this.takenCount === this.queue.length) {
      this.queue.length = 0
      this.takenCount = 0
    }
    if (wasFull && !this.isFull) this.keeper.drained(this)
    return change
  }

  /** The next changes, for a subscriber that wants bytes. */
  nextBytes(): Buffer | undefined {
    const wasFull = this.isFull
    const bytes = this.bytes?.take()
    if (wasFull && !this.isFull) this.keeper.drained(this)
    return bytes
  }

  get isEmpty(): boolean {
    return this.queue.length === 0 && (this.bytes === undefined || this.bytes.length === 0)
  }

  /** Takes no more changes, until some have been taken from it. */
  get isFull(): boolean {
    return this.queuedLength + (this.bytes?.length ?? 0) >= SUBSCRIBER_QUEUE_LENGTH_MAX
  }

  /** Where to resume after what has been taken; undefined while something waits to be taken, or to be listed. */
  get position(): string | undefined {
    return this.isEmpty && this.listing === undefined ? this.keeper.positionOf(this) : undefined
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.queue.length = 0
    this.bytes?.clear()
    this.keeper.closed(this)
  }

  // ─── called by the feed ────────────────────────────────────────────────────────────────────────────────────────────

  wants(kind: ChangeKind): boolean {
    return (this.kinds & (1 << kind)) !== 0
  }

  /** Its bytes have no values: those who want the same changes can be told the same bytes. */
  get isShareable(): boolean {
    return this.form !== undefined && !this.values
  }

  add(change: Change): void {
    if (!this.beginAdding()) return
    if (this.bytes !== undefined) {
      this.bytes.addText(this.form!.text(change))
      return
    }
    this.queue.push(change)
    this.queuedLength += lengthOf(change)
  }

  addBatch(batch: Buffer, isShared: boolean): void {
    if (this.beginAdding()) this.bytes!.addBatch(batch, isShared)
  }

  /** What was written behind its own bytes is an event. */
  keepWritten(): void {
    if (this.beginAdding()) this.bytes!.keepOwn()
  }

  private beginAdding(): boolean {
    if (this.isClosed) return false
    if (this.isEmpty) this.keeper.readable(this)
    this.toldMs = performance.now()
    return true
  }
}

/** Lists items to a subscription. */
export interface Lister {
  step(subscription: Subscription): ReadingState
}

/** What a subscription needs of its feed. */
export interface SubscriptionKeeper {
  readable(subscription: Subscription): void
  drained(subscription: Subscription): void
  closed(subscription: Subscription): void
  positionOf(subscription: Subscription): string
}

/** Whether a change concerns keys that begin so: the flush of a prefix may concern some of them, or all. */
export const isBelow = (key: string, prefix: string, kind: ChangeKind): boolean =>
  key.startsWith(prefix) || (kind === ChangeKind.FLUSH_PREFIX && prefix.startsWith(key))

const lengthOf = ({ keyBytes, prefixBytes, value }: Change): number =>
  CHANGE_LENGTH + (keyBytes?.length ?? prefixBytes?.length ?? 0) + (value?.length ?? 0)

const nothing = (): void => undefined

/** About what a change takes as an object. */
const CHANGE_LENGTH = 300
const HEARTBEAT_SECONDS = 15
