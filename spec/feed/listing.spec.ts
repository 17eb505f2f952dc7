import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Change } from '../../lib/feed/change.js'
import { FeedDriver } from '../support/feed-driver.js'

const KEY_COUNT = 20_000

describe('A list of all items, while they change', () => {
  it('tells each state of an item once, in order', async () => {
    const kit = new FeedDriver({ memoryLength: 8 * 1024 * 1024, length: 1024 * 1024 })
    const { driver } = kit
    const set = (index: number): unknown => driver.set(`key:${index}`, Buffer.from('four'))
    for (let index = 0; index < KEY_COUNT; index++) set(index)
    const subscription = kit.subscribe({ initial: true })
    const latest = new Map<string, bigint>()
    const counts = { item: 0, set: 0 }
    let isListed = false
    for (let round = 0; !isListed; round++) {
      for (let index = 0; index < 50; index++) set((round * 7919 + index * 397) % KEY_COUNT)
      await turn()
      for (let change = subscription.next(); change !== undefined; change = subscription.next()) {
        isListed ||= change.kind === 'position'
        if (change.kind !== 'item' && change.kind !== 'set') continue
        counts[change.kind]++
        expect(change.cas! > (latest.get(change.key!) ?? 0n), `${change.kind} ${change.key}`).equal(true)
        latest.set(change.key!, change.cas!)
      }
    }
    expect(latest.size).equal(KEY_COUNT)
    expect(counts.item).equal(KEY_COUNT)
    expect(counts.set).above(100)
    kit.close()
  })

  it('tells that a listed item was deleted, although its key has moved on as the index grew', async () => {
    const kit = new FeedDriver({ memoryLength: 32 * 1024 * 1024, length: 32 * 1024 * 1024 })
    const { driver } = kit
    const { index } = driver.store
    const value = Buffer.from('x')
    for (let key = 0; key < 2000; key++) driver.set(`old:${key}`, value)
    const subscription = kit.subscribe({ initial: true })
    const copy = new Set<string>()
    let isListed = false
    const apply = ({ kind, key }: Change): void => {
      expect(kind).not.equal('gap')
      isListed ||= kind === 'position'
      if (kind === 'item' || kind === 'set') copy.add(key!)
      else if (kind === 'delete') copy.delete(key!)
    }
    while (copy.size < 500) {
      await turn()
      for (let count = 0; count < 100 && !subscription.isEmpty; count++) apply(subscription.next()!)
    }
    const { bucketCount } = index
    let newCount = 0
    while (index.bucketCount < 2 * bucketCount) driver.set(`new:${newCount++}`, value)
    for (let key = 0; key < 2000; key++) driver.remove(`old:${key}`)
    while (!isListed) {
      await turn()
      while (!subscription.isEmpty) apply(subscription.next()!)
    }
    expect([...copy].filter((key) => key.startsWith('old:'))).deep.equal([])
    expect(copy.size).equal(newCount)
    expect(driver.count('evictions')).equal(0)
    kit.close()
  })
})
