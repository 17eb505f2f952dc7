import { SUBSCRIBERS_BATCH_LENGTH_MAX } from '../../request/limits.js'
import type { Change, ChangeValue } from '../change.js'
import { ChangeEncoder } from '../forms/change-encoder.js'
import type { ChangeForm } from '../forms/change-form.js'
import type { Cursor } from '../history/change-reader.js'
import { ChangeKind } from '../history/change-record.js'
import type { History } from '../history/history.js'
import { writePosition } from '../position.js'
import { Channel } from './channel.js'
import { BUSY, type ItemSource } from './item-source.js'
import { Found, PrefixTable } from './prefix-table.js'
import type { Subscription } from './subscription.js'

/**
 * The subscriptions that follow: they share one cursor. Those that want bytes without values are told of many changes at once,
 * and those of them that want the same are told the same bytes.
 *
 *              ┌─▶ channel: prefix, kinds, form ─▶ buffer ─ flush ─▶ the queues of its members
 *     change ──┤
 *              └─▶ object, with a value if wanted ────────────────▶ the queues of the others
 */
export class Followers {
  private readonly history: History
  private readonly items: ItemSource
  private readonly bytes: Buffer
  private readonly encoders = new Map<ChangeForm, ChangeEncoder>()
  private readonly channels = new PrefixTable<Channel>()
  private readonly channelsByName = new Map<string, Channel>()
  private readonly others = new PrefixTable<Subscription>()
  /** Channels with something to tell. */
  private readonly unflushed = new Found<Channel>()
  /** One of them should be told now. */
  isBatchFull = false
  /** The members that want the latest change. */
  private readonly foundChannels = new Found<Channel>()
  private readonly foundOthers = new Found<Subscription>()
  private copy: Change | undefined = undefined
  private value: ChangeValue | undefined = undefined

  constructor(history: History, items: ItemSource, bytes: Buffer) {
    this.history = history
    this.items = items
    this.bytes = bytes
  }

  // ─── who follows ───────────────────────────────────────────────────────────────────────────────────────────────────

  add(subscription: Subscription): void {
    subscription.isFollowing = true
    if (subscription.isShareable) this.channelOf(subscription).members.add(subscription)
    else this.others.add(subscription)
  }

  delete(subscription: Subscription): void {
    subscription.isFollowing = false
    if (!subscription.isShareable) {
      this.others.delete(subscription)
      return
    }
    const channel = this.channelsByName.get(this.nameOf(subscription))
    if (channel?.members.delete(subscription) !== true || channel.members.size > 0) return
    this.channelsByName.delete(channel.name)
    this.channels.delete(channel)
  }

  forEach(visit: (subscription: Subscription) => void): void {
    this.others.forEach(visit)
    this.channels.forEach(({ members }) => {
      for (const member of members) visit(member)
    })
  }

  /** Nobody wants objects. */
  get areAllShared(): boolean {
    return this.others.size === 0
  }

  /** The longest prefix that a member has. */
  get prefixLengthMax(): number {
    return Math.max(this.channels.prefixLengthMax, this.others.prefixLengthMax)
  }

  encoderOf(form: ChangeForm): ChangeEncoder {
    const known = this.encoders.get(form)
    if (known !== undefined) return known
    const encoder = new ChangeEncoder(form, this.history, this.items, this.bytes)
    this.encoders.set(form, encoder)
    return encoder
  }

  // ─── a change ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Copies what is to be told of the change with this number: all who want keys that begin so, or only those whose prefix the key has. False if
   * its value cannot be read now. The change may be overwritten meanwhile: `tell` is called only if it was not.
   */
  prepare(change: number, number: number, kind: ChangeKind, key: string): boolean {
    this.find(kind, key)
    const { foundChannels, foundOthers } = this
    for (let index = 0; index < foundChannels.count; index++) {
      const { encoder, buffer } = foundChannels.members[index]!
      encoder.write(change, number, buffer)
    }
    return foundOthers.count === 0 || this.prepareObject(change, number)
  }

