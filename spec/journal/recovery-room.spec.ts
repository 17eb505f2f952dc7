/** What recovery does with little memory. */
import { expect } from 'chai'
import { KeptStore } from '../support/kept-store.js'
import { MemoryDisk, type Operation } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024

describe('A recovery with little memory', () => {
  for (const [what, options] of Object.entries({
    'a long one': { length: 2 * MEGABYTE, memoryLength: MEGABYTE },
    'a short one': { length: 3000, memoryLength: MEGABYTE },
  }))
    it(`restores no older value instead of ${what} that did not fit`, async () => {
      const disk = new MemoryDisk()
      const before = await KeptStore.open(disk, { memoryLength: 8 * MEGABYTE, mayEvict: false })
      before.setText('key', 'older')
      if (options.length < MEGABYTE)
        for (let index = 0; index < 700; index++) before.setText(`other ${index}`, 'x'.repeat(3000))
      before.setText('key', 'x'.repeat(options.length))
      await before.acknowledge()
      const { memoryLength } = options
      const kept = await KeptStore.open(disk.afterKill(), { memoryLength, mayEvict: false })
      expect(kept.text('key')).to.equal(undefined)
      expect(kept.keeper.recovered.leftOutCount).to.be.above(0)
    })

  it('keeps an older value if a long one that would not fit was never completed', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { memoryLength: 8 * MEGABYTE })
    before.setText('key', 'older')
    await before.acknowledge()
    before.setText('key', 'x'.repeat(2 * MEGABYTE))
    await before.acknowledge()
    const isWrite = ({ kind }: Operation): boolean => kind === 'write'
    const lastPart = disk.trace.findLastIndex(isWrite)
    const kept = await KeptStore.open(disk.afterKill(lastPart), { memoryLength: MEGABYTE })
    expect(kept.text('key')).to.equal('older')
    expect(kept.keeper.recovered.leftOutCount).to.equal(0)
  })

  it('gives items that have expired no memory that later items need', async () => {
    const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`)
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { mayEvict: false })
    for (let round = 0; round < 6; round++) {
      for (const key of keys) before.setText(`${round} ${key}`, 'x'.repeat(1500), 10)
      await before.acknowledge()
      before.driver.advance(20)
      while (before.driver.store.memory.reap(10_000));
    }
    before.driver.advance(-20)
    const { now } = before.driver.clock
    const kept = await KeptStore.open(disk.afterKill(), { mayEvict: false, now })
    expect(kept.keeper.recovered.leftOutCount).to.equal(0)
    expect(kept.contents(keys.map((key) => `5 ${key}`)).size).to.equal(keys.length)
  })
})
