import { expect } from 'chai'
import { NDJSON } from '../../lib/admin/changes/stream.js'
import { SUBSCRIBER_QUEUE_LENGTH_MAX } from '../../lib/request/limits.js'
import { FeedDriver } from '../support/feed-driver.js'

const VALUE = Buffer.from('four')
const KEY_COUNT = 2000
/** What a look at the clock takes: work takes time in these specs only as far as it looks. */
const LOOK_MS = 0.01
/** What a change of a short key counts in a queue, at most. */
const CHANGE_LENGTH_MAX = 310
/** A slice of 0.2 ms, and one bucket. */
const SHORT_COUNT = 40
/** What is read in a millisecond: each change looks at the clock twice. */
const READ_COUNT = 60

describe('The feed shares its thread with clients', () => {
  const { now } = performance
  let kit: FeedDriver
  let clockMs: number

  beforeEach(() => {
    clockMs = 1000
    performance.now = () => (clockMs += LOOK_MS)
    kit = new FeedDriver({ memoryLength: 8 * 1024 * 1024, length: 1024 * 1024 })
  })

  afterEach(() => {
    kit.close()
    performance.now = now
  })

  /** One round of the feed, after others have taken so long. No timer runs meanwhile. */
  function look(othersMs = 0): void {
    clockMs += othersMs
    kit.feed['isLookingSoon'] = false
    kit.feed['look']()
  }

  function fill(): void {
    for (let index = 0; index < KEY_COUNT; index++) kit.driver.set(`key:${index}`, VALUE)
  }

  /** All that can be taken now. */
  function takeAll(subscription: ReturnType<FeedDriver['subscribe']>) {
    const taken = []
    for (let change = subscription.next(); change !== undefined; change = subscription.next())
      taken.push(change)
    return taken
  }

  /** How many items each look lists, until all are listed. */
  function listed(prefix: string, othersMs: number): { counts: number[]; looks: number } {
    const subscription = kit.subscribe({ initial: true, prefix })
    const counts: number[] = []
    for (let looks = 1; ; looks++) {
      look(othersMs)
      const taken = takeAll(subscription)
      counts.push(taken.filter(({ kind }) => kind === 'item').length)
      if (taken.at(-1)?.kind === 'position') return { counts, looks }
    }
  }

  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

  it('lists a few items at a time, although no other client has come', () => {
    fill()
    const { counts } = listed('', 0)
    expect(sum(counts)).equal(KEY_COUNT)
    expect(Math.max(...counts)).within(1, SHORT_COUNT)
  })

  it('looks at a few buckets at a time, although no item is listed', () => {
    fill()
    const { counts, looks } = listed('nope', 0)
    expect(sum(counts)).equal(0)
    expect(looks).above(kit.driver.store.index.bucketCount / SHORT_COUNT)
  })

  it('lists for as long as others have taken, and not for long', () => {
    fill()
    const { counts } = listed('', 1)
    expect(sum(counts)).equal(KEY_COUNT)
    expect(Math.max(...counts)).within(SHORT_COUNT, 120)
    expect(Math.max(...listed('', 1000).counts)).within(120, 220)
  })

  it('lists for all subscribers in the time of one', () => {
    fill()
    const subscriptions = Array.from({ length: 20 }, () => kit.subscribe({ initial: true }))
    const counts = subscriptions.map(() => 0)
    while (counts.some((count) => count < KEY_COUNT)) {
      look()
      const more = subscriptions.map((each) => takeAll(each).filter(({ kind }) => kind === 'item').length)
      // Some had a bucket left from the round before. With a slice for each there would be hundreds.
      expect(sum(more)).most(3 * SHORT_COUNT)
      for (const [index, count] of more.entries()) counts[index]! += count
    }
    expect(counts).deep.equal(subscriptions.map(() => KEY_COUNT))
  })

  it('reads changes after a position a few at a time', () => {
    const since = kit.feed.latestPosition
    fill()
    const subscription = kit.subscribe({ since })
    let count = 0
    while (!subscription.isFollowing) {
      look()
      const told = takeAll(subscription).length
      expect(told).within(1, READ_COUNT)
      count += told
    }
    expect(count).equal(KEY_COUNT)
  })

  it('follows changes for as long as others have taken', () => {
    const subscription = kit.subscribe()
    look()
    expect(takeAll(subscription).map(({ kind }) => kind)).deep.equal(['position'])
    fill()
    const keys: (string | undefined)[] = []
    for (const [othersMs, countMin, countMax] of [
      [0, 1, READ_COUNT],
      [1.5, READ_COUNT, 160],
      [1000, 80, 210],
    ] as const) {
      look(othersMs)
      const told = takeAll(subscription).map(({ key }) => key)
      expect(told.length, `${othersMs}`).within(countMin, countMax)
      keys.push(...told)
    }
    while (keys.length < KEY_COUNT) {
      look()
      keys.push(...takeAll(subscription).map(({ key }) => key))
    }
    expect(keys).deep.equal(Array.from({ length: KEY_COUNT }, (_, index) => `key:${index}`))
  })

  it('lets subscribers send what they are told before it is more than a queue holds', () => {
    const subscription = kit.feed.subscribe({}, NDJSON)!
    let length = 0
    subscription.onReadable = () => {
      for (let bytes = subscription.nextBytes(); bytes !== undefined; bytes = subscription.nextBytes())
        length += bytes.length
    }
    look()
    for (let round = 0; round < 3; round++) fill()
    kit.feed['slice'].ask()
    look(1000)
    expect(length).above(SUBSCRIBER_QUEUE_LENGTH_MAX)
    expect(subscription.isFollowing).equal(true)
  })

  it('lets a few subscribers send at a time', () => {
    const told: number[] = []
    const subscribe = (index: number): void => {
      kit.subscribe().onReadable = () => {
        told.push(index)
        clockMs += 0.15
        // One that comes while others are told.
        if (index === 0) subscribe(50)
      }
    }
    for (let index = 0; index < 50; index++) subscribe(index)
    let looks = 0
    for (let count = 0; count < 51 && looks < 100; count = told.length, looks++) {
      look()
      expect(told.length - count).within(1, 4)
    }
    expect(looks).least(24)
    expect(told).deep.equal(Array.from({ length: 51 }, (_, index) => index))
  })

  it('reads no more changes in the middle of a list than its subscriber takes', () => {
    fill()
    const subscription = kit.subscribe({ initial: true })
    const copy = new Map<string, bigint>()
    let isListed = false
    const apply = (): void => {
      for (const { kind, key, cas } of takeAll(subscription)) {
        expect(kind).not.equal('gap')
        isListed ||= kind === 'position'
        if (key !== undefined) copy.set(key, cas!)
      }
    }
    while (copy.size < KEY_COUNT / 2) {
      look()
      apply()
    }
    for (let round = 0; round < 4; round++) for (const key of copy.keys()) kit.driver.set(key, VALUE)
    for (let looks = 0; looks < 5; looks++) {
      const { length } = subscription['queue']
      look()
      expect(subscription['queue'].length - length).within(1, SHORT_COUNT)
    }
    for (let looks = 0; looks < 100; looks++) look(1000)
    const [least, most] = [SUBSCRIBER_QUEUE_LENGTH_MAX, SUBSCRIBER_QUEUE_LENGTH_MAX + CHANGE_LENGTH_MAX]
    expect(subscription['queuedLength']).within(least, most)
    while (!isListed) {
      apply()
      look()
    }
    const contents = [...kit.contents()].map(([key, { cas }]) => [key, cas] as const)
    expect(copy).deep.equal(new Map(contents))
  })
})
