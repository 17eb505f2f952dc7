import { expect } from 'chai'
import { Status } from '../../lib/request/status.js'
import { chooseVictim, Purpose } from '../../lib/store/segments/eviction.js'
import { Queue, queueOf } from '../../lib/store/segments/lanes.js'
import { State } from '../../lib/store/segments/segments.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.alloc(1000, 'v')

/** Sets keys until something is evicted. Returns how many fitted. */
function fill(driver: EngineDriver): number {
  let count = 0
  while (driver.count('evictions') === 0) driver.set(`fill:${count++}`, VALUE)
  return count
}

/** In which queue an item lies. */
function queueOfKey(driver: EngineDriver, key: string): Queue | undefined {
  const [place] = driver.placesOf(key)
  const { segments } = driver.store
  return place === undefined ? undefined : queueOf(segments.lane(segments.of(place / 4)))
}

describe('a full store', () => {
  it('keeps items that are read again while others come once', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver)
    for (let index = 0; index < 100; index++) driver.set(`hot:${index}`, VALUE)
    for (let index = 0; index < 20 * count; index++) {
      driver.set(`once:${index}`, VALUE)
      driver.get(`hot:${index % 100}`)
    }
    for (let index = 0; index < 100; index++) expect(driver.get(`hot:${index}`)).not.equal(undefined)
  })

  it('gives most of the memory to items that have been read again', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver)
    const proven = Math.floor(count * 0.7)
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < proven; index++) {
        if (driver.get(`proven:${index}`) === undefined) driver.set(`proven:${index}`, VALUE)
      }
    }
    for (let index = 0; index < 5 * count; index++) driver.set(`once:${index}`, VALUE)
    let kept = 0
    for (let index = 0; index < proven; index++) if (driver.get(`proven:${index}`) !== undefined) kept++
    expect(kept).at.least(proven * 0.9)
  })

  it('recognizes a key that it evicted a short time ago', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver)
    for (let index = 0; driver.placesOf('fill:0').length > 0; index++) driver.set(`more:${index}`, VALUE)
    driver.set('fill:0', VALUE)
    expect(queueOfKey(driver, 'fill:0')).equal(Queue.MAIN)
    driver.set('never seen', VALUE)
    expect(queueOfKey(driver, 'never seen')).equal(Queue.SMALL)
    // A ghost is dropped when as many other items have been evicted as there are.
    driver.set('forgotten', VALUE)
    for (let index = 0; index < 3 * count; index++) driver.set(`others:${index}`, VALUE)
    driver.set('forgotten', VALUE)
    expect(queueOfKey(driver, 'forgotten')).equal(Queue.SMALL)
  })

  it('forgets keys that it evicted long ago although more were evicted than a word can count', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver)
    const forgotten = Array.from({ length: 100 }, (_, index) => `forgotten:${index}`)
    driver.store.index['ghosts'].add(2 ** 31 - 2 * count)
    for (const key of forgotten) driver.set(key, VALUE)
    for (let index = 0; index < 4 * count; index++) driver.set(`others:${index}`, VALUE)
    for (const key of forgotten) {
      expect(driver.placesOf(key)).length(0)
      driver.set(key, VALUE)
      expect(queueOfKey(driver, key)).equal(Queue.SMALL)
    }
  })

  it('evicts the oldest items although more segments were opened than a word can count', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { segments } = driver.store
    let next = 2 ** 31 - 200
    segments.pool.nextSequence = () => next++
    const count = 24_000
    for (let index = 0; index < count; index++) expect(driver.set(`key:${index}`, VALUE)).equal(Status.OK)
    expect(next).above(2 ** 31 + 100)
    for (let index = count - 6000; index < count; index++)
      expect(driver.get(`key:${index}`)).not.equal(undefined)
    expect(driver.count('evictions')).above(15_000)
    expect(chooseVictim(segments, true, driver.clock.now).purpose).equal(Purpose.EVICT)
  })

  it('clears a segment before all others from the second in which its last item expires', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { segments } = driver.store
    for (let index = 0; index < 2000; index++) driver.set(`key:${index}`, VALUE)
    for (let index = 0; index < 200; index++) driver.set(`short:${index}`, VALUE, 0, 100)
    const end = driver.clock.now + 100
    expect(chooseVictim(segments, true, end - 1).purpose).equal(Purpose.EVICT)
    const { segment, purpose } = chooseVictim(segments, true, end)
    expect(purpose).equal(Purpose.CLEAN)
    expect(segments.latest(segment)).equal(end)
  })

  it('evicts at least one item in every set that needs room', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    fill(driver)
    for (let index = 0; index < 1000; index++) {
      const before = driver.count('evictions')
      driver.set(`next:${index}`, VALUE)
      expect(driver.count('evictions')).greaterThan(before)
    }
  })

  it('evicts some items of each segment that it clears, even if all have been read again and again', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver)
    for (let round = 0; round < 4; round++)
      for (let index = 0; index < count; index++) driver.get(`fill:${index}`)
    const evictedCounts: number[] = []
    driver.store.memory.onEviction({
      clears: (_segment, isEvicting) => {
        if (isEvicting) evictedCounts.push(0)
      },
      evicted: () => evictedCounts.push(evictedCounts.pop()! + 1),
    })
    for (let index = 0; evictedCounts.length < 20; index++) driver.set(`next:${index}`, VALUE)
    // The last one has only begun.
    expect(Math.min(...evictedCounts.slice(0, -1))).above(0)
  })

  it('never evicts the newest item', () => {
    const driver = new EngineDriver(2 * MEGABYTE)
    for (let index = 0; index < 2000; index++) {
      const value = Buffer.alloc(index % 3 === 0 ? 400_000 : 5000, 'v')
      driver.set(`key:${index}`, value)
      expect(driver.get(`key:${index}`)?.value.length).equal(value.length)
    }
  })

  it('counts how many of the evicted items were never read', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const count = fill(driver)
    for (let index = 0; index < count; index++) driver.set(`next:${index}`, VALUE)
    expect(driver.count('evicted_unfetched')).equal(driver.count('evictions'))
    expect(driver.count('evicted_active')).equal(0)
  })

  it('has at most a sixteenth of all segments open, whatever the times to live', () => {
    const driver = new EngineDriver(64 * MEGABYTE)
    for (let index = 0; index < 1000; index++) driver.set(`key:${index}`, VALUE, 0, 1 + index * index)
    const { segments } = driver.store
    let openCount = 0
    for (let segment = 0; segment < segments.count; segment++) {
      if (segments.state(segment) === State.OPEN) openCount++
    }
    expect(openCount).within(2, segments.poolCount / 16)
  })
})
