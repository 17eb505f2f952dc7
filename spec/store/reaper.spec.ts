import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Status } from '../../lib/request/status.js'
import { Life } from '../../lib/store/expiry/expiry.js'
import { Flag, writeHeader } from '../../lib/store/item/item.js'
import { NEVER_SECONDS, State } from '../../lib/store/segments/segments.js'
import { liveLengthOf } from '../../lib/store/segments/totals.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const VALUE = Buffer.alloc(500, 'v')

/** Lets the reaper do all the work that is due. */
function reapAll({ store }: EngineDriver): void {
  while (store.memory.reap(1000)) {}
}

/** Sets keys until one is refused. Returns how many there was room for. */
function fill(driver: EngineDriver, prefix: string, expiry: number): number {
  let count = 0
  while (driver.set(`${prefix}:${count}`, VALUE, 0, expiry) === Status.OK) count++
  return count
}

describe('Expired items', () => {
  it('are removed without a request', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    for (let index = 0; index < 3000; index++) driver.set(`key:${index}`, VALUE, 0, 1 + (index % 100))
    driver.advance(50)
    reapAll(driver)
    expect(driver.store.itemCount).equal(1500)
    expect(driver.count('crawler_reclaimed')).equal(1500)
    driver.advance(50)
    reapAll(driver)
    expect(driver.store.itemCount).equal(0)
    expect(liveLengthOf(driver.store.segments)).equal(0)
  })

  it('are found among others that never expire', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    for (let index = 0; index < 100; index++) driver.set(`key:${index}`, VALUE, 0, 30)
    // They keep their place, and the word for an expiry in it.
    for (let index = 0; index < 100; index += 2) driver.touch(`key:${index}`, 0)
    driver.advance(60)
    reapAll(driver)
    expect(driver.store.itemCount).equal(50)
    for (let index = 0; index < 100; index++) {
      expect(driver.get(`key:${index}`) !== undefined).equal(index % 2 === 0)
    }
  })

  it('are found where nothing was to expire so early before a touch', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    for (let index = 0; index < 100; index++) driver.set(`key:${index}`, VALUE, 0, 1000)
    reapAll(driver)
    driver.touch('key:50', 5)
    driver.advance(5)
    reapAll(driver)
    expect(driver.store.itemCount).equal(99)
  })

  it('are counted as unfetched only if they were never read', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    for (let index = 0; index < 10; index++) driver.set(`key:${index}`, VALUE, 0, 5)
    for (let index = 0; index < 4; index++) driver.get(`key:${index}`)
    driver.advance(5)
    reapAll(driver)
    expect(driver.count('expired_unfetched')).equal(6)
  })

  it('are removed even if they expired before all of their value had come', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const value = Buffer.alloc(50_000, 'v')
    const arriving = driver.stage('key', value.length, 0, 5)!
    driver.fill(arriving, value.subarray(0, 20_000))
    driver.advance(5)
    reapAll(driver)
    driver.fill(arriving, value.subarray(20_000))
    driver.publish(arriving, 'key', value.length, 0, 5)
    expect(driver.store.itemCount).equal(1)
    reapAll(driver)
    expect(driver.store.itemCount).equal(0)
  })

  it('are not looked for behind the last item of a segment, where others have been before', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    const { segments, memory } = driver.store
    const { words } = driver.arena
    driver.set('key', VALUE, 0, 5)
    const end = driver.clock.now + 5
    const segment = segments.of(driver.placesOf('key')[0]! >>> 2)
    writeHeader(words, segments.endWordOf(segment), Flag.EXPIRY, {
      ...{ keyStart: 0, keyLength: 3, valueLength: 5, clientFlags: 0, moreFlags: 0 },
      expiry: end + 1000,
    })
    driver.advance(5)
    while (memory.reap(1000));
    expect([segments.earliest(segment), segments.latest(segment)]).deep.equal([NEVER_SECONDS, end])
  })

  it('are looked for no further than one step permits', () => {
    const driver = new EngineDriver(8 * MEGABYTE)
    for (let index = 0; index < 1000; index++) driver.set(`key:${index}`, VALUE, 0, 5)
    driver.advance(5)
    expect(driver.store.memory.reap(100)).equal(true)
    expect(driver.store.itemCount).equal(900)
  })
})

