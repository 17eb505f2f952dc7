/** Subscribers that want bytes are told what others are told as objects, written in their form. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { NDJSON, SSE } from '../../lib/admin/changes/stream.js'
import type { SubscriptionOptions } from '../../lib/feed/changes-options.js'
import { ByteQueue } from '../../lib/feed/forms/byte-queue.js'
import type { ChangeForm } from '../../lib/feed/forms/change-form.js'
import { EventBuffer } from '../../lib/feed/forms/event-buffer.js'
import type { Subscription } from '../../lib/feed/subscriptions/subscription.js'
import { SUBSCRIBER_QUEUE_LENGTH_MAX, SUBSCRIBERS_BATCH_LENGTH_MAX } from '../../lib/request/limits.js'
import { FeedDriver, take } from '../support/feed-driver.js'
import { Random } from '../support/random.js'

const VALUE = Buffer.from('four')
/** A queue that has just been full, a batch, and a change. */
const LENGTH_MAX = SUBSCRIBER_QUEUE_LENGTH_MAX + SUBSCRIBERS_BATCH_LENGTH_MAX + 200
const FORMS = [NDJSON, SSE]
/** The feed looks at least every 8 ms. */
const QUIET_ROUNDS = 20

/** What any form writes: the position, if a change has one, says which number the history has. */
interface FedHistory {
  readonly history: { readonly latestDouble: number; readonly doubles: Float64Array }
}

/** All bytes that are to be taken now, as text. */
async function takeText(subscription: Subscription): Promise<string> {
  const taken: Buffer[] = []
  for (let quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
    await sleep(1)
    for (let bytes = subscription.nextBytes(); bytes !== undefined; bytes = subscription.nextBytes()) {
      taken.push(bytes)
      quiet = 0
    }
  }
  return Buffer.concat(taken).toString()
}

