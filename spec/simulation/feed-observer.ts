import type { Change } from '../../lib/feed/change.js'
import type { Feed } from '../../lib/feed/feed.js'
import type { Subscription } from '../../lib/feed/subscriptions/subscription.js'
import { Random } from '../support/random.js'
import { Replica } from '../support/replica.js'
import type { Client } from './client.js'
import type { EventLoop } from './event-loop.js'
import { Finding } from './finding.js'
import { GONE, type KeyModel } from './key-model.js'
import type { Machine } from './machine.js'
import type { Oracle } from './oracle.js'

/** Of so many seeds one has a feed; none of these has threads or connections. */
const FED_EVERY = 5
const FED_AT = 2

const KILOBYTE = 1024
/** Of the ring of each worker: so short that a consumer that is away for a while misses changes, or long enough. */
const RING_LENGTHS = [16, 64] as const
/** Some stay away until the ring has lost what they have not read. */
const RETURN_SHARES: readonly number[] = [100, 100, 4]
/** The feed looks at least every 8 ms, and asks a journal that was refusing every 500 ms. */
const LOOK_MS = 10
/** A journal that refuses for long lets nothing be read. */
const LOOKS_MAX = 300
const ASK_AGAIN_MS = 500

const isFed = (seed: number): boolean => seed % FED_EVERY === FED_AT

/**
 * A consumer of the changes. It keeps a copy of the items, made of nothing but the changes: it subscribes at one worker or
 * another, is slow, stays away, and comes back with its last position, also to the next server.
 *
 *     workers ─▶ rings ─▶ feed of one of them ─▶ subscription ─▶ replica ◀── compared at rest ──▶ oracle
 */
export class FeedObserver {
  /** The bytes of the ring of each worker. */
  readonly ringLength: number
  private readonly random: Random
  private readonly loop: EventLoop
  private readonly oracle: Oracle
  private readonly byName: ReadonlyMap<string, KeyModel>
  private clients: readonly Client[] = []
  private subscription: Subscription | undefined = undefined
  private replica = new Replica()
  /** Where to resume; undefined if the items have to be listed. */
  private since: string | undefined = undefined
  /** In how many of a thousand steps a consumer that is away comes back. */
  private returnShare = RETURN_SHARES[0]!
  /** The position is of an earlier server: the first change has to say so. */
  private isForeign = false

  private constructor(seed: number, loop: EventLoop, oracle: Oracle) {
    this.random = new Random(~seed)
    this.loop = loop
    this.oracle = oracle
    this.ringLength = this.random.pick(RING_LENGTHS) * KILOBYTE
    this.byName = new Map(oracle.keys.map((key) => [key.name, key]))
  }

  /** Undefined for a seed without a feed. Its draws are separate from all others. */
  static for(seed: number, loop: EventLoop, oracle: Oracle): FeedObserver | undefined {
    return isFed(seed) ? new FeedObserver(seed, loop, oracle) : undefined
  }

  /** Another server serves. The last one has ended without a word. */
  begin(clients: readonly Client[]): void {
    this.clients = clients
    this.subscription = undefined
    this.since = this.random.chance(0.7) ? this.replica.position : undefined
    this.isForeign = this.since !== undefined
    this.replica = new Replica()
  }

  /** Between two requests. */
  step(): void {
    const { random } = this
    const roll = random.below(1000)
    if (this.subscription === undefined) {
      if (roll < this.returnShare) this.subscribe()
    } else if (roll < 3) {
      this.leave()
    } else if (roll < 400) {
      this.read(random.chance(0.5) ? random.below(20) : Number.POSITIVE_INFINITY)
    }
  }

  /** The server ends in order. */
  stop(): void {
    for (const { worker } of this.clients) worker.feed!.close()
  }

  /** Everything is written: once it has read all changes, the copy has exactly the items of the store. */
  async compare(machine: Machine): Promise<void> {
    if (this.subscription === undefined) this.subscribe()
    // A delayed flush may have become due.
    for (const client of this.clients) {
      client.refreshClock()
      client.worker.journal!.commit()
    }
    await this.readToEnd(machine)
    if (!this.areSafe) return
    // The feed asks a journal that was refusing until just now only later.
    await this.readToEnd(machine)
    if (!this.areSafe) return
    if (!this.isAtEnd) throw new Finding('the feed does not come to the latest change')
    this.expectEqual()
  }

  private async readToEnd(machine: Machine): Promise<void> {
    for (let looks = 0; looks < LOOKS_MAX && !this.isAtEnd; looks++) {
      this.loop.advance(looks === 0 ? ASK_AGAIN_MS : LOOK_MS)
      await machine.comeToRest(() => false)
      this.read(Number.POSITIVE_INFINITY)
    }
  }

  /** The journals have all changes. */
  private get areSafe(): boolean {
    return this.clients.every(
      ({ worker: { journal } }) => journal!.error === undefined && journal!.isSafe(journal!.changeCount),
    )
  }

  /** Nothing is left to be listed, read or taken. */
  private get isAtEnd(): boolean {
    return this.subscription!.position === this.clients[0]!.worker.feed!.latestPosition
  }

  private subscribe(): void {
    const { random, clients, since, replica } = this
    const feed: Feed = random.pick(clients).worker.feed!
    if (since === undefined) replica.items.clear()
    // The feed's own timers are no ticks of the keeper.
    this.loop.withoutTicks(() => {
      this.subscription = feed.subscribe({ initial: true, values: true, since })
    })
  }

  private leave(): void {
    this.returnShare = this.random.pick(RETURN_SHARES)
    this.subscription!.close()
    this.subscription = undefined
    // If it has read nothing, it still has that of the last server.
    if (!this.isForeign) this.since = this.replica.position
  }

  private read(countMax: number): void {
    for (let count = 0; count < countMax; count++) {
      const change = this.subscription!.next()
      if (change === undefined) return
      this.take(change)
    }
  }

  private take(change: Change): void {
    if (this.isForeign && change.kind !== 'gap')
      throw new Finding(`the feed continues after the position ${this.since} of another server`)
    this.isForeign = false
    try {
      this.replica.apply(change)
    } catch (error) {
      throw new Finding(`the feed is out of order: ${(error as Error).message}`)
    }
    if (change.kind === 'item' || change.kind === 'set') this.expectSafe(change)
  }

  /** A consumer learns of a change when a client may: the journal has it. */
  private expectSafe({ kind, keyBytes, cas }: Change): void {
    const name = keyBytes!.toString('latin1')
    const receipt = this.byName.get(name)?.receiptOf(Number(cas))
    if (receipt === undefined || !Number.isFinite(receipt.count)) return
    const { journal } = this.clients[receipt.worker]!.worker
    if (!journal!.isSafe(receipt.count))
      throw new Finding(`the feed tells of ${kind} ${name} before the journal has it`)
  }

  private expectEqual(): void {
    const { replica, loop } = this
    for (const { name, state } of this.oracle.keys) {
      const copied = replica.items.get(name)
      const isOver = state !== GONE && state.expiry !== 0 && state.expiry <= loop.seconds
      // What has expired is told once it is found.
      if (isOver) continue
      if (state === GONE) {
        if (copied !== undefined) throw new Finding(`the feed does not tell that ${name} is gone`)
      } else if (copied === undefined) {
        throw new Finding(`the feed does not tell of ${name}`)
      } else if (copied.cas !== BigInt(state.cas) || copied.value !== state.value.toString('latin1')) {
        throw new Finding(`the feed tells of ${name} with cas ${copied.cas}, and it has ${state.cas}`)
      }
    }
  }
}