describe('two workers that divide the segments between them', () => {
  it('leave nothing that has expired, even if one had begun with a segment that is now the other one’s', () => {
    const arena = EngineDriver.createArena(8 * MEGABYTE, 2)
    const first = new EngineDriver(8 * MEGABYTE, true, 4 * MEGABYTE, arena)
    const view = Arena.attach(arena.memory, { worker: 1, workerCount: 2 })
    const second = new EngineDriver(8 * MEGABYTE, true, 4 * MEGABYTE, view)
    const rounds = 4
    for (let round = 0; round < rounds; round++) {
      for (let index = 0; index < 40; index++) first.set(`short:${round}:${index}`, VALUE, 0, 5)
      for (const driver of [first, second]) driver.advance(5)
      first.store.memory.reap(10)
      for (let index = 0; index < 150; index++) first.set(`long:${round}:${index}`, VALUE, 0, 1000)
      for (const driver of [first, second]) reapAll(driver)
    }
    expect(first.store.itemCount).equal(150 * rounds)
  })

  it('leave the closed segments of the other’s share to the other', () => {
    const [first, second] = EngineDriver.pair(8 * MEGABYTE)
    for (let index = 0; index < 2000; index++) second.set(`key:${index}`, VALUE, 0, 5)
    for (const driver of [first, second]) driver.advance(5)
    reapAll(first)
    const { segments, index } = first.store
    const left = new Set<number>()
    for (let bucket = 0; bucket < index.bucketCount; bucket++)
      index.chains.forEach(bucket, (item) => left.add(segments.of(item)))
    const closed = [...left].filter((segment) => segments.state(segment) === State.SEALED)
    expect(closed).to.have.length.above(5)
    expect(closed.filter((segment) => segment % 2 === 0)).deep.equal([])
  })

  it('leave nothing in any closed segment, once one of them is told to look at all', () => {
    const [first, second] = EngineDriver.pair(8 * MEGABYTE)
    for (let index = 0; index < 2000; index++) second.set(`key:${index}`, VALUE, 0, index % 2 === 0 ? 5 : 6)
    for (const driver of [first, second]) driver.advance(5)
    const isOpen = (segment: number): boolean => first.store.segments.state(segment) === State.OPEN
    first.store.memory.reapAll()
    // A segment that another worker is writing to is skipped.
    const { segments, index } = first.store
    let leftCount = 0
    for (let bucket = 0; bucket < index.bucketCount; bucket++)
      index.chains.forEach(bucket, (item) => {
        if (first.store.lifeOf(item) !== Life.LIVE && !isOpen(segments.of(item))) leftCount++
      })
    expect(leftCount).equal(0)
    expect(first.count('crawler_reclaimed')).above(500)
  })
})

describe('a full server that evicts nothing', () => {
  it('accepts values again at once when its items have expired', () => {
    const driver = new EngineDriver(8 * MEGABYTE, false)
    const count = fill(driver, 'old', 60)
    driver.advance(60)
    expect(fill(driver, 'new', 60)).within(count * 0.98, count * 1.02)
  })

  it('accepts values again at once when it has been flushed', () => {
    const driver = new EngineDriver(8 * MEGABYTE, false)
    const count = fill(driver, 'old', 0)
    driver.flush(0)
    expect(fill(driver, 'new', 0)).within(count * 0.98, count * 1.02)
    expect(driver.count('evictions')).equal(0)
  })

  it('keeps everything that it accepted, and refuses the rest', () => {
    const driver = new EngineDriver(8 * MEGABYTE, false)
    const count = fill(driver, 'key', 0)
    expect(driver.set('another', VALUE)).equal(Status.OUT_OF_MEMORY)
    for (let index = 0; index < count; index++) expect(driver.get(`key:${index}`)).not.equal(undefined)
    expect(driver.count('store_no_memory')).equal(2)
  })

  it('accepts as much again as has been deleted', () => {
    const driver = new EngineDriver(8 * MEGABYTE, false)
    const count = fill(driver, 'key', 0)
    for (let index = 0; index < count; index += 10) driver.remove(`key:${index}`)
    expect(fill(driver, 'more', 0)).within((count / 10) * 0.7, count / 10 + 10)
  })
})
