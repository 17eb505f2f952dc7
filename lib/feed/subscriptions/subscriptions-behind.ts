import { changeOf } from '../change.js'
import { type ChangeReader, type Cursor, LOST } from '../history/change-reader.js'
import { ChangeKind } from '../history/change-record.js'
import type { History } from '../history/history.js'
import { writePosition } from '../position.js'
import type { Slice } from '../slice.js'
import type { Followers } from './followers.js'
import { BUSY, type ItemSource } from './item-source.js'
import { Listing } from './listing.js'
import { ReadingState } from './reading-state.js'
import { isBelow, type Subscription } from './subscription.js'

/** Subscriptions with a cursor of their own: they begin earlier than the others, list items, or had a full queue. */
export class SubscriptionsBehind {
  private readonly history: History
  private readonly reader: ChangeReader
  private readonly items: ItemSource
  private readonly followers: Followers
  private readonly slice: Slice
  /** Those that have something to do, in the order of their turns. */
  private readonly turns: Subscription[] = []

  constructor(history: History, reader: ChangeReader, items: ItemSource, followers: Followers, slice: Slice) {
    this.history = history
    this.reader = reader
    this.items = items
    this.followers = followers
    this.slice = slice
  }

  add(subscription: Subscription): void {
    this.turns.push(subscription)
  }

  /** What there was before cannot be told, or is not wanted. */
  beginAnew(subscription: Subscription, after: string | undefined): void {
    const { cursor, isInitial } = subscription
    if (isInitial) subscription.listing = new Listing(this.items, this.reader, this.slice)
    const position = isInitial ? undefined : this.positionAt(cursor.number)
    if (after !== undefined) subscription.add(changeOf('gap', { after, position }))
    else if (!isInitial) subscription.add(changeOf('position', { position }))
  }

  /** Serves those who are behind, for one slice. Returns true if one of them can continue at once. */
  catchUp(live: Cursor): boolean {
    const waiting: Subscription[] = []
    if (this.turns[0]?.listing === undefined) this.slice.beginReading()
    else this.slice.begin()
    while (this.turns.length > 0) {
      const subscription = this.turns.shift()!
      const { isClosed, isFull, isFollowing } = subscription
      if (isClosed || isFull || isFollowing) continue
      const state = subscription.listing?.step(subscription) ?? this.readOn(subscription, live)
      if (state === ReadingState.MORE) this.turns.push(subscription)
      else if (state === ReadingState.LOST) this.lose(subscription)
      else if (state === ReadingState.WAITING && !subscription.isFull) waiting.push(subscription)
      else if (state === ReadingState.DONE) this.advance(subscription)
      if (this.slice.isOver) break
    }
    const isMore = this.turns.length > 0
    this.turns.push(...waiting)
    return isMore
  }

  /** The items have been listed, or the changes read that those who follow have read. */
  private advance(subscription: Subscription): void {
    if (subscription.listing !== undefined) {
      subscription.listing = undefined
      subscription.add(changeOf('position', { position: this.positionAt(subscription.cursor.number) }))
      this.turns.push(subscription)
      return
    }
    if (subscription.isFull) return
    this.followers.add(subscription)
  }

  /**
   * Reads with the cursor of a subscription, as far as those who follow have read. They may have begun behind changes that
   * cannot be read yet, since a journal does not have them or a worker is publishing: WAITING until these have been read, too.
   */
  private readOn(subscription: Subscription, live: Cursor): ReadingState {
    const { reader, slice } = this
    const { cursor } = subscription
    do {
      if (subscription.isFull) return ReadingState.WAITING
      const change = reader.next(cursor)
      if (change === LOST) return ReadingState.LOST
      if (change < 0 && reader.isSkipping) return ReadingState.MORE
      if (change < 0 && cursor.number < live.number) return ReadingState.WAITING
      if (change < 0 || reader.nextNumber > live.number) return this.mayFollow(subscription, live)
      const state = this.read(subscription, change)
      if (state !== ReadingState.DONE) return state
    } while (!slice.isOver)
    return ReadingState.MORE
  }

  /** Reads one change. */
  private read(subscription: Subscription, change: number): ReadingState {
    const { reader, items } = this
    const { cursor, form, bytes } = subscription
    const isTold = this.isFor(subscription, change, items.kindOf(change))
    const isEncoded = isTold && subscription.isShareable
    const isCopied = isTold && !isEncoded
    const number = reader.nextNumber
    if (isEncoded) this.followers.encoderOf(form!).write(change, number, bytes!.own)
    const copy = isCopied ? items.copyOf(change, this.positionAt(number)) : undefined
    const value = isCopied && subscription.values ? items.valueOf(change) : undefined
    if (value === BUSY) return ReadingState.MORE
    if (!reader.pass(cursor)) return ReadingState.LOST
    if (isEncoded) subscription.keepWritten()
    else if (copy !== undefined) subscription.add(value === undefined ? copy : { ...copy, ...value })
    return ReadingState.DONE
  }

  /**
   * The subscription has read what those who follow have read. It may be ahead of them, if it has begun at the end while they were
   * not there. Those who are told the same bytes have to be at the same place.
   */
  private mayFollow({ isShareable, cursor }: Subscription, live: Cursor): ReadingState {
    return isShareable && cursor.number > live.number ? ReadingState.WAITING : ReadingState.DONE
  }

  private isFor(subscription: Subscription, change: number, kind: ChangeKind): boolean {
    if (!subscription.wants(kind)) return false
    if (kind === ChangeKind.FLUSH) return true
    if (kind === ChangeKind.SET && this.reader.isFlushed(subscription.cursor, change)) return false
    return subscription.prefix === '' || isBelow(this.items.latinKeyOf(change), subscription.prefix, kind)
  }

  /** Changes that the subscription has not read were overwritten. */
  private lose(subscription: Subscription): void {
    const after = this.positionAt(subscription.cursor.number)
    this.reader.recover(subscription.cursor)
    this.beginAnew(subscription, after)
    this.turns.push(subscription)
  }

  private positionAt(number: number): string {
    return writePosition(this.history.id, number)
  }
}
