import type { Change } from '../../feed/change.js'
import type { Feed } from '../../feed/feed.js'
import { readPosition } from '../../feed/position.js'
import type { Subscription } from '../../feed/subscriptions/subscription.js'
import { Counter, type Counters } from '../../metrics/counters.js'

/**
 * The keys that were removed from the store and not yet from the engine. A list of the items cannot tell what is to be removed:
 * so when changes were overwritten before they were sent, these are removed before the items are listed.
 */
export class Removals {
  private readonly feed: Feed
  private readonly counters: Counters
  private subscription: Subscription | undefined = undefined
  /** The numbers of the latest removals, by key and by flushed prefix, a character for each byte. */
  private readonly keys = new Map<string, number>()
  private readonly prefixes = new Map<string, number>()

  constructor(feed: Feed, counters: Counters) {
    this.feed = feed
    this.counters = counters
  }

  start(): void {
    const kinds = ['delete', 'evict', 'flush', 'flush_prefix'] as const
    this.subscription = this.feed.subscribe({ kinds, heartbeatSeconds: 0 })
    // Clients have taken all the places.
    if (this.subscription === undefined) this.counters.count(Counter.gateway_shadow_forgotten)
    else this.subscription.onReadable = () => this.read()
  }

  close(): void {
    this.subscription?.close()
  }

  /** The mirror has sent this change. */
  forget(change: Change): void {
    const numbers = this.numbersFor(change)
    const name = nameOf(change)
    if (numberOf(change) >= (numbers.get(name) ?? Number.POSITIVE_INFINITY)) numbers.delete(name)
  }

  /** Whether it has all removals up to this number. */
  hasRead(number: number): boolean {
    this.read()
    if (this.subscription === undefined) return true
    const { position } = this.subscription
    return position !== undefined && readPosition(position)!.number >= number
  }

  /** Everything that is still to be removed. */
  take(): { keys: Buffer[]; prefixes: Buffer[] } {
    this.read()
    const taken = { keys: buffersOf(this.keys), prefixes: buffersOf(this.prefixes) }
    this.keys.clear()
    this.prefixes.clear()
    return taken
  }

  private read(): void {
    for (let change = this.subscription?.next(); change !== undefined; change = this.subscription?.next()) {
      const isGap = change.kind === 'gap'
      if (isGap || this.keys.size + this.prefixes.size >= COUNT_MAX)
        this.counters.count(Counter.gateway_shadow_forgotten)
      else if (change.kind !== 'position') this.numbersFor(change).set(nameOf(change), numberOf(change))
    }
  }

  private numbersFor({ kind }: Change): Map<string, number> {
    return kind === 'flush' || kind === 'flush_prefix' ? this.prefixes : this.keys
  }
}

const nameOf = ({ keyBytes, prefixBytes }: Change): string =>
  (keyBytes ?? prefixBytes)?.toString('latin1') ?? ''

const numberOf = ({ position }: Change): number => readPosition(position ?? '')?.number ?? 0

const buffersOf = (numbers: ReadonlyMap<string, number>): Buffer[] =>
  [...numbers.keys()].map((name) => Buffer.from(name, 'latin1'))

/** About 20 MB, with keys of the usual length. */
const COUNT_MAX = 100_000
