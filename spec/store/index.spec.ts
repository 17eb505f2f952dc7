import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Index } from '../../lib/store/index/index.js'
import { OverflowBuckets } from '../../lib/store/index/overflow.js'
import { MISSING } from '../../lib/store/item/item.js'
import { RwLock } from '../../lib/store/lock/rw-lock.js'
import { Queue } from '../../lib/store/segments/lanes.js'
import { Segments, State } from '../../lib/store/segments/segments.js'

const MEGABYTE = 1024 * 1024
/** A segment of 64 KiB has so many, of 64 bytes each. */
const BUCKET_COUNT = 1024
const SLOT_COUNT = 8
/** What an overflow bucket adds: one of its four replaces the slot that the link uses. */
const OVERFLOW_SLOT_COUNT = 3
const LOAD = 7.5
/** One step of the part of a hash that a slot keeps and that no small bucket number has. */
const TAG_STEP = 1 << 20

/** An index without items behind it: those that it holds are numbers. */
class BareIndex {
  readonly segments: Segments
  readonly index: Index
  private readonly lock: RwLock

  constructor(memoryLength = MEGABYTE) {
    const lengths = [
      Segments.regionLength(memoryLength, 1, memoryLength),
      Index.regionLength(1000, 1),
      RwLock.regionLength(1),
    ]
    const arena = Arena.create(lengths.reduce((sum, length) => sum + length) + 4096)
    this.segments = new Segments(arena, memoryLength, memoryLength)
    this.index = new Index(arena, this.segments)
    this.lock = new RwLock(arena)
  }

  insert(hash: number, item: number): void {
    expect(this.index.prepareInsert()).equal(true)
    this.index.insert(hash, item)
  }

  has(hash: number, item: number): boolean {
    return this.index.findItem(hash, item)
  }

  slotOf(hash: number, item: number): number {
    expect(this.has(hash, item)).equal(true)
    return this.index.slot
  }

  grow(): void {
    this.index.grow(this.lock)
  }

  itemsIn(bucket: number): number[] {
    const items: number[] = []
    this.index.chains.forEach(bucket, (item) => items.push(item))
    // Of another list, which was longer.
    const listed = new Array<number>(100).fill(-1)
    expect(listed.slice(0, this.index.chains.list(bucket, listed))).to.deep.equal(items)
    return items
  }
}

/** The hashes of this many keys of one bucket. */
const hashesIn = (bucket: number, count: number): number[] =>
  Array.from({ length: count }, (_, number) => bucket + (number + 1) * TAG_STEP)

const itemFor = (number: number): number => 100_000 + 4 * number

describe('A bucket of the index', () => {
  for (const count of [SLOT_COUNT, SLOT_COUNT + 1, SLOT_COUNT + OVERFLOW_SLOT_COUNT + 1, 40])
    it(`holds ${count} items, in a chain if it has to, and finds each until it is removed`, () => {
      const bare = new BareIndex()
      const hashes = hashesIn(5, count)
      for (const [number, hash] of hashes.entries()) {
        bare.insert(hash, itemFor(number))
        for (let other = 0; other <= number; other++)
          expect(bare.has(hashes[other]!, itemFor(other)), `${other} of ${number}`).equal(true)
        expect(bare.has(hash, itemFor(number + 1))).equal(false)
      }
      expect(bare.itemsIn(5).sort((a, b) => a - b)).deep.equal(hashes.map((_, number) => itemFor(number)))
      expect([bare.itemsIn(4), bare.itemsIn(6)]).deep.equal([[], []])
      expect(bare.index.itemCount).equal(count)
      for (const [number, hash] of hashes.entries()) {
        bare.index.removeAt(bare.slotOf(hash, itemFor(number)))
        expect(bare.has(hash, itemFor(number))).equal(false)
        expect(bare.index.itemCount).equal(count - number - 1)
      }
      expect(bare.itemsIn(5)).deep.equal([])
    })

  it('takes no segment for a chain before it is full, and goes on in the one it took', () => {
    const bare = new BareIndex()
    const { index } = bare
    expect(index.segmentCount).equal(1)
    bare.insert(1, 100)
    expect([index.segmentCount, index.byteLength]).deep.equal([2, 2 * 64 * 1024])
    for (const [number, hash] of hashesIn(3, 200).entries()) bare.insert(hash, itemFor(number))
    expect(index.segmentCount).equal(2)
  })

  it('finds an item that replaced another in its slot', () => {
    const bare = new BareIndex()
    bare.insert(7, 100)
    bare.index.replaceAt(bare.slotOf(7, 100), 200)
    expect([bare.has(7, 100), bare.has(7, 200), bare.index.itemCount]).deep.equal([false, true, 1])
  })
})

