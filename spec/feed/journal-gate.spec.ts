import { expect } from 'chai'
import type { ChangeJournal } from '../../lib/feed/history/journal-gate.js'
import type { ChangeListener } from '../../lib/store/listeners/change-listener.js'
import { FeedDriver, take } from '../support/feed-driver.js'

const VALUE = Buffer.from('four')

/** A journal whose records are safe when it is told that they are. */
class HandJournal implements ChangeJournal, ChangeListener {
  changeCount = 0
  safeCount = 0
  private readonly waiting: { count: number; waiter: { committed(isSafe: boolean): void } }[] = []

  stored = (): void => void this.changeCount++
  removed = (): void => void this.changeCount++
  forgotten = (): void => void this.changeCount++
  touched = (): void => void this.changeCount++
  flushed = (): void => void this.changeCount++
  flushDue = (): void => void this.changeCount++
  prefixFlushed = (): void => void this.changeCount++
  expired = (): void => undefined
  evicted = (): void => undefined
  flushBegins = (): void => undefined

  isSafe = (count: number): boolean => count <= this.safeCount
  wait(count: number, waiter: { committed(isSafe: boolean): void }): void {
    this.waiting.push({ count, waiter })
  }

  /** Everything up to this count is safe; or the disk has failed, and it is not. */
  settle(count: number, isSafe = true): void {
    if (isSafe) this.safeCount = count
    for (const { waiter } of this.waiting.splice(0)) waiter.committed(isSafe)
  }
}

describe('A feed behind a journal', () => {
  let journal: HandJournal
  let kit: FeedDriver

  beforeEach(() => {
    journal = new HandJournal()
    kit = new FeedDriver({ journal, workerCount: 2 })
  })

  afterEach(() => kit.close())

  it('tells no change before the journal has it', async () => {
    const { driver } = kit
    const subscription = kit.subscribe()
    driver.set('one', VALUE)
    driver.set('two', VALUE)
    expect((await take(subscription)).map(({ kind }) => kind)).deep.equal(['position'])
    journal.settle(2)
    driver.set('three', VALUE)
    expect((await take(subscription)).map(({ key }) => key)).deep.equal(['one', 'two'])
    journal.settle(3)
    expect((await take(subscription)).map(({ key }) => key)).deep.equal(['three'])
  })

  it('tells changes after a resumed position that the journal has only later', async () => {
    const { driver, feed } = kit
    const since = feed.latestPosition
    driver.set('one', VALUE)
    const subscription = kit.subscribe({ since })
    expect(await take(subscription)).deep.equal([])
    driver.set('two', VALUE)
    journal.settle(2)
    expect((await take(subscription)).map(({ key }) => key)).deep.equal(['one', 'two'])
  })

  it('lists no item before the journal has it', async () => {
    const { driver } = kit
    driver.set('one', VALUE)
    const subscription = kit.subscribe({ initial: true })
    driver.set('two', VALUE)
    expect(await take(subscription)).deep.equal([])
    journal.settle(2)
    const told = (await take(subscription)).map(({ kind, key }) => [kind, key].join(' '))
    expect(told.slice(0, 2).sort()).deep.equal(['item one', 'item two'])
    expect(told.slice(2)).deep.equal(['position '])
  })

  it('lists no item whose change came before the listing and is not in the journal', async () => {
    const { driver } = kit
    // With the second listing another subscriber follows already.
    for (const round of [1, 2]) {
      driver.set('one', VALUE)
      const subscription = kit.subscribe({ initial: true })
      expect(await take(subscription)).deep.equal([])
      journal.settle(round)
      expect((await take(subscription)).map(({ kind }) => kind)).deep.equal(['item', 'position'])
    }
  })

  it('tells the changes in the end that the journal has refused, since the store has them', async function () {
    this.slow(3000)
    const { driver } = kit
    const subscription = kit.subscribe()
    driver.set('one', VALUE)
    await take(subscription)
    journal.settle(0, false)
    expect(await take(subscription)).deep.equal([])
    // A snapshot has everything: the journal accepts changes again.
    journal.safeCount = 1
    const keys = await new Promise<(string | undefined)[]>((resolve) => {
      subscription.onReadable = () => resolve([subscription.next()!.key])
    })
    expect(keys).deep.equal(['one'])
  })
})
