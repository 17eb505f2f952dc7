import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
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
})