describe('Overflow buckets', () => {
  it('fill a segment to its end, then another, and are empty when they are used again', () => {
    const words = new Int32Array(100)
    const segments = [20, 60, MISSING]
    const overflow = new OverflowBuckets(words, 1, 8, 24, () => segments.shift()!)
    const takeAll = (): number[] => {
      const taken: number[] = []
      while (overflow.isReady) taken.push(overflow.take())
      return taken
    }
    const isReady = (): boolean => overflow.isReady
    expect([isReady(), overflow.prepare(), overflow.prepare(), isReady()]).deep.equal([
      false,
      true,
      true,
      true,
    ])
    expect(takeAll()).deep.equal([20, 28, 36])
    words.fill(-1, 20, 44)
    for (const bucket of [28, 20]) overflow.giveBack(bucket)
    expect([isReady(), takeAll()]).deep.equal([true, [20, 28]])
    expect([...words.subarray(20, 44)]).deep.equal([...Array(16).fill(0), ...Array(8).fill(-1)])
    expect([overflow.prepare(), takeAll(), overflow.prepare()]).deep.equal([true, [60, 68, 76], false])
  })
})

describe('The frequency of an item', () => {
  it('is counted up to three, and down to zero, and does not affect its neighbours', () => {
    const bare = new BareIndex()
    const { index } = bare
    const hashes = hashesIn(9, 3)
    for (const [number, hash] of hashes.entries()) bare.insert(hash, itemFor(number))
    const slot = bare.slotOf(hashes[1]!, itemFor(1))
    const counts = [1, 2, 3, 4].map(() => {
      index.hitAt(slot)
      return index.frequencyAt(slot)
    })
    expect(counts).deep.equal([1, 2, 3, 3])
    const frequencies: number[] = []
    index.chains.forEach(9, (_item, frequency) => frequencies.push(frequency))
    expect(frequencies).deep.equal([0, 3, 0])
    const cooled = [1, 2, 3, 4].map(() => {
      index.coolAt(slot)
      return index.frequencyAt(slot)
    })
    expect(cooled).deep.equal([2, 1, 0, 0])
    index.hitAt(slot)
    index.resetFrequencyAt(slot)
    expect(index.frequencyAt(slot)).equal(0)
    expect(hashes.every((hash, number) => bare.has(hash, itemFor(number)))).equal(true)
  })
})

describe('The ghost of an item', () => {
  const evict = (bare: BareIndex, hash: number, item: number): void =>
    bare.index.leaveGhostAt(bare.slotOf(hash, item))

  it('sends the next item with the same key to the main queue, once, and no other', () => {
    const bare = new BareIndex()
    const { index } = bare
    const [hash, other] = hashesIn(2, 2)
    bare.insert(other!, 300)
    bare.insert(hash!, 100)
    expect([index.hasGhosts, index.queueFor(hash! + 7 * TAG_STEP)]).deep.equal([false, Queue.SMALL])
    evict(bare, hash!, 100)
    expect([index.hasGhosts, index.itemCount, bare.has(hash!, 100)]).deep.equal([true, 1, false])
    expect(bare.itemsIn(2)).deep.equal([300])
    expect([3, 0, 0].map((step) => index.queueFor(hash! + step * TAG_STEP))).deep.equal([
      Queue.SMALL,
      Queue.MAIN,
      Queue.SMALL,
    ])
  })

  it('is found wherever in a chain it is, and so is an item', () => {
    const count = 40
    for (const queue of [Queue.SMALL, Queue.MAIN] as const) {
      const bare = new BareIndex()
      const { segments, index } = bare
      // What the segment behind the buckets holds is of the other queue.
      for (const lane of [queue, 1 - queue]) segments.openNext(lane, segments.take(State.OPEN, lane, 0))
      const first = segments.firstWordOf(segments.openOf(queue))
      const hashes = hashesIn(2, count)
      for (const [number, hash] of hashes.entries()) bare.insert(hash, first + 4 * number)
      const queues = hashes.map((hash) => index.queueFor(hash))
      expect(queues, `items of queue ${queue}`).deep.equal(Array(count).fill(queue))
      for (let number = 0; number < count; number += 2) evict(bare, hashes[number]!, first + 4 * number)
      const after = hashes.map((hash) => index.queueFor(hash))
      expect(after).deep.equal(hashes.map((_, number) => (number % 2 === 0 ? Queue.MAIN : queue)))
    }
  })

  it('is ignored once more items have been evicted since than there are', () => {
    for (const [since, queue] of [
      [4, Queue.MAIN],
      [5, Queue.SMALL],
    ] as const) {
      const bare = new BareIndex()
      for (let number = 0; number < 4; number++) bare.insert(20 + number, itemFor(number))
      bare.insert(1, 100)
      evict(bare, 1, 100)
      for (let number = 0; number < since; number++) {
        bare.insert(40 + number, 200)
        evict(bare, 40 + number, 200)
      }
      expect(bare.index.queueFor(1), `${since} since`).equal(queue)
    }
  })

  it('gives its slot to an item if no slot is empty, the oldest first', () => {
    const bare = new BareIndex()
    const hashes = hashesIn(11, SLOT_COUNT)
    for (const [number, hash] of hashes.entries()) bare.insert(hash, itemFor(number))
    for (const number of [6, 2, 4]) evict(bare, hashes[number]!, itemFor(number))
    const slots = [6, 2, 4].map((number) => {
      const [hash] = hashesIn(11, 20 + number).slice(-1)
      bare.insert(hash!, 900 + number)
      return bare.slotOf(hash!, 900 + number)
    })
    const first = bare.slotOf(hashes[0]!, itemFor(0))
    expect(slots.map((slot) => (slot - first) / 2)).deep.equal([6, 2, 4])
  })

  it('is not left for an item of the main queue', () => {
    const bare = new BareIndex()
    const { segments, index } = bare
    const segment = segments.take(State.OPEN, Queue.MAIN, 0)
    segments.openNext(Queue.MAIN, segment)
    bare.insert(1, segments.firstWordOf(segment))
    expect([index.queueFor(1), index.queueFor(1)]).deep.equal([Queue.MAIN, Queue.MAIN])
  })
})

