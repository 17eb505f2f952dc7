import { setTimeout as sleep } from 'node:timers/promises'
import { Arena } from '../../lib/arena/arena.js'
import type { Change } from '../../lib/feed/change.js'
import type { SubscriptionOptions } from '../../lib/feed/changes-options.js'
import { Feed } from '../../lib/feed/feed.js'
import type { ChangeJournal } from '../../lib/feed/history/journal-gate.js'
import type { Subscription } from '../../lib/feed/subscriptions/subscription.js'
import { Life } from '../../lib/store/expiry/expiry.js'
import { casHigh, casLow, keyLengthOf, keyStartOf } from '../../lib/store/item/item.js'
import type { ChangeListener } from '../../lib/store/listeners/change-listener.js'
import { EngineDriver } from './engine-driver.js'
import type { Copied } from './replica.js'

export interface FeedDriverOptions {
  readonly workerCount?: number
  readonly memoryLength?: number
  /** Of the histories of all workers. */
  readonly length?: number
  /** Of the first worker: it hears of the changes before the feed does. */
  readonly journal?: ChangeJournal & ChangeListener
}

/** A store with so many workers in this thread, and the feed of each. */
export class FeedDriver {
  readonly drivers: EngineDriver[] = []
  readonly feeds: Feed[] = []

  constructor(options: FeedDriverOptions = {}) {
    const { workerCount = 1, memoryLength = 1024 * 1024, length = 64 * 1024, journal } = options
    const spareLength = Feed.regionLength(length, workerCount)
    const first = EngineDriver.createArena(memoryLength, workerCount, spareLength)
    for (let worker = 0; worker < workerCount; worker++) {
      const arena = worker === 0 ? first : Arena.attach(first.memory, { worker, workerCount })
      const driver = new EngineDriver(memoryLength, true, memoryLength / 2, arena)
      const feed = new Feed({ arena, store: driver.store, length, isOnlooker: false })
      const own = worker === 0 ? journal : undefined
      if (own !== undefined) driver.store.onChange(own)
      feed.listen(own)
      this.drivers.push(driver)
      this.feeds.push(feed)
    }
  }

  get driver(): EngineDriver {
    return this.drivers[0]!
  }

  get feed(): Feed {
    return this.feeds[0]!
  }

  subscribe(options: SubscriptionOptions = {}, feed = this.feed): Subscription {
    const subscription = feed.subscribe(options)
    if (subscription === undefined) throw new Error('there are too many subscribers')
    return subscription
  }

  /** What the store has, for clients. */
  contents(): Map<string, Copied> {
    const { store, arena } = this.driver
    const { words, bytes } = arena
    const contents = new Map<string, Copied>()
    for (let bucket = 0; bucket < store.index.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item) => {
        if (store.lifeOf(item) !== Life.LIVE) return
        const start = keyStartOf(words, item)
        const parts: string[] = []
        store.items.eachPart(item, {
          add: (from, length) => parts.push(bytes.toString('latin1', from, from + length)),
        })
        contents.set(bytes.toString('latin1', start, start + keyLengthOf(words, item)), {
          cas: (BigInt(casHigh(words, item) >>> 0) << 32n) | BigInt(casLow(words, item) >>> 0),
          value: parts.join(''),
        })
      })
    return contents
  }

  close(): void {
    for (const feed of this.feeds) feed.close()
  }
}

/** Everything that is to be taken now, once the feed has had time to look. */
export async function take(subscription: Subscription): Promise<Change[]> {
  const taken: Change[] = []
  for (let quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
    await sleep(1)
    for (let change = subscription.next(); change !== undefined; change = subscription.next()) {
      taken.push(change)
      quiet = 0
    }
  }
  return taken
}

/** The feed looks at least every 8 ms. */
const QUIET_ROUNDS = 20

/** A change in one line: its kind, and what else there is to know but position and cas. */
export function summaryOf({ kind, key, prefix, size, ttl, value }: Change): string {
  const facts = [
    key,
    prefix,
    size === undefined ? undefined : `size=${size}`,
    ttl === undefined ? undefined : `ttl=${ttl}`,
  ]
  return [kind, ...facts, value?.toString()].filter((fact) => fact !== undefined).join(' ')
}
