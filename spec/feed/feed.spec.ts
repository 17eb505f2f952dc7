import { expect } from 'chai'
import type { Change } from '../../lib/feed/change.js'
import { Standing } from '../../lib/feed/feed.js'
import type { History } from '../../lib/feed/history/history.js'
import { SUBSCRIBER_COUNT_MAX, SUBSCRIBER_QUEUE_LENGTH_MAX } from '../../lib/request/limits.js'
import { FeedDriver, summaryOf, take } from '../support/feed-driver.js'

/** What the positions of a ring are changed by. */
interface FeedParts {
  readonly history: History
  readonly writer: { written: number; end: number; readonly chunks: { readonly starts: Int32Array } }
}

const VALUE = Buffer.from('four')

describe('The feed of changes', () => {
  let kit: FeedDriver

  beforeEach(() => {
    kit = new FeedDriver()
  })

  afterEach(() => kit.close())

  it('tells of each kind of change, in order', async () => {
    const { driver } = kit
    driver.set('before', VALUE)
    const subscription = kit.subscribe()
    driver.set('key', VALUE)
    driver.set('key', VALUE, 0, 100)
    driver.touch('key', 50)
    driver.append('key', VALUE)
    driver.increment('count', 1, 7)
    driver.increment('count', 2)
    driver.remove('key')
    driver.flush(0)
    driver.set('late', VALUE, 0, 10)
    driver.advance(10)
    expect(driver.get('late')).equal(undefined)
    expect((await take(subscription)).map(summaryOf)).deep.equal([
      'position',
      'set key size=4 ttl=-1',
      'set key size=4 ttl=90',
      'touch key size=4 ttl=40',
      'set key size=8 ttl=40',
      'set count size=1 ttl=-1',
      'set count size=1 ttl=-1',
      'delete key',
      'flush',
      'set late size=4 ttl=0',
      'expire late size=4 ttl=0',
    ])
  })

  it('tells of the flush of a prefix, whoever wants keys that it may concern', async () => {
    const { driver } = kit
    const prefixes = ['', 'a', 'a:', 'a:b', 'b', 'aa']
    const subscriptions = prefixes.map((prefix) => kit.subscribe({ prefix }))
    const others = kit.subscribe({ kinds: ['set', 'flush'] })
    driver.set('a:1', VALUE)
    driver.flushPrefix('a:')
    driver.set('a:1', VALUE)
    const [set, flush] = ['set a:1 size=4 ttl=-1', 'flush_prefix a:']
    const told = await Promise.all(subscriptions.map(take))
    expect(told.map((changes) => changes.slice(1).map(summaryOf))).deep.equal([
      ...[
        [set, flush, set],
        [set, flush, set],
        [set, flush, set],
      ],
      ...[[flush], [], []],
    ])
    const change = told[0]!.find(({ kind }) => kind === 'flush_prefix')!
    expect([change.key, change.prefix, change.prefixBytes]).deep.equal([undefined, 'a:', Buffer.from('a:')])
    expect((await take(others)).slice(1).map(summaryOf)).deep.equal([set, set])
    driver.flushPrefix('\xff')
    const [bytes] = await take(subscriptions[0]!)
    expect([bytes!.prefix, bytes!.prefixBytes]).deep.equal([undefined, Buffer.from([0xff])])
  })

  it('tells of the flush of a prefix after a position that is resumed', async () => {
    const { driver } = kit
    const first = kit.subscribe()
    const [{ position }] = (await take(first)) as [Change]
    driver.set('a:1', VALUE)
    driver.flushPrefix('a:')
    const resumed = kit.subscribe({ since: position, prefix: 'a:1' })
    expect((await take(resumed)).map(summaryOf)).deep.equal(['set a:1 size=4 ttl=-1', 'flush_prefix a:'])
  })

  it('says nothing of what changes nothing', async () => {
    const { driver } = kit
    const subscription = kit.subscribe()
    driver.remove('key')
    driver.touch('key', 10)
    driver.increment('key', 1)
    driver.get('key')
    expect((await take(subscription)).map(summaryOf)).deep.equal(['position'])
  })

  it('tells the cas that clients see', async () => {
    const { driver } = kit
    const subscription = kit.subscribe()
    driver.set('key', VALUE)
    const { cas } = driver.get('key')!
    driver.setMarked('own', VALUE, { high: 1, low: 2 })
    driver.touch('own', 10)
    const told = (await take(subscription))
      .filter(({ kind }) => kind !== 'position')
      .map((change) => change.cas)
    const own = (1n << 32n) | 2n
    expect(told).deep.equal([BigInt(cas), own, own, own])
  })

  it('tells of evictions', async () => {
    const { driver } = kit
    const subscription = kit.subscribe({ kinds: ['evict'] })
    for (let index = 0; driver.count('evictions') === 0; index++)
      driver.set(`key:${index}`, Buffer.alloc(1000))
    const evicted = (await take(subscription)).filter(({ kind }) => kind === 'evict')
    expect(evicted.length).equal(driver.count('evictions'))
    for (const { key } of evicted) expect(driver.get(key!)).equal(undefined)
  })

  it('tells of items that are swept because they have expired', async () => {
    const { driver } = kit
    const subscription = kit.subscribe({ kinds: ['expire'] })
    driver.set('key', VALUE, 0, 10)
    driver.advance(10)
    driver.store.memory.reapAll()
    expect((await take(subscription)).map(summaryOf)).deep.equal(['position', 'expire key size=4 ttl=0'])
  })

  it('leaves out other prefixes and other kinds', async () => {
    const { driver } = kit
    const prefixed = kit.subscribe({ prefix: 'a:' })
    const deletions = kit.subscribe({ kinds: ['delete'] })
    const bytes = kit.subscribe({ prefix: Buffer.from([0xff]) })
    driver.set('a:1', VALUE)
    driver.set('a', VALUE)
    driver.set('b:1', VALUE)
    driver.set('\xff', VALUE)
    driver.remove('a:1')
    driver.flush(0)
    const tell = async (subscription: typeof bytes) =>
      (await take(subscription)).map(({ kind, key }) => [kind, key])
    expect(await tell(prefixed)).deep.equal([
      ['position', undefined],
      ['set', 'a:1'],
      ['delete', 'a:1'],
      ['flush', undefined],
    ])
    expect(await tell(deletions)).deep.equal([
      ['position', undefined],
      ['delete', 'a:1'],
    ])
    const [, changed] = await take(bytes)
    expect([changed!.kind, changed!.key, changed!.keyBytes]).deep.equal([
      'set',
      undefined,
      Buffer.from([0xff]),
    ])
  })

  it('gives values, but for those that have been replaced meanwhile', async () => {
    const { driver } = kit
    const subscription = kit.subscribe({ values: true })
    const plain = kit.subscribe()
    driver.set('key', Buffer.from('one'))
    driver.set('key', Buffer.from('two'))
    driver.set('long', Buffer.alloc(200_000, 'x'))
    const values = (await take(subscription)).map(({ value }) => value?.toString())
    expect(values).deep.equal([undefined, undefined, 'two', 'x'.repeat(200_000)])
    expect((await take(plain)).map(({ value }) => value)).deep.equal([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('begins behind a position, as long as the history has what follows', async () => {
    const { driver, feed } = kit
    const { latestPosition } = feed
    for (let index = 0; index < 10; index++) driver.set(`key:${index}`, VALUE)
    const all = await take(kit.subscribe({ since: latestPosition }))
    expect(all.map(({ key }) => key)).deep.equal(Array.from({ length: 10 }, (_, index) => `key:${index}`))
    const rest = await take(kit.subscribe({ since: all[6]!.position! }))
    expect(rest).deep.equal(all.slice(7))
    expect(await take(kit.subscribe({ since: all[9]!.position! }))).deep.equal([])
  })

  it('says that changes are missing, and which', async () => {
    const { driver, feed } = kit
    const since = feed.latestPosition
    expect(feed.standingOf(since)).equal(Standing.USABLE)
    for (let index = 0; index < 2000; index++) driver.set(`key:${index}`, VALUE)
    expect(feed.standingOf(since)).equal(Standing.OVERWRITTEN)
    const [gap, ...rest] = await take(kit.subscribe({ since }))
    expect([gap!.kind, gap!.after]).deep.equal(['gap', since])
    expect(rest).deep.equal([])
    const { oldestPosition } = feed
    const kept = await take(kit.subscribe({ since: oldestPosition }))
    const first = 2000 - kept.length
    expect(kept.length).above(500)
    expect(kept.map(({ key }) => key)).deep.equal(kept.map((_, index) => `key:${first + index}`))
    expect(oldestPosition.split('.')[1]).equal(String(first))
  })

  it('recognizes positions of other servers', async () => {
    const { feed } = kit
    const other = new FeedDriver()
    const since = other.feed.latestPosition
    expect(feed.standingOf(since)).equal(Standing.FOREIGN)
    expect(feed.standingOf(`${feed.latestPosition}9`)).equal(Standing.FOREIGN)
    expect(feed.standingOf('yesterday')).equal(Standing.MALFORMED)
    const [gap] = await take(kit.subscribe({ since }))
    expect([gap!.kind, gap!.after, gap!.position]).deep.equal(['gap', since, feed.latestPosition])
    other.close()
  })

  it('keeps no more for a slow subscriber than the bound, and loses nothing that the history has', async () => {
    const { driver } = kit
    const slow = kit.subscribe()
    const fast = kit.subscribe()
    const told: number[] = []
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 100; index++) driver.set(`key:${index}`, VALUE)
      told.push(...(await take(fast)).map(({ position }) => Number(position!.split('.')[1])))
    }
    expect(told.slice(1)).deep.equal(Array.from({ length: 4000 }, (_, index) => index + 1))
    expect(slow.isFull).equal(true)
    const kinds = new Set<string>()
    let last = 0
    for (const { kind, position } of await take(slow)) {
      kinds.add(kind)
      const number = Number(position!.split('.')[1])
      if (kind === 'set' && !kinds.has('gap')) expect(number).equal(last + 1)
      last = number
    }
    expect([...kinds]).deep.equal(['position', 'set', 'gap'].filter((kind) => kinds.has(kind)))
    expect(kinds.has('gap')).equal(true)
    expect(last).equal(4000)
  })

  // Positions in a ring count bytes modulo 2^32.
  for (const passedLength of [2 ** 31, 2 ** 31 + 2 ** 30, 2 ** 32])
    it(`says that changes are missing when ${passedLength} bytes have passed unread`, async () => {
      const follower = kit.subscribe()
      const slow = kit.subscribe()
      await take(follower)
      for (let index = 0; !slow.isFull; index++) {
        setShort(index)
        if (index % 100 === 99) await take(follower)
      }
      await take(follower)
      passBytes(passedLength)
      const { latestPosition } = kit.feed
      const told = [await take(follower), await take(slow)]
      const gapsOf = (changes: Change[]): unknown[] => changes.filter(({ kind }) => kind === 'gap')
      expect(told.map((changes) => gapsOf(changes).length)).deep.equal([1, 1])
      expect(told.map((changes) => changes.at(-1)!.position)).deep.equal([latestPosition, latestPosition])
    })

  /** A change of 64 bytes. */
  function setShort(index: number): void {
    kit.driver.set(String(index).padStart(16, '0'), VALUE)
  }

  /** Overwrites the whole ring, and counts as many bytes more as if it had been overwritten often. */
  function passBytes(length: number): void {
    const { history, writer } = kit.feed as unknown as FeedParts
    const start = writer.written
    for (let index = 0; index < (2 * history.ringLength) / 64; index++) setShort(index)
    const more = Math.floor((length - (writer.written - start)) / history.ringLength) * history.ringLength
    const { starts } = writer.chunks
    for (const [index, chunk] of starts.entries()) starts[index] = (chunk + more) | 0
    writer.written = (writer.written + more) | 0
    writer.end = (writer.end + more) | 0
    history.setWritten(0, writer.written)
    history.setOldest(0, (history.oldest(0) + more) | 0)
  }

  it('keeps at most a queue for each, with values', async () => {
    const { driver } = kit
    const subscription = kit.subscribe({ values: true })
    for (let index = 0; index < 10; index++) driver.set(`key:${index}`, Buffer.alloc(60_000))
    await take(kit.subscribe())
    const waiting: number[] = []
    while (!subscription.isEmpty && waiting.length < 6) waiting.push(subscription.next()!.value?.length ?? 0)
    const length = waiting.reduce((sum, each) => sum + each, 0)
    expect(length).within(SUBSCRIBER_QUEUE_LENGTH_MAX - 60_000, SUBSCRIBER_QUEUE_LENGTH_MAX + 60_000)
  })

  it('has a bound for subscribers', () => {
    const all = Array.from({ length: SUBSCRIBER_COUNT_MAX }, () => kit.subscribe())
    expect(kit.feed.subscribe()).equal(undefined)
    all[0]!.close()
    all[0]!.close()
    kit.subscribe()
    expect(kit.feed.subscribe()).equal(undefined)
  })

  it('gives no place to a subscriber whose options cannot be', () => {
    for (let count = 0; count < SUBSCRIBER_COUNT_MAX; count++)
      expect(() => kit.subscribe({ prefix: 5 as unknown as string })).throw(TypeError)
    expect(kit.feed['live']).equal(undefined)
    kit.subscribe()
  })

  it('tells a quiet subscriber where it is', async () => {
    const { driver, feed } = kit
    const subscription = kit.subscribe({ prefix: 'none', heartbeatSeconds: 0.01 })
    const never = kit.subscribe({ prefix: 'none', heartbeatSeconds: 0 })
    expect((await take(subscription)).length).equal(1)
    expect((await take(never)).length).equal(1)
    driver.set('key', VALUE)
    await new Promise<void>((resolve) => {
      subscription.onReadable = resolve
    })
    const { kind, position } = subscription.next()!
    expect([kind, position]).deep.equal(['position', feed.latestPosition])
    expect(subscription.position).equal(position)
    expect(never.isEmpty).equal(true)
  })

  it('ends subscriptions when it ends', () => {
    let endCount = 0
    const subscription = kit.subscribe()
    subscription.onEnd = () => endCount++
    kit.feed.close()
    expect([endCount, subscription.isClosed, subscription.next()]).deep.equal([1, true, undefined])
  })
})

describe('The feed of several workers', () => {
  it('has one order, whichever worker reads it', async () => {
    const kit = new FeedDriver({ workerCount: 3, length: 192 * 1024 })
    const subscriptions = kit.feeds.map((feed) => kit.subscribe({}, feed))
    const expected: string[] = []
    for (let index = 0; index < 300; index++) {
      kit.drivers[(index * 7) % 3]!.set(`key:${index}`, VALUE)
      expected.push(`key:${index}`)
    }
    for (const subscription of subscriptions) {
      const [, ...changes] = await take(subscription)
      expect(changes.map(({ key }) => key)).deep.equal(expected)
    }
    kit.close()
  })

  it('tells changes after a resumed position although another worker is publishing', async () => {
    const kit = new FeedDriver({ workerCount: 2 })
    const { feed, driver } = kit
    const since = feed.latestPosition
    driver.set('key', VALUE)
    feed['history'].setPublishing(1, true)
    const subscription = kit.subscribe({ since })
    expect(await take(subscription)).deep.equal([])
    feed['history'].setPublishing(1, false)
    expect((await take(subscription)).map(({ key }) => key)).deep.equal(['key'])
    kit.close()
  })

  it('tells a flush once, and nothing of the items that it removes', async () => {
    const kit = new FeedDriver({ workerCount: 2 })
    kit.drivers[1]!.set('key', VALUE)
    const subscription = kit.subscribe()
    kit.drivers[1]!.flush(0)
    for (const driver of kit.drivers) expect(driver.get('key')).equal(undefined)
    expect((await take(subscription)).map(summaryOf)).deep.equal(['position', 'flush'])
    kit.close()
  })
})