  /** Nobody is told of the change. */
  prepareNone(): void {
    this.foundChannels.count = 0
    this.foundOthers.count = 0
  }

  /** Tells what was prepared. Those whose queue is full then continue with a cursor of their own. */
  tell(live: Cursor): void {
    const { foundChannels, foundOthers } = this
    for (let index = 0; index < foundChannels.count; index++) {
      const channel = foundChannels.members[index]!
      if (channel.buffer.isEmpty) this.unflushed.add(channel)
      channel.buffer.keep()
      if (channel.buffer.keptEnd >= SUBSCRIBERS_BATCH_LENGTH_MAX) this.isBatchFull = true
    }
    if (foundOthers.count > 0) this.tellOthers(live)
  }

  /** Outside of `prepare` and `tell`, nothing waits here: whoever joins or leaves has been told of all changes so far. */
  flush(live: Cursor): void {
    const { unflushed } = this
    for (let index = 0; index < unflushed.count; index++) {
      const channel = unflushed.members[index]!
      this.flushChannel(channel, live)
    }
    this.isBatchFull = false
    unflushed.clear()
    this.foundChannels.clear()
    this.foundOthers.clear()
  }

  /** Later changes were overwritten. Returns all, which continue with cursors of their own. */
  loseAll(live: Cursor): readonly Subscription[] {
    this.flush(live)
    const lost: Subscription[] = []
    this.forEach((subscription) => {
      lost.push(subscription)
    })
    for (const subscription of lost) {
      const { number } = subscription.cursor
      this.fallBehind(subscription, live)
      subscription.cursor.number = Math.max(number, live.number)
    }
    return lost
  }

  private find(kind: ChangeKind, key: string): void {
    const { channels, others, foundChannels, foundOthers } = this
    if (kind === ChangeKind.FLUSH || kind === ChangeKind.FLUSH_PREFIX) {
      channels.findBelow(kind, key, foundChannels)
      others.findBelow(kind, key, foundOthers)
    } else {
      channels.find(kind, key, foundChannels)
      if (others.size > 0) others.find(kind, key, foundOthers)
      else foundOthers.count = 0
    }
  }

  private prepareObject(change: number, number: number): boolean {
    const { foundOthers, items, history } = this
    // Some have begun at the end, where those who follow have not come yet.
    const told = foundOthers.members
      .slice(0, foundOthers.count)
      .filter(({ cursor }) => cursor.number < number)
    foundOthers.count = 0
    for (const subscription of told) foundOthers.add(subscription)
    if (told.length === 0) return true
    this.copy = items.copyOf(change, writePosition(history.id, number))
    const value = told.some(({ values }) => values) ? items.valueOf(change) : undefined
    if (value === BUSY) return false
    this.value = value
    return true
  }

  private tellOthers(live: Cursor): void {
    const { foundOthers } = this
    const copy = this.copy!
    const withValue = this.value === undefined ? copy : { ...copy, ...this.value }
    for (let index = 0; index < foundOthers.count; index++) {
      const subscription = foundOthers.members[index]!
      subscription.add(subscription.values ? withValue : copy)
      if (subscription.isFull) this.fallBehind(subscription, live)
    }
  }

  private flushChannel({ members, buffer }: Channel, live: Cursor): void {
    const batch = buffer.take()
    const isShared = members.size > 1
    for (const subscription of members) {
      subscription.addBatch(batch, isShared)
      if (subscription.isFull) this.fallBehind(subscription, live)
    }
  }

  private fallBehind(subscription: Subscription, live: Cursor): void {
    subscription.cursor.copyFrom(live)
    this.delete(subscription)
  }

  private channelOf(subscription: Subscription): Channel {
    const name = this.nameOf(subscription)
    const known = this.channelsByName.get(name)
    if (known !== undefined) return known
    const channel = new Channel(name, subscription, this.encoderOf(subscription.form!))
    this.channelsByName.set(name, channel)
    this.channels.add(channel)
    return channel
  }

  private nameOf({ form, kinds, prefix }: Subscription): string {
    return `${form!.name} ${kinds} ${prefix}`
  }
}
