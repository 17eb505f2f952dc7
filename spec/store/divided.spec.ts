import { expect } from 'chai'
import { numberOf } from '../../lib/arena/item-memory.js'
import { Status } from '../../lib/request/status.js'
import { memoryOfHash } from '../../lib/store/index/buckets.js'
import { keyLengthOf, keyStartOf } from '../../lib/store/item/item.js'
import type { ChangeListener } from '../../lib/store/listeners/change-listener.js'
import { PrefixVisits } from '../../lib/store/prefix-visits.js'
import { DividedDriver } from '../support/divided-driver.js'
import { memoryInFocus } from '../support/memories.js'
import { pattern } from '../support/pattern.js'
import { Random } from '../support/random.js'
import { MEGABYTE, Walk } from './model-walk.js'

const MEMORY_COUNT = 3
const MEMORY_LENGTH = MEMORY_COUNT * MEGABYTE
const VALUE = Buffer.from('value')

const create = (mayEvict = true): DividedDriver => new DividedDriver(MEMORY_COUNT, MEMORY_LENGTH, mayEvict)

/** The number of the memory for a key, which an empty store shows. */
function memoryFor({ arena }: DividedDriver, key: string): number {
  const start = arena.byteLength - 256
  return memoryOfHash(arena.hash(start, arena.bytes.write(key, start, 'latin1')), MEMORY_COUNT)
}

/** So many keys of each memory, in turn: each is in another memory than the one before. */
function keysInTurn(driver: DividedDriver, count: number): string[] {
  const keys: string[] = []
  for (let number = 0; keys.length < count; number++)
    if (memoryFor(driver, `key:${number}`) === keys.length % MEMORY_COUNT) keys.push(`key:${number}`)
  return keys
}

const countsOf = ({ store }: DividedDriver): number[] => store.stores.map(({ itemCount }) => itemCount)

/** The key of an item, as a listener reads it: in the memory that the store is at. */
function keyOf({ store }: DividedDriver, item: number): string {
  const start = keyStartOf(store.words, item)
  return store.bytes.toString('latin1', start, start + keyLengthOf(store.words, item))
}

/** What is reported of a store, with the keys of the items. */
function reportsOf(driver: DividedDriver): string[] {
  const reports: string[] = []
  const key = (start: number, length: number): string =>
    driver.arena.view(start, start + length).toString('latin1')
  const listener: ChangeListener = {
    stored: (item) => void reports.push(`stored ${keyOf(driver, item)}`),
    touched: (item) => void reports.push(`touched ${keyOf(driver, item)}`),
    expired: (item) => void reports.push(`expired ${keyOf(driver, item)}`),
    evicted: (item) => void reports.push(`evicted ${keyOf(driver, item)}`),
    removed: (start, length) => void reports.push(`removed ${key(start, length)}`),
    forgotten: (start, length) => void reports.push(`forgotten ${key(start, length)}`),
    flushBegins: () => void reports.push('flushBegins'),
    flushed: () => void reports.push('flushed'),
    flushDue: () => void reports.push('flushDue'),
    prefixFlushed: (start, length) => void reports.push(`prefixFlushed ${key(start, length)}`),
  }
  driver.store.onChange(listener)
  return reports
}

describe('The memory of a key', () => {
  it('is that of its share of all hashes', () => {
    const quarters = [0, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, -0x8000_0000, -0x4000_0001, -0x4000_0000, -1]
    expect(quarters.map((hash) => memoryOfHash(hash, 4))).deep.equal([0, 0, 1, 1, 2, 2, 3, 3])
    expect(quarters.map((hash) => memoryOfHash(hash, 1))).deep.equal(quarters.map(() => 0))
  })

  it('is the one in which the first item of a store is stored, whichever that is', () => {
    for (const memory of [0, 1, 2]) {
      const driver = create()
      driver.set(keysInTurn(driver, MEMORY_COUNT)[memory]!, VALUE)
      expect(countsOf(driver)).deep.equal([0, 1, 2].map((other) => Number(other === memory)))
    }
  })
})