describe('An index that grows', () => {
  /** Items over all buckets alike. */
  function filled(count: number): { bare: BareIndex; hashOf: (number: number) => number } {
    const bare = new BareIndex(4 * MEGABYTE)
    const hashOf = (number: number): number => Math.imul(number + 1, 0x9e37_79b1)
    for (let number = 0; number < count; number++) bare.insert(hashOf(number), itemFor(number))
    return { bare, hashOf }
  }

  it('splits two buckets at a time above 7.5 items per bucket', () => {
    const { bare, hashOf } = filled(LOAD * BUCKET_COUNT)
    const { index } = bare
    bare.grow()
    expect(index.bucketCount).equal(BUCKET_COUNT)
    const count = LOAD * BUCKET_COUNT + 1
    bare.insert(hashOf(count - 1), itemFor(count - 1))
    bare.grow()
    expect(index.bucketCount).equal(BUCKET_COUNT + 1)
    for (let number = 0; number < count; number++)
      expect(bare.has(hashOf(number), itemFor(number)), `${number}`).equal(true)
    expect(bare.itemsIn(BUCKET_COUNT)).not.deep.equal([])
    for (let number = count; number < count + 16; number++) bare.insert(hashOf(number), itemFor(number))
    bare.grow()
    expect(index.bucketCount).equal(BUCKET_COUNT + 3)
  })

  it('finds every item with its frequency, whatever was split', () => {
    const count = 3 * LOAD * BUCKET_COUNT
    const { bare, hashOf } = filled(count)
    const { index } = bare
    for (let number = 0; number < count; number += 3)
      index.hitAt(bare.slotOf(hashOf(number), itemFor(number)))
    const segmentCount = (): number => index.segmentCount
    const before = segmentCount()
    while (index.bucketCount * LOAD < count) bare.grow()
    expect(index.bucketCount).equal(3 * BUCKET_COUNT)
    // Two more for buckets; freed overflow buckets are reused.
    expect(segmentCount()).equal(before + 2)
    for (let number = 0; number < count; number++) {
      expect(bare.has(hashOf(number), itemFor(number)), `${number}`).equal(true)
      expect(index.frequencyAt(index.slot)).equal(number % 3 === 0 ? 1 : 0)
    }
    let seenCount = 0
    for (let bucket = 0; bucket < index.bucketCount; bucket++) seenCount += bare.itemsIn(bucket).length
    expect([seenCount, index.itemCount]).deep.equal([count, count])
    for (const [number, hash] of hashesIn(77, 500).entries()) bare.insert(hash, 5_000_000 + 4 * number)
    expect(segmentCount(), 'chains that were given back').equal(before + 2)
  })

  it("has at least memcached's size 2^16, and reports when it is larger", () => {
    expect(new BareIndex().index.power).equal(16)
    const { bare } = filled(18_000)
    while (bare.index.bucketCount * LOAD < 18_000) bare.grow()
    expect(bare.index.power).equal(16)
    expect(2 ** 14).below(bare.index.bucketCount * LOAD)
  })

  it('leaves two segments free, and reports that no item can be added', () => {
    const bare = new BareIndex()
    const { segments, index } = bare
    while (segments.pool.freeCount > 2) segments.take(State.OPEN, 0, 0)
    expect(index.prepareInsert()).equal(false)
    expect([segments.pool.freeCount, index.segmentCount]).deep.equal([2, 1])
    expect(bare.has(1, MISSING)).equal(false)
  })
})
