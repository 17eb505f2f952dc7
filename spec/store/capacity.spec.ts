/** How much a store holds, for how long, and what it evicts when that is too much. */
import { expect } from 'chai'
import { Command } from '../../lib/request/command.js'
import { Status } from '../../lib/request/status.js'
import { NONE, State } from '../../lib/store/segments/segments.js'
import { EngineDriver } from '../support/engine-driver.js'
import { type ZipfKeys, zipfKeys } from '../support/key-sequences.js'
import { Random } from '../support/random.js'

const MEGABYTE = 1024 * 1024
const BYTES = new Random(1).bytes(MEGABYTE)

/** Stores items until one is evicted. Returns how many were stored before. */
function countFitting(driver: EngineDriver, store: (index: number) => void): number {
  let count = 0
  while (driver.count('evictions') === 0) store(count++)
  return count - 1
}

describe('The capacity of a store', () => {
  /** What memcached 1.6.18 holds with -m 64 before it evicts, and which multiple of that we promise. */
  const shapes = [
    { keyLength: 16, valueLength: 32, memcachedCount: 559_232, times: 1.4 },
    { keyLength: 32, valueLength: 200, memcachedCount: 220_736, times: 1.1 },
    { keyLength: 32, valueLength: 512, memcachedCount: 89_216, times: 1.2 },
    { keyLength: 32, valueLength: 4096, memcachedCount: 14_720, times: 1.05 },
  ]
  for (const { keyLength, valueLength, memcachedCount, times } of shapes)
    it(`is ${times} times what memcached holds, of keys of ${keyLength} and values of ${valueLength} bytes`, function () {
      this.slow(10_000)
      const driver = new EngineDriver(64 * MEGABYTE)
      const value = BYTES.subarray(0, valueLength)
      const count = countFitting(driver, (index) => driver.set(`${index}`.padStart(keyLength, 'k'), value))
      expect(count).to.be.at.least(memcachedCount * times)
    })
})

describe('A store that is nine tenths full', () => {
  const STEPS = 500_000

  it(`loses nothing in ${STEPS.toLocaleString('en')} overwrites of changing lengths`, function () {
    this.slow(20_000)
    const random = new Random(1)
    const nextLength = (): number => 200 + random.below(801)
    /** Another one for each key. */
    const bytesOf = (index: number, length: number): Buffer => BYTES.subarray(index, index + length)
    const measured = new EngineDriver(8 * MEGABYTE)
    const fitting = countFitting(measured, (index) => measured.set(`${index}`, bytesOf(index, nextLength())))

    const driver = new EngineDriver(8 * MEGABYTE)
    const lengths = new Uint16Array(fitting * 0.9)
    const overwrite = (index: number): void => {
      const length = nextLength()
      lengths[index] = length
      if (driver.set(`${index}`, bytesOf(index, length)) !== Status.OK)
        throw new Error(`${index} was refused`)
    }
    for (const index of lengths.keys()) overwrite(index)
    for (let step = 0; step < STEPS; step++) overwrite(random.below(lengths.length))

    expect(driver.count('evictions')).equal(0)
    for (const [index, length] of lengths.entries())
      if (!driver.get(`${index}`)?.value.equals(bytesOf(index, length)))
        throw new Error(`${index} has changed`)
  })
})

describe('A store that may not evict, and is full', () => {
  const SECONDS = 60

  /** Until one is refused. Returns how many were accepted. */
  function fill(driver: EngineDriver, prefix: string): number {
    const value = BYTES.subarray(0, 500)
    let count = 0
    while (driver.set(`${prefix}:${count}`, value, 0, SECONDS) === Status.OK) count++
    return count
  }

  it('accepts as much again once the reaper has removed what has expired unread', () => {
    const driver = new EngineDriver(4 * MEGABYTE, false)
    const count = fill(driver, 'first')
    driver.advance(SECONDS + 1)
    while (driver.store.memory.reap(1000));
    expect(driver.store.itemCount).equal(0)
    expect(fill(driver, 'second')).to.be.at.least(count * 0.98)
    expect(driver.count('evictions')).equal(0)
  })
})

