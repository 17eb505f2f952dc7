import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Arrivals, type Receiver } from '../../lib/store/staging/arrivals.js'
import type { StagedValue } from '../../lib/store/staging/staging.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024
const MEMORY_LENGTH = 8 * MEGABYTE
const SEGMENT_LENGTH = 64 * 1024
const SEGMENT_COUNT = MEMORY_LENGTH / SEGMENT_LENGTH
/** A value of half the memory begins in one segment and ends in another. */
const ARRIVING_COUNT_MAX = SEGMENT_COUNT / 2 + 2
const KEY = 'key'
const CHUNK_LENGTH = 16 * 1024
const VALUE_LENGTH = SEGMENT_LENGTH * 0.75
const IDLE_SECONDS_MAX = 60
const TRIES_MAX = SEGMENT_COUNT * 10

/** One worker of a store, and values that its clients are sending. */
class Sending {
  readonly driver: EngineDriver
  /** The values that were dropped, by the order in which they began. */
  readonly dropped: number[] = []
  readonly values: StagedValue[] = []
  private readonly key: number

  constructor(driver: EngineDriver) {
    this.driver = driver
    const { arena } = driver
    this.key = arena.reserve(64)
    arena.bytes.write(KEY, this.key, 'latin1')
  }

  begin(length = VALUE_LENGTH, asItComes = false): StagedValue | undefined {
    const { store } = this.driver
    Object.assign(store.draft, { keyStart: this.key, keyLength: KEY.length, valueLength: length })
    return store.stage(asItComes)
  }

  /** Begins a value and waits for its bytes. */
  beginWaiting(length?: number, isIdle = true): StagedValue | undefined {
    const value = this.begin(length)
    const number = this.values.length
    if (value === undefined) return undefined
    this.values.push(value)
    const drop = () => {
      this.dropped.push(number)
      value.discard()
    }
    value.waitFor({ isIdle, drop } satisfies Receiver)
    return value
  }

  /** Begins values until so many have been dropped. Without a bound nothing would be dropped, and this would never end. */
  beginUntilDropped(count = 1): void {
    for (let tries = 0; this.dropped.length < count; tries++) {
      if (tries === TRIES_MAX) throw new Error(`only ${this.dropped.length} values were dropped`)
      this.beginWaiting()
    }
  }

  /** Begins values that cannot be dropped until one is refused. */
  beginAll(): StagedValue[] {
    const staged: StagedValue[] = []
    for (let next = this.begin(); next !== undefined; next = this.begin()) staged.push(next)
    return staged
  }

  receive(value: StagedValue, length: number): boolean {
    return value.copyIn(this.key, length)
  }
}

