import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { Subscription } from '../../lib/feed/subscriptions/subscription.js'
import type { EngineDriver } from '../support/engine-driver.js'
import { FeedDriver, take } from '../support/feed-driver.js'
import { Random } from '../support/random.js'
import { type Copied, Replica } from '../support/replica.js'

const KEY_COUNT = 4000

/** What clients do, and how often. */
const STEPS: readonly (readonly [share: number, step: (driver: EngineDriver, random: Random) => void])[] = [
  [
    40,
    (driver, random) =>
      driver.set(keyOf(random), randomValue(random), 0, random.chance(0.2) ? 1 + random.below(5) : 0),
  ],
  [10, (driver, random) => driver.remove(keyOf(random))],
  [10, (driver, random) => driver.increment(`count:${random.below(5)}`, 1, 0)],
  [8, (driver, random) => driver.append(keyOf(random), randomValue(random))],
  [8, (driver, random) => driver.touch(keyOf(random), random.below(6))],
  [4, (driver, random) => driver.get(keyOf(random))],
  [4, (driver) => driver.store.memory.reap(100)],
  [0.2, (driver, random) => driver.flushPrefix(keyOf(random).slice(0, -random.below(3)))],
  [1, (driver, random) => driver.set(keyOf(random), random.bytes(80_000))],
]
const SHARES = STEPS.flatMap(([share, step]) => Array.from({ length: share * 5 }, () => step))

const keyOf = (random: Random): string => `key:${random.below(KEY_COUNT)}`
const randomValue = (random: Random): Buffer => random.bytes(random.below(random.chance(0.1) ? 10_000 : 100))

/** The keys of two copies that are not equal. */
function differencesOf(one: ReadonlyMap<string, Copied>, other: ReadonlyMap<string, Copied>): string[] {
  const isSame = (key: string): boolean => {
    const [left, right] = [one.get(key), other.get(key)]
    return left !== undefined && left.cas === right?.cas && left.value === right.value
  }
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((key) => !isSame(key))
    .map((key) => `${key}: ${one.get(key)?.cas} ${other.get(key)?.cas}`)
}

describe('A copy that is made of the changes', () => {
  for (const workerCount of [1, 2])
    it(`of ${workerCount} workers is equal to the store, whatever happens`, async () => {
      const random = new Random()
      const kit = new FeedDriver({
        workerCount,
        memoryLength: 2 * 1024 * 1024,
        length: workerCount * 64 * 1024,
      })
      const replica = new Replica()
      const options = { initial: true, values: true }
      let subscription = kit.subscribe(options)
      let changeCount = 0
      const read = (countMax: number): void => {
        for (let count = 0; count < countMax; count++) {
          const change = subscription.next()
          if (change === undefined) return
          replica.apply(change)
        }
      }
      for (let round = 0; round < 600; round++) {
        // Sometimes more than the history holds, without a chance to read it.
        const stepCount = random.chance(0.02) ? 3000 : random.below(60)
        for (let step = 0; step < stepCount; step++, changeCount++)
          random.pick(SHARES)(random.pick(kit.drivers), random)
        if (random.chance(0.02)) random.pick(kit.drivers).flush(random.below(3))
        if (random.chance(0.05)) for (const driver of kit.drivers) driver.advance(1)
        for (let turns = random.below(4); turns > 0; turns--) await turn()
        read(random.chance(0.3) ? random.below(50) : 1000)
        if (random.chance(0.05)) {
          subscription.close()
          const since = replica.position
          if (since === undefined) replica.items.clear()
          subscription = kit.subscribe({ ...options, since }, random.pick(kit.feeds))
        }
        if (round % 60 !== 59) continue
        for (const change of await take(subscription)) replica.apply(change)
        // What has expired is told once it is found.
        for (const key of replica.items.keys()) kit.driver.get(key)
        for (const change of await take(subscription)) replica.apply(change)
        const seed = `seed ${random.seed}, round ${round}`
        expect(differencesOf(replica.items, kit.contents()), seed).deep.equal([])
      }
      expect(changeCount).above(10_000)
      for (const kind of [
        'item',
        'set',
        'delete',
        'touch',
        'expire',
        'evict',
        'flush',
        'flush_prefix',
        'gap',
        'position',
      ])
        expect(replica.count(kind), kind).above(0)
      expect(subscription).instanceOf(Subscription)
      kit.close()
    })
})
