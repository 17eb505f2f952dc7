import { setTimeout as sleep } from 'node:timers/promises'
import { type Change, changeOf } from '../../feed/change.js'
import type { Feed } from '../../feed/feed.js'
import { readPosition } from '../../feed/position.js'
import type { Subscription } from '../../feed/subscriptions/subscription.js'
import { Counter, type Counters } from '../../metrics/counters.js'
import { Status } from '../../request/status.js'
import { EngineFailure, type MirrorTarget } from './mirror-target.js'
import { Removals } from './removals.js'
import type { Samples } from './samples.js'

export interface MirrorParts {
  readonly feed: Feed
  readonly target: MirrorTarget
  readonly samples: Samples
  readonly counters: Counters
}

/**
 * Sends the changes of the store to the engine, in the order of each key:
 *
 *     feed ──▶ subscription ──▶ changes on their way, one for each key ──▶ engine
 *     (history: the queue)                 │ has failed: again, until it works
 *
 * A flush runs alone, and so do the removals after a gap. The queue is the history of the feed, which has a bound: while the engine is away no client waits. What
 * was overwritten there before it was read is counted, and all items are listed again.
 */
export class Mirror {
  private readonly parts: MirrorParts
  private readonly removals: Removals
  private subscription: Subscription | undefined = undefined
  /** The next change, which has to wait for one on its way. */
  private held: Change | undefined = undefined
  private readonly keysUnderWay = new Set<string>()
  private countUnderWay = 0
  private lengthUnderWay = 0
  private isFlushing = false
  /** What was removed while changes were lost, until the engine has removed it. */
  private unsent: ReturnType<Removals['take']> | undefined = undefined
  /** A change had to be sent again: what waits in the subscription grows old, and is read again from the history. */
  private isStalled = false
  /** That of the last change that was begun; undefined while items are listed. */
  private position: string | undefined = undefined
  private isClosed = false
  private readonly ending = new AbortController()

  constructor(parts: MirrorParts) {
    this.parts = parts
    this.removals = new Removals(parts.feed, parts.counters)
  }

  start(): void {
    this.removals.start()
    this.subscribe()
    this.pump()
  }

  /** Whether the engine has all that the feed has by now. */
  get isDone(): boolean {
    const { subscription, held, countUnderWay } = this
    if (subscription === undefined || held !== undefined || countUnderWay > 0) return false
    return subscription.position === this.parts.feed.latestPosition
  }

  close(): void {
    this.isClosed = true
    this.subscription?.close()
    this.removals.close()
    this.ending.abort()
  }

  // ─── taking changes ────────────────────────────────────────────────────────────────────────────────────────────────

  private subscribe(): void {
    this.subscription?.close()
    this.held = undefined
    const { feed } = this.parts
    this.subscription = feed.subscribe({
      initial: true,
      values: true,
      since: this.position,
      kinds: ['set', 'delete', 'touch', 'evict', 'flush', 'flush_prefix'],
    })
    if (this.subscription !== undefined) this.subscription.onReadable = () => this.pump()
    // Clients have taken all the places.
    else setTimeout(() => this.isClosed || this.subscribe(), RETRY_MS).unref()
  }

  private pump(): void {
    while (!this.isClosed && !this.isStalled && this.hasRoom) {
      const change = this.held ?? this.subscription?.next()
      if (change === undefined) return
      this.held = this.mayBegin(change) ? undefined : change
      if (this.held !== undefined) return
      this.begin(change)
    }
  }

  private get hasRoom(): boolean {
    return this.countUnderWay < COUNT_MAX && this.lengthUnderWay < LENGTH_MAX && !this.isFlushing
  }

  private mayBegin({ kind, keyBytes }: Change): boolean {
    if (kind === 'flush' || kind === 'flush_prefix' || kind === 'gap') return this.countUnderWay === 0
    return keyBytes === undefined || !this.keysUnderWay.has(keyBytes.toString('latin1'))
  }

  private begin(change: Change): void {
    const { kind, position, keyBytes, value } = change
    if (kind === 'position') {
      this.notePosition(position)
      return
    }
    if (kind === 'gap') this.noteGap(change)
    // While items are listed there is none: then only a list resumes.
    else if (this.position !== undefined) this.position = position
    const isReplaced = (kind === 'item' || kind === 'set') && value === undefined
    if (!isReplaced) void this.send(change, keyBytes?.toString('latin1'))
  }

