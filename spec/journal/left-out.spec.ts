import { expect } from 'chai'
import { journalStatistics } from '../../lib/journal/statistics.js'
import { KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const MEMORY_LENGTH = 16 * 1024 * 1024

/** These are free in a full memory. */
const SEGMENTS_FOR_MOVING = 2

const leftOutOf = ({ board }: KeptStore): number =>
  Number(new Map(journalStatistics(board, 'journal')).get('recovery_left_out'))

const keysOf = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`)

/** Keys that a store has after an orderly end and a start with this much memory. */
async function reopened(
  fill: (kept: KeptStore) => void,
  keys: readonly string[],
  memoryLength = MEMORY_LENGTH,
): Promise<{ count: number; kept: KeptStore }> {
  const disk = new MemoryDisk()
  const before = await KeptStore.open(disk, { memoryLength: MEMORY_LENGTH })
  fill(before)
  expect(before.driver.count('evictions')).to.equal(0)
  await before.keeper.close()
  const kept = await KeptStore.open(disk, { memoryLength })
  return { count: kept.contents(keys).size, kept }
}

describe('After an orderly end', () => {
  // The disk in memory copies a file for each write.

  const small = keysOf(500, 'small')
  const large = keysOf(450, 'large')
  const fillHalf = (kept: KeptStore): void => {
    for (const key of small) kept.setText(key, 'value')
    kept.driver.advance(60)
    for (const key of large) kept.setText(key, 'x'.repeat(20_000))
  }

  it('every item is back if half of the memory is used by values in pieces', async () => {
    const { count, kept } = await reopened(fillHalf, [...small, ...large])
    expect(count).to.equal(small.length + large.length)
    expect(leftOutOf(kept)).to.equal(0)
  })

  it('every item is back in a memory that has become smaller and has room for all', async () => {
    const { count, kept } = await reopened(fillHalf, [...small, ...large], (MEMORY_LENGTH * 3) / 4)
    expect(count).to.equal(small.length + large.length)
    expect(leftOutOf(kept)).to.equal(0)
  })

  it('every item is back if the memory is nearly full', async () => {
    const keys = keysOf(14_900, 'item')
    const { count, kept } = await reopened((before) => {
      for (const key of keys) before.setText(key, 'x'.repeat(1000))
    }, keys)
    expect(count).to.equal(keys.length)
    expect(leftOutOf(kept)).to.equal(0)
    expect(kept.said.join('\n')).to.match(/^14900 items are back, from \d+ bytes in \d+ ms$/)
  })

  it('every item is back if the last segment is in use', async () => {
    const disk = new MemoryDisk()
    const memoryLength = 1024 * 1024
    const keys = keysOf(38, 'item')
    const before = await KeptStore.open(disk, { memoryLength, mayEvict: false })
    for (const key of keys) before.setText(key, 'x'.repeat(20_000))
    const { segments } = before.driver.store
    expect(segments.freeCount).to.equal(SEGMENTS_FOR_MOVING)
    await before.keeper.close()
    const kept = await KeptStore.open(disk, { memoryLength })
    expect(kept.contents(keys).size).to.equal(keys.length)
    expect(leftOutOf(kept)).to.equal(0)
    // From now on each write makes its share of the room ahead.
    kept.setText('another', 'x')
    expect(kept.driver.count('evictions')).to.be.above(0)
  })

  it('items that do not fit into a smaller memory are counted and logged', async () => {
    const keys = [...small, ...large]
    const { count, kept } = await reopened(fillHalf, keys, MEMORY_LENGTH / 4)
    expect(count).to.be.within(1, keys.length - 1)
    expect(leftOutOf(kept)).to.equal(keys.length - count)
    expect(kept.said.join('\n')).to.contain('the memory is too small for all items')
  })
})

describe('After a kill', () => {
  it('no item is left out for one that had expired while the server ran', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk)
    const keys = keysOf(200, 'item')
    const set = (from: number, to: number): void => {
      for (const key of keys.slice(from, to)) before.driver.set(key, Buffer.alloc(2500))
    }
    set(0, 100)
    before.driver.set('long', Buffer.alloc(400_000), 0, 10)
    await before.acknowledge()
    before.driver.advance(20)
    while (before.driver.store.memory.reap(1000));
    set(100, 200)
    await before.acknowledge()
    expect(before.driver.count('evictions')).to.equal(0)
    const kept = await KeptStore.open(disk.afterKill(), { now: before.driver.clock.now })
    expect(leftOutOf(kept)).to.equal(0)
    expect(kept.contents(keys).size).to.equal(keys.length)
  })
})

describe('A start with less memory, and nothing to evict,', () => {
  const large = 'x'.repeat(400 * 1024)
  const small = keysOf(60, 'small')

  it('leaves out only a long value that it has no room to copy when it must add an expiry', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { memoryLength: 2 * 1024 * 1024, mayEvict: false })
    for (const key of small) before.setText(key, 'x'.repeat(4000))
    before.setText('large', large)
    before.driver.touch('large', 1000)
    await before.acknowledge()
    const kept = await KeptStore.open(disk.afterKill(), { memoryLength: 1024 * 1024, mayEvict: false })
    expect(kept.text('large')).to.equal(undefined)
    expect(kept.contents(small).size).to.equal(small.length)
    expect(leftOutOf(kept)).to.equal(1)
  })
})