describe('Long values that are arriving', () => {
  let sending: Sending
  beforeEach(() => {
    sending = new Sending(new EngineDriver(MEMORY_LENGTH))
  })

  it('take half of all segments at most, and free them when they are discarded', () => {
    const { pool } = sending.driver.store.segments
    for (let round = 0; round < 3; round++) {
      const staged = sending.beginAll()
      expect(pool.arrivingCount).to.equal(ARRIVING_COUNT_MAX)
      for (const value of staged) value.discard()
      expect(pool.arrivingCount).to.equal(0)
      expect(pool.pinnedCount).to.equal(0)
    }
  })

  it('are refused as a whole if there is room for only a part of them', () => {
    const { pool } = sending.driver.store.segments
    sending.beginAll().pop()!.discard()
    const before = pool.arrivingCount
    expect(before).to.be.below(ARRIVING_COUNT_MAX)
    expect(sending.begin(3 * SEGMENT_LENGTH)).to.equal(undefined)
    expect(pool.arrivingCount).to.equal(before)
  })

  it('may be half as long as the memory', () => {
    expect(sending.begin(MEMORY_LENGTH / 2)).not.to.equal(undefined)
  })

  it('are bounded also when they grow as their bytes come', () => {
    const staged = [1, 2].map(() => sending.begin(3 * MEGABYTE, true)!)
    let receivedLength = 0
    while (staged.every((value) => sending.receive(value, CHUNK_LENGTH))) receivedLength += 2 * CHUNK_LENGTH
    expect(receivedLength).to.be.within(MEMORY_LENGTH / 4, ARRIVING_COUNT_MAX * SEGMENT_LENGTH)
  })

  it('leave room for other items, however little of a segment each of them holds', () => {
    const { driver } = sending
    const ordinary = Buffer.alloc(3000, 'o')
    for (let number = 0; number < 1000; number++) {
      expect(sending.beginWaiting(5000), `the arriving value ${number}`).not.to.equal(undefined)
      for (let set = 0; set < 22; set++)
        expect(driver.set(`ordinary ${number} ${set}`, ordinary), `set ${set} beside ${number}`).to.equal(0)
    }
    expect(driver.store.segments.pool.arrivingCount).to.be.within(ARRIVING_COUNT_MAX - 8, ARRIVING_COUNT_MAX)
    expect(sending.dropped.length).to.be.above(800)
    expect(sending.dropped).to.deep.equal([...sending.dropped].sort((a, b) => a - b))
  })

  it('are dropped if other items need the room, the one that has waited longest first', () => {
    sending.beginUntilDropped()
    const first = sending.dropped.length
    sending.receive(sending.values[first]!, 100)
    sending.beginWaiting()
    sending.beginWaiting()
    expect(sending.dropped).to.deep.equal(numbersTo(sending.dropped.at(-1)!, [first]))
    expect(sending.dropped.length).to.be.above(first)
  })

  it('are not dropped for longer ones that have waited nearly as long', () => {
    sending.beginWaiting(VALUE_LENGTH / 4)
    sending.beginUntilDropped()
    expect(sending.dropped[0]).to.equal(1)
  })

  it('are dropped though they are short, once they have waited for many longer ones', () => {
    sending.beginWaiting(VALUE_LENGTH / 4)
    sending.beginUntilDropped(SEGMENT_COUNT * 3)
    const begun = sending.dropped.at(sending.dropped.indexOf(0) - 1)!
    expect(begun).to.be.within(SEGMENT_COUNT, SEGMENT_COUNT * 3)
  })

  it('are not dropped once they are complete, nor after they are published or discarded', () => {
    sending.beginUntilDropped()
    const first = sending.dropped.length
    sending.values[first]!.endWaiting()
    sending.values[first + 1]!.discard()
    sending.values[first + 2]!.release()
    for (let more = 0; more < 6; more++) sending.beginWaiting()
    const kept = [first, first + 1, first + 2]
    expect(sending.dropped).to.deep.equal(numbersTo(sending.dropped.at(-1)!, kept))
    expect(sending.dropped.length).to.be.above(first)
  })

  it('do not drop themselves to grow', () => {
    const value = sending.begin(7 * MEGABYTE, true)!
    value.waitFor({ isIdle: true, drop: () => expect.fail('dropped itself') })
    let receivedLength = 0
    while (sending.receive(value, CHUNK_LENGTH)) receivedLength += CHUNK_LENGTH
    expect(receivedLength).to.be.within(MEMORY_LENGTH / 4, ARRIVING_COUNT_MAX * SEGMENT_LENGTH)
  })

  it('are dropped when their clients have sent nothing for a minute while they could', () => {
    const { driver } = sending
    sending.beginWaiting()
    sending.beginWaiting(VALUE_LENGTH, false)
    const heard = sending.beginWaiting()!
    driver.advance(IDLE_SECONDS_MAX - 1)
    sending.receive(heard, 1)
    driver.store.memory.reap(1)
    expect(sending.dropped).to.deep.equal([])
    driver.advance(1)
    driver.store.memory.reap(1)
    expect(sending.dropped).to.deep.equal([0])
    driver.advance(IDLE_SECONDS_MAX)
    driver.store.memory.reap(1)
    expect(sending.dropped).to.deep.equal([0, 2])
  })

  it('do not keep readers from pinning values', () => {
    const { store } = sending.driver
    sending.beginUntilDropped()
    expect(store.pins.mayPin).to.equal(true)
  })
})

describe('The value that is dropped', () => {
  it('is the one that costs the others most of the 256 that have waited longest', () => {
    const arrivals = new Arrivals<{ readonly reservedLength: number }>()
    const dropped: number[] = []
    const values = Array.from({ length: 257 }, (_, number) => ({
      reservedLength: number === 256 ? 10_000 : 10,
    }))
    for (const [number, value] of values.entries())
      arrivals.add(value, { isIdle: true, drop: () => dropped.push(number) }, 0)
    for (let count = 0; count < 3; count++) expect(arrivals.dropCostliest(values[1]!)).to.equal(true)
    expect(dropped).to.deep.equal([0, 256, 2])
  })
})

describe('Long values that arrive in a store of two workers', () => {
  const [one, two] = twoWorkers()

  it('leave the other worker its share, and that one drops none of them', () => {
    const { pool } = one.driver.store.segments
    one.beginUntilDropped()
    const before = one.dropped.length
    const arrivingCount = pool.arrivingCount
    const share = SEGMENT_COUNT / 8 / 2
    const staged = two.beginAll()
    expect(pool.arrivingCount - arrivingCount).to.equal(share)
    for (const value of staged) value.discard()
    for (let number = 0; number < 3 * share; number++)
      expect(two.beginWaiting(), `value ${number}`).not.to.equal(undefined)
    expect(two.dropped.length).to.be.above(share)
    expect(one.dropped.length).to.equal(before)
  })
})

/** All numbers from 0 to `last`, except some. */
const numbersTo = (last: number, without: readonly number[]): number[] =>
  [...Array(last + 1).keys()].filter((number) => !without.includes(number))

function twoWorkers(): [Sending, Sending] {
  const arena = EngineDriver.createArena(MEMORY_LENGTH, 2)
  const one = new Sending(new EngineDriver(MEMORY_LENGTH, true, MEGABYTE, arena))
  const second = Arena.attach(arena.memory, { worker: 1, workerCount: 2 })
  const two = new Sending(new EngineDriver(MEMORY_LENGTH, true, MEGABYTE, second))
  return [one, two]
}