  private noteGap({ after }: Change): void {
    const { feed, counters } = this.parts
    const lost = readPosition(feed.latestPosition)!.number - (readPosition(after ?? '')?.number ?? 0)
    this.position = undefined
    counters.add(Counter.gateway_shadow_lost, Math.max(1, lost))
  }

  private notePosition(position: string | undefined): void {
    if (this.position === undefined) this.parts.counters.count(Counter.gateway_shadow_lists)
    this.position = position
  }

  // ─── sending them ──────────────────────────────────────────────────────────────────────────────────────────────────

  private async send(change: Change, name: string | undefined): Promise<void> {
    const length = change.value?.length ?? 0
    this.countUnderWay++
    this.lengthUnderWay += length
    if (name === undefined) this.isFlushing = true
    else this.keysUnderWay.add(name)
    await this.sendUntilDone(change)
    this.countUnderWay--
    this.lengthUnderWay -= length
    if (name === undefined) this.isFlushing = false
    else this.keysUnderWay.delete(name)
    if (this.isClosed) return
    if (this.isStalled && this.countUnderWay === 0) this.resume()
    this.pump()
  }

  /** The engine works again. A list that was broken off begins anew, and does not tell what was removed since it began. */
  private resume(): void {
    this.isStalled = false
    this.subscribe()
    if (this.position === undefined) void this.send(changeOf('gap'), undefined)
  }

  private async sendUntilDone(change: Change): Promise<void> {
    const { samples, counters, target } = this.parts
    const expiresMs = expiryOf(change)
    const note = samples.begin(change, expiresMs)
    let isRefused = false
    for (;;) {
      try {
        if (isRefused) await target.remove(change.keyBytes!)
        else await this.apply(change, expiresMs)
        this.removals.forget(change)
        if (!isRefused) counters.count(Counter.gateway_shadow_changes)
        break
      } catch (error) {
        if (this.isClosed) return
        if (error instanceof EngineFailure && error.status === Status.OUT_OF_MEMORY) {
          counters.count(Counter.gateway_shadow_refused)
          // What the engine has is older. A full engine still removes.
          isRefused = true
          continue
        }
        this.isStalled = true
        counters.count(Counter.gateway_shadow_retries)
        await sleep(RETRY_MS, undefined, { ref: false, signal: this.ending.signal }).catch(() => undefined)
      }
    }
    note?.settle()
  }

  private apply(change: Change, expiresMs: number | undefined): Promise<void> {
    const { target } = this.parts
    const { kind, keyBytes, prefixBytes, value, flags, cas } = change
    const leftMs = expiresMs === undefined ? undefined : Math.ceil(expiresMs - performance.now())
    const isOver = leftMs !== undefined && leftMs <= 0
    switch (kind) {
      case 'item':
      case 'set':
        if (isOver) return target.remove(keyBytes!)
        return target.set(keyBytes!, { value: value!, flags: flags!, cas: cas! }, leftMs)
      case 'touch':
        return isOver ? target.remove(keyBytes!) : target.expire(keyBytes!, leftMs)
      case 'flush':
      case 'flush_prefix':
        return target.flush(prefixBytes ?? EVERY_KEY)
      case 'gap':
        return this.removeUnsent()
      default:
        return target.remove(keyBytes!)
    }
  }

  /** A list of the items follows: one that is there again is stored again. */
  private async removeUnsent(): Promise<void> {
    const { target, samples } = this.parts
    // Those before the list begins, all of them.
    const { number } = readPosition(this.parts.feed.latestPosition)!
    while (!this.isClosed && !this.removals.hasRead(number)) await sleep(POLL_MS, undefined, { ref: false })
    this.unsent ??= this.removals.take()
    for (const prefix of this.unsent.prefixes) await target.flush(prefix)
    for (const key of this.unsent.keys) await target.remove(key)
    samples.clear()
    this.unsent = undefined
  }
}

/** By the steady clock; undefined: never. */
const expiryOf = ({ ttl }: Change): number | undefined =>
  ttl === undefined || ttl < 0 ? undefined : performance.now() + 1000 * ttl

const EVERY_KEY = Buffer.alloc(0)
/** Changes on their way, and their values. More would keep clients of the same thread waiting for longer. */
const COUNT_MAX = 64
const LENGTH_MAX = 4 * 1024 * 1024
const RETRY_MS = 100
const POLL_MS = 5