describe('An item that grows at both ends', () => {
  const COUNT = 8_000

  it(`is exact after ${COUNT} appends and as many prepends, and takes no room from other items`, function () {
    this.slow(20_000)
    const driver = new EngineDriver(8 * MEGABYTE)
    const neighbours = Array.from({ length: 1_000 }, (_, index) => `neighbour:${index}`)
    for (const key of neighbours) driver.set(key, Buffer.from(key))
    const numbers = Array.from({ length: COUNT }, (_, index) => `${index}`.padStart(14, '0'))

    driver.set('grown', Buffer.from('|'))
    for (const number of numbers) driver.store_(Command.APPEND, 'grown', Buffer.from(`${number}>`))
    for (const number of numbers) driver.store_(Command.PREPEND, 'grown', Buffer.from(`<${number}`))

    const before = numbers.map((number) => `<${number}`).reverse()
    const behind = numbers.map((number) => `${number}>`)
    expect(driver.get('grown')?.value.toString() === [...before, '|', ...behind].join('')).equal(true)
    expect(driver.count('evictions')).equal(0)
    for (const key of neighbours) expect(driver.get(key)?.value.toString()).equal(key)
  })
})

describe('A store that must choose what to keep', () => {
  /** The first workload of `node scripts/bench.mjs misses`, for a sixteenth of its memory. */
  const WORKLOAD: ZipfKeys = {
    keyCount: 60_000,
    exponent: 0.9,
    requestCount: 300_000,
    scans: { everyRequests: 1_500, length: 300 },
  }
  const value = BYTES.subarray(0, 300)

  function countMisses(driver: EngineDriver): number {
    let missCount = 0
    for (const key of zipfKeys(new Random(1), WORKLOAD)) {
      if (driver.get(key) !== undefined) continue
      missCount++
      driver.set(key, value)
    }
    return missCount
  }

  /** The misses of a cache for this many items that evicts the oldest, or the least recently read. */
  function countMissesOf(policy: 'FIFO' | 'LRU', itemCountMax: number): number {
    const keys = new Set<string>()
    let missCount = 0
    for (const key of zipfKeys(new Random(1), WORKLOAD)) {
      const isHit = keys.has(key)
      if (isHit && policy === 'LRU') keys.delete(key)
      keys.add(key)
      if (isHit) continue
      missCount++
      // A set keeps the order in which its members came.
      if (keys.size > itemCountMax) keys.delete(keys.values().next().value!)
    }
    return missCount
  }

  it('misses at least 8 % less than LRU and 13 % less than FIFO would, under popular keys and scans', function () {
    this.slow(10_000)
    const measured = new EngineDriver(4 * MEGABYTE)
    const itemCountMax = countFitting(measured, (index) => measured.set(`key:${index}`, value))
    const missCount = countMisses(new EngineDriver(4 * MEGABYTE))
    expect(missCount).to.be.below(0.92 * countMissesOf('LRU', itemCountMax))
    expect(missCount).to.be.below(0.87 * countMissesOf('FIFO', itemCountMax))
  })
})

describe('A full store', () => {
  it('refuses nothing, even if the index needs a segment while those for moved items are in use', function () {
    this.slow(5_000)
    const driver = new EngineDriver(16 * MEGABYTE)
    const { segments } = driver.store
    const value = BYTES.subarray(0, 10)
    let refusedCount = 0
    for (let index = 0; index < 500_000; index++) {
      const taken = segments.freeCount === 2 ? segments.take(State.OPEN, 0, 0) : NONE
      if (driver.set(`key:${index}`, value) !== Status.OK) refusedCount++
      if (taken !== NONE) segments.endSweep(taken)
    }
    expect(refusedCount).equal(0)
  })
})