describe('Changes as bytes', () => {
  let kit: FeedDriver

  beforeEach(() => {
    kit = new FeedDriver({ memoryLength: 8 * 1024 * 1024, length: 512 * 1024 })
  })

  afterEach(() => kit.close())

  const subscribe = (form: ChangeForm, options: SubscriptionOptions = {}): Subscription =>
    kit.feed.subscribe(options, form)!

  /** Keys of all bytes: with and without quotes, of several characters, and such as are no UTF-8. */
  const randomKey = (random: Random): string => {
    const length = random.pick([1, 3, 12, 250])
    const characters = random.pick(['abc:09', 'a"\\/', '\u0001 \n\u007f', 'aäß€😀', '\xff\xfe'])
    const text = Array.from({ length }, () => random.pick([...characters])).join('')
    const bytes = characters === '\xff\xfe' ? Buffer.from(text, 'latin1') : Buffer.from(text)
    return bytes.subarray(0, 250).toString('latin1')
  }

  const changeOne = (random: Random): void => {
    const { driver } = kit
    const key = randomKey(random)
    const roll = random.below(100)
    if (roll < 50) driver.set(key, VALUE, 0, random.pick([0, 0, 100, 86_400]))
    else if (roll < 60)
      driver.setMarked(key, VALUE, { high: random.pick([0, 1, 2 ** 21, -1]), low: random.pick([0, 7, -1]) })
    else if (roll < 75) driver.remove(key)
    else if (roll < 90) driver.touch(key, random.below(1000))
    else if (roll < 95) driver.set(key, Buffer.alloc(random.below(20_000)))
    else if (roll < 98) driver.flushPrefix(key.slice(0, 2))
    else driver.flush(0)
  }

  for (const [name, number] of [
    ['small', 0],
    ['of 32 bits', 2 ** 31 - 500],
    ['of more', 4_999_999_500],
    ['large', 999_999_999_999_000],
  ] as const)
    it(`are those of objects, whatever was changed; the numbers are ${name}`, async function () {
      this.slow(20_000)
      const random = new Random(number + 1)
      const { history } = kit.feed as unknown as FedHistory
      history.doubles[history.latestDouble] = number
      const optionsOfAll: SubscriptionOptions[] = [
        {},
        { prefix: 'a' },
        { prefix: 'a"', kinds: ['set', 'delete', 'flush_prefix'] },
        { values: true },
      ]
      const since = kit.feed.latestPosition
      const all = optionsOfAll.flatMap((options) =>
        FORMS.map((form) => ({
          form,
          options,
          objects: kit.subscribe(options),
          bytes: [subscribe(form, options), subscribe(form, options)],
          text: '',
        })),
      )
      for (let round = 0; round < 5; round++) {
        for (let index = 0; index < 200; index++) changeOne(random)
        await Promise.all(
          all.map(async (each) => {
            const [changes, ...texts] = await Promise.all([take(each.objects), ...each.bytes.map(takeText)])
            const expected = changes.map((change) => each.form.text(change)).join('')
            expect(texts).deep.equal([expected, expected])
            each.text += expected
          }),
        )
      }
      for (const { form, options, text } of all) {
        expect(text.length).above(500)
        if (options.values === true) continue
        const resumed = await takeText(subscribe(form, { ...options, since }))
        expect(text.endsWith(resumed)).equal(true)
        expect(resumed.length).above(text.length - 200)
      }
    })

  it('list the items, and then follow', async () => {
    kit.driver.set('sky', VALUE)
    const objects = kit.subscribe({ initial: true })
    const bytes = FORMS.map((form) => subscribe(form, { initial: true }))
    const changes = await take(objects)
    kit.driver.set('sky "', VALUE)
    changes.push(...(await take(objects)))
    expect(changes.map(({ kind }) => kind)).deep.equal(['item', 'position', 'set'])
    for (const [index, form] of FORMS.entries())
      expect(await takeText(bytes[index]!)).equal(changes.map((change) => form.text(change)).join(''))
  })

  it('are told once, by many of the same prefix and others', async () => {
    const subscriptions = Array.from({ length: 30 }, (_, index) =>
      subscribe(NDJSON, { prefix: ['', 'a', 'b'][index % 3]! }),
    )
    await Promise.all(subscriptions.map(takeText))
    subscriptions[0]!.close()
    subscriptions[4]!.close()
    for (let index = 0; index < 100; index++) kit.driver.set(`${'ab'[index % 2]}${index}`, VALUE)
    const texts = await Promise.all(subscriptions.map(takeText))
    for (const [index, text] of texts.entries()) {
      const isClosed = index === 0 || index === 4
      expect(text.split('\n').length - 1, `${index}`).equal(isClosed ? 0 : [100, 50, 50][index % 3]!)
    }
  })

  it('wait up to a bound for a slow subscriber, which then reads on, and learns of what is lost', async () => {
    const [slow, lost, fast] = [subscribe(NDJSON), subscribe(NDJSON), subscribe(NDJSON)] as const
    const { length: other } = await takeText(fast)
    let fastText = ''
    let slowText = ''
    for (let round = 0; round < 80; round++) {
      for (let index = 0; index < 300; index++) kit.driver.set(`key:${index}`, VALUE)
      fastText += await takeText(fast)
      if (round % 8 === 7) slowText += await takeText(slow)
      expect(slow.bytes!.length).most(LENGTH_MAX)
      expect(lost.bytes!.length).most(LENGTH_MAX)
    }
    slowText += await takeText(slow)
    expect(slowText.slice(other)).equal(fastText)
    expect(lost.isFull).equal(true)
    const numbers = (text: string): number[] =>
      text
        .split('\n')
        .slice(1, -1)
        .map((line) => Number(JSON.parse(line).position.split('.')[1]))
    expect(numbers(`\n${fastText}`)).deep.equal(Array.from({ length: 24_000 }, (_, index) => index + 1))
    const lines = (await takeText(lost))
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line))
    const gaps = lines.filter(({ kind }) => kind === 'gap')
    expect(gaps.length).equal(1)
    let last = 0
    for (const { kind, position, after } of lines) {
      const numberOf = (text: string): number => Number(text.split('.')[1])
      if (kind === 'gap') expect(numberOf(after)).equal(last)
      else expect(numberOf(position)).equal(last + 1)
      last = numberOf(position)
    }
    expect(last).equal(24_000)
  })

  it('are told many at once while there are many, but not while somebody waits for a key', async () => {
    const subscription = subscribe(NDJSON)
    await takeText(subscription)
    let batchCount = 0
    subscription.onReadable = () => {
      batchCount++
      while (!subscription.isEmpty) subscription.nextBytes()
    }
    const beginMs = performance.now()
    for (let count = 0; count < 300; count++) {
      kit.driver.set('key', VALUE)
      await turn()
      while (performance.now() < beginMs + count / 10) await turn()
    }
    expect(batchCount).within(2, 2 + (performance.now() - beginMs) / 2)
    const waiter = { key: 'other', deadlineMs: Number.POSITIVE_INFINITY, wake: () => undefined }
    kit.feed.wait(waiter)
    await turn()
    for (let count = 0; count < 5; count++) {
      const before = batchCount
      kit.driver.set('key', VALUE)
      await turn()
      await turn()
      expect(batchCount).equal(before + 1)
    }
    kit.feed.endWaiting(waiter)
  })

  it('do not change once they are taken', () => {
    const buffer = new EventBuffer()
    const taken: Buffer[] = []
    const expected: string[] = []
    for (const length of [1, 100, 2000, 3000, 70_000, 40_000, 10, 5000]) {
      const text = `${length}`.padEnd(length, '.')
      buffer.writeText('what was overwritten meanwhile')
      for (let start = 0; start < length; start += 1000) {
        buffer.writeText(text.slice(start, start + 1000))
        buffer.keep()
      }
      buffer.writeText('never kept')
      taken.push(buffer.take())
      expect(buffer.isEmpty).equal(true)
      expected.push(text)
    }
    expect(taken.map((bytes) => bytes.toString())).deep.equal(expected)
  })

  it('are written over those of a batch that was sent, unless another subscriber has it', () => {
    const fill = (buffer: EventBuffer): Buffer => {
      for (let count = 0; count < 60; count++) {
        buffer.writeText('x'.repeat(1000))
        buffer.keep()
      }
      return buffer.take()
    }
    const buffer = new EventBuffer()
    const queue = new ByteQueue()
    for (const isShared of [false, true]) {
      const batch = fill(buffer)
      queue.addBatch(batch, isShared)
      expect(queue.take()).equal(batch)
      queue.release(batch)
      queue.release(batch)
      expect(fill(buffer).buffer === batch.buffer).equal(!isShared)
      expect(fill(buffer).buffer === batch.buffer).equal(false)
    }
  })
})