describe('A store of several memories', () => {
  for (const mayEvict of [true, false])
    it(`returns the same as a Map, ${mayEvict ? 'with too little memory' : 'and evicts nothing if it must not'}`, () => {
      const random = new Random()
      const options = { memoryLength: MEMORY_LENGTH, mayEvict, keyCount: 3000, valueLengthMax: 60_000 }
      const walk = new Walk(random, create(mayEvict), options)
      for (let step = 0; step < 12_000; step++) {
        walk.step()
        if (step % 2000 === 0) walk.check()
      }
      walk.finish()
    })

  it('reports each change once, with its item, wherever that is', () => {
    const driver = create()
    const keys = keysInTurn(driver, MEMORY_COUNT)
    const reports = reportsOf(driver)
    const reportsDuring = (act: (key: string) => unknown): string[] => {
      for (const key of keys) act(key)
      return reports.splice(0)
    }
    const each = (kind: string): string[] => keys.map((key) => `${kind} ${key}`)
    expect(reportsDuring((key) => driver.set(key, VALUE))).deep.equal(each('stored'))
    // Without a word for an expiry, the item is copied; then it has one.
    for (let times = 0; times < 2; times++)
      expect(reportsDuring((key) => driver.touch(key, 5))).deep.equal(each('touched'))
    driver.advance(5)
    expect(reportsDuring((key) => driver.get(key))).deep.equal(each('expired'))
    expect(reportsDuring((key) => driver.set(key, VALUE))).deep.equal(each('stored'))
    expect(reportsDuring((key) => driver.remove(key))).deep.equal(each('removed'))
    driver.flush(10)
    driver.advance(10)
    driver.flushPrefix('key:')
    expect(reports).deep.equal(['flushDue', 'flushBegins', 'flushed', 'prefixFlushed key:'])
  })

  it('forgets a key that it does not have, for listeners that may still have it', () => {
    const driver = create()
    const reports = reportsOf(driver)
    const { store, arena } = driver
    for (const key of keysInTurn(driver, MEMORY_COUNT)) {
      const start = arena.byteLength - 256
      const length = arena.bytes.write(key, start, 'latin1')
      store.lock(start, length)
      store.forget(start, length)
      store.release()
      expect(reports.pop()).equal(`forgotten ${key}`)
    }
  })

  it('tells two listeners, in the order in which they came', () => {
    const driver = create()
    const reports = reportsOf(driver)
    driver.store.onChangeToo({
      ...SILENT,
      stored: (item) => void reports.push(`also stored ${keyOf(driver, item)}`),
    })
    driver.set('key', VALUE)
    expect(reports).deep.equal(['stored key', 'also stored key'])
  })

  it('removes what has expired in every memory without a request, and reads the same memory afterwards', () => {
    const driver = create()
    const keys = keysInTurn(driver, 300)
    for (const [number, key] of keys.entries()) driver.set(key, VALUE, 0, number < 150 ? 5 : 6)
    const reports = reportsOf(driver)
    driver.advance(5)
    driver.get(keys[298]!)
    const before = memoryInFocus(driver.store)
    while (driver.store.memory.reap(100)) expect(memoryInFocus(driver.store) === before).equal(true)
    expect(memoryInFocus(driver.store) === before).equal(true)
    expect(reports.sort()).deep.equal(
      keys
        .slice(0, 150)
        .map((key) => `expired ${key}`)
        .sort(),
    )
    expect(countsOf(driver)).deep.equal([50, 50, 50])
    driver.advance(1)
    driver.store.memory.reapAll()
    expect(countsOf(driver)).deep.equal([0, 0, 0])
  })

  it('shares a lowered limit among its memories, and reports what it evicts for that', () => {
    const driver = create()
    const keys = keysInTurn(driver, 2100)
    for (const key of keys) driver.set(key, Buffer.alloc(900))
    const { memory, figures, stores } = driver.store
    const reports = reportsOf(driver)
    const clearedLengths: number[] = []
    const evicted: string[] = []
    memory.onEviction({
      clears: (segment, isEvicting, liveLength) => {
        expect(liveLength).equal(memoryInFocus(driver.store).segments.live(segment))
        if (isEvicting) clearedLengths.push(liveLength)
      },
      evicted: (item) => void evicted.push(keyOf(driver, item)),
    })
    const before = countsOf(driver)
    expect(memory.limit(MEMORY_LENGTH / 2 + 2)).equal(true)
    expect([memory.length, stores.map(({ segments }) => segments.limit)]).deep.equal([
      MEMORY_LENGTH / 2 + 2,
      [MEGABYTE / 2 + 1, MEGABYTE / 2 + 1, MEGABYTE / 2],
    ])
    const readBefore = memoryInFocus(driver.store)
    while (memory.reap(100));
    expect(memoryInFocus(driver.store) === readBefore).equal(true)
    expect(figures.segmentCount * figures.segmentLength).at.most(MEMORY_LENGTH / 2)
    expect(reports).deep.equal(evicted.map((key) => `evicted ${key}`))
    expect(new Set(evicted).size).equal(evicted.length).above(300)
    expect(evicted.every((key) => keys.includes(key) && driver.get(key) === undefined)).equal(true)
    for (const [memoryNumber, count] of countsOf(driver).entries())
      expect(count, `in memory ${memoryNumber}`).within(1, before[memoryNumber]! - 100)
    expect(clearedLengths.length).above(3 * 2)
    expect(memory.limit(2 * MEMORY_LENGTH + MEMORY_COUNT * figures.segmentLength)).equal(false)
    expect(memory.limit(MEGABYTE / 4)).equal(false)
    expect(memory.length).equal(MEMORY_LENGTH / 2 + 2)
  })

  it('flushes a prefix in all of them, and buries its items', () => {
    const driver = create()
    const keys = keysInTurn(driver, 300)
    for (const key of keys) {
      driver.set(key, VALUE)
      driver.set(`other ${key}`, VALUE)
    }
    expect(driver.flushPrefix('key:')).equal(Status.OK)
    expect(keys.filter((key) => driver.get(key) !== undefined)).deep.equal([])
    driver.set(keys[2]!, VALUE)
    while (driver.store.memory.reap(1000));
    expect([driver.store.itemCount, driver.store.restoring.prefixFlushes]).deep.equal([301, []])
    expect(driver.get(keys[2]!)?.value).deep.equal(VALUE)
    driver.flush(0)
    expect(keys.filter((key) => driver.get(`other ${key}`) !== undefined)).deep.equal([])
  })

  it('lets every item be visited once, by the numbers of the buckets, while its memory is read', () => {
    const driver = create()
    const { store, arena } = driver
    const keys = keysInTurn(driver, 300)
    for (const key of keys) driver.set(key, VALUE, 7)
    const before = memoryInFocus(store)
    const start = arena.byteLength - 256
    const { buckets } = store.visits
    const seen: string[] = []
    for (let bucket = 0; bucket < store.visits.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item) => {
        const key = keyOf(driver, item)
        seen.push(key)
        const hash = arena.hash(start, arena.bytes.write(key, start, 'latin1'))
        expect(buckets.numberOf(hash, buckets.counts), key).equal(bucket)
      })
    expect(seen.sort()).deep.equal([...keys].sort())
    const listed: unknown[] = []
    const visits = new PrefixVisits(store, Buffer.from('key:'))
    for (let bucket = 0; bucket < visits.bucketCount; bucket++)
      visits.visitBucket(bucket, (item) => {
        const { key, size, flags } = visits.describe(item)
        listed.push(`${key} ${size} ${flags}`)
      })
    expect(listed.sort()).deep.equal(seen.map((key) => `${key} ${VALUE.length} 7`).sort())
    for (const key of keys) {
      const visited: string[] = []
      const visit = (item: number): void => void visited.push(keyOf(driver, item))
      store.visits.visitKeyIfFree(start, arena.bytes.write(key, start, 'latin1'), visit)
      expect(visited).deep.equal([key])
    }
    expect(memoryInFocus(store) === before).equal(true)
  })

  it('keeps long values of all of them whole while they are read', () => {
    const driver = create()
    const keys = keysInTurn(driver, MEMORY_COUNT)
    const places = keys.map((key, number) => {
      driver.set(key, pattern(50_000 + number))
      return driver.placesOf(key)
    })
    expect(places.map(([place]) => numberOf(place!))).deep.equal([1, 2, 3])
    const { pins, stores } = driver.store
    const pinned = (): number[] => stores.map(({ segments }) => segments.pool.pinnedCount)
    for (const place of places.flat()) pins.pin(place)
    for (const key of keys) driver.remove(key)
    expect(pinned().every((count) => count > 0)).equal(true)
    for (const [number, [place]] of places.entries())
      expect(driver.arena.view(place!, place! + 100)).deep.equal(pattern(50_000 + number).subarray(0, 100))
    for (const place of places.flat()) pins.unpin(place)
    expect(pinned()).deep.equal([0, 0, 0])
  })
})

const SILENT: ChangeListener = {
  stored: () => undefined,
  touched: () => undefined,
  expired: () => undefined,
  evicted: () => undefined,
  removed: () => undefined,
  forgotten: () => undefined,
  flushBegins: () => undefined,
  flushed: () => undefined,
  flushDue: () => undefined,
  prefixFlushed: () => undefined,
}
