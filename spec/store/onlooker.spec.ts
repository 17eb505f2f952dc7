import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { PrefixVisits } from '../../lib/store/prefix-visits.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEGABYTE = 1024 * 1024

/** The drivers of two workers over one store, in one thread: the first one set it up. */
function workers(): [EngineDriver, EngineDriver] {
  const arena = EngineDriver.createArena(MEGABYTE, 2)
  const first = new EngineDriver(MEGABYTE, true, MEGABYTE / 2, arena)
  const second = Arena.attach(arena.memory, { worker: 1, workerCount: 2 })
  return [first, new EngineDriver(MEGABYTE, true, MEGABYTE / 2, second)]
}

const set = (driver: EngineDriver, key: string, value = 'value') => driver.set(key, Buffer.from(value))

/** Holds the stripe of a key as a worker does between a lock and its release. */
function hold({ arena, store }: EngineDriver, key: string): void {
  const start = arena.reserve(256)
  arena.bytes.write(key, start, 'latin1')
  store.lock(start, key.length)
}

describe('An onlooker while workers serve', () => {
  it('sees every item, and skips no bucket that is being written', () => {
    const [onlooker, worker] = workers()
    for (let index = 0; index < 100; index++) set(worker, `key ${index}`)
    hold(worker, 'key 1')
    let [seenCount, busyCount] = [0, 0]
    const { store } = onlooker
    for (let bucket = 0; bucket < store.index.bucketCount; bucket++) {
      const isFree = store.visits.visitBucketIfFree(bucket, () => seenCount++)
      if (isFree) continue
      busyCount++
      worker.store.release()
      bucket--
    }
    expect([seenCount, busyCount]).to.deep.equal([100, 1])
  })

  it('sees every item below a prefix likewise, and holds no bucket afterwards', () => {
    const [onlooker, worker] = workers()
    for (let index = 0; index < 100; index++) {
      set(worker, `key ${index}`)
      set(worker, `ke ${index}`)
    }
    set(worker, 'key')
    hold(worker, 'key 1')
    const visits = new PrefixVisits(onlooker.store, Buffer.from('key '))
    let [seenCount, busyCount] = [0, 0]
    for (let bucket = 0; bucket < visits.bucketCount; bucket++) {
      if (visits.visitBucket(bucket, () => seenCount++)) continue
      busyCount++
      worker.store.release()
      bucket--
    }
    expect([seenCount, busyCount]).to.deep.equal([100, 1])
    for (let index = 0; index < 100; index++) set(worker, `key ${index}`, 'again')
    expect(worker.get('key 99')?.value.toString()).to.equal('again')
  })

  it('is told when no key of a bucket can be changed any more, before it sees the items', () => {
    const [onlooker, worker] = workers()
    set(worker, 'key')
    const { store } = onlooker
    const seen: unknown[] = []
    for (let bucket = 0; bucket < store.index.bucketCount; bucket++) {
      store.visits.visitBucketIfFree(
        bucket,
        () => seen.push('item'),
        () => seen.push(bucket),
      )
    }
    const buckets = seen.filter((entry) => entry !== 'item')
    expect(buckets).to.deep.equal([...buckets.keys()])
    expect(buckets).to.have.lengthOf(store.index.bucketCount)
    expect(seen.indexOf('item')).to.be.above(0)
  })

  it('sees the item under one key, unless it is being written', () => {
    const [onlooker, worker] = workers()
    set(worker, 'key')
    const start = onlooker.arena.reserve(256)
    const visit = (key: string): [isFree: boolean, seenCount: number] => {
      let seenCount = 0
      const length = onlooker.arena.bytes.write(key, start, 'latin1')
      const isFree = onlooker.store.visits.visitKeyIfFree(start, length, () => seenCount++)
      return [isFree, seenCount]
    }
    expect([visit('key'), visit('other key')]).to.deep.equal([
      [true, 1],
      [true, 0],
    ])
    hold(worker, 'key')
    expect(visit('key')).to.deep.equal([false, 0])
    worker.store.release()
    expect(visit('key')).to.deep.equal([true, 1])
    set(worker, 'key', 'again')
  })

  it('does not disturb the worker whose slot its thread had', () => {
    const [onlooker, worker] = workers()
    set(worker, 'key')
    hold(onlooker, 'key')
    let seenCount = 0
    for (let bucket = 0; bucket < 256; bucket++)
      onlooker.store.visits.visitBucketIfFree(bucket, () => seenCount++)
    expect(seenCount).to.equal(0)
    onlooker.store.release()
  })

  it("may unpin without the pool's mutex, and the segment is used again", () => {
    const [onlooker, worker] = workers()
    const long = 'x'.repeat(100_000)
    set(worker, 'long', long)
    const starts: number[] = []
    for (let bucket = 0; bucket < onlooker.store.index.bucketCount; bucket++)
      onlooker.store.visits.visitBucketIfFree(bucket, (item) =>
        onlooker.store.items.eachPart(item, { add: (start) => void starts.push(start) }),
      )
    for (const start of starts) onlooker.store.pins.pin(start)
    worker.remove('long')
    expect(onlooker.store.segments.pool.pinnedCount).to.be.above(0)
    for (const start of starts) onlooker.store.pins.unpinOnlooking(start)
    expect(onlooker.store.segments.pool.pinnedCount).to.equal(0)
    for (let index = 0; index < 50; index++) set(worker, `next ${index}`, long)
    expect(worker.get('next 49')?.value.length).to.equal(long.length)
  })
})

describe('A worker whose slot another thread had', () => {
  it('continues where that thread wrote, with all items', () => {
    const arena = EngineDriver.createArena(MEGABYTE, 2)
    const restoring = new EngineDriver(MEGABYTE, true, MEGABYTE / 2, arena)
    // More than fits, so that a segment is being cleared.
    for (let index = 0; index < 3000; index++) set(restoring, `key ${index}`, 'x'.repeat(400))
    const { freeCount } = restoring.store.segments
    const open = restoring.store.segments.openOf(0)
    restoring.store.restoring.handOver()
    const workerSlot = Arena.attach(arena.memory, { worker: 0, workerCount: 2 })
    const worker = new EngineDriver(MEGABYTE, true, MEGABYTE / 2, workerSlot)
    expect(worker.store.segments.openOf(0)).to.equal(open)
    expect(worker.store.itemCount).to.equal(restoring.store.itemCount)
    expect(worker.store.segments.freeCount).to.equal(freeCount)
    for (let index = 0; index < 3000; index++) set(worker, `key ${index}`, 'y'.repeat(400))
    expect(worker.get('key 2999')?.value.toString()).to.equal('y'.repeat(400))
    for (let segment = 0; segment < worker.store.segments.count; segment++)
      expect(restoring.store.segments.state(segment)).to.equal(worker.store.segments.state(segment))
  })
})
