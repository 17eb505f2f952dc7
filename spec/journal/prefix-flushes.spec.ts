import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { dump } from '../../lib/journal/tools/dump.js'
import { OPEN_PREFIX_COUNT_MAX } from '../../lib/store/expiry/prefix-flushes.js'
import { DIRECTORY, KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024

const openIn = ({ driver }: KeptStore): string[] =>
  driver.store.restoring.prefixFlushes.map(({ prefix }) => prefix.toString())

const sweep = ({ driver }: KeptStore): void => {
  while (driver.store.memory.reap(1000));
}

/** What the directory has of flushes of prefixes, by file. */
const recorded = (disk: MemoryDisk): string[] =>
  [...dump(disk, DIRECTORY)]
    .map((line) => /^(journal|snapshot)-\d+|prefix flushed.*/.exec(line)?.[0])
    .filter((line) => line !== undefined)

for (const workerCount of [1, 2])
  describe(`The flush of a prefix, with ${workerCount} journals,`, () => {
    const options: KeptStoreOptions = { workerCount, memoryLength: 8 * MEGABYTE }
    const keys = ['user:1', 'user:2', 'user:3', 'other']
    let disk: MemoryDisk
    let kept: KeptStore

    beforeEach(async () => {
      disk = new MemoryDisk()
      kept = await KeptStore.open(disk, options)
      for (const key of ['user:1', 'user:2', 'other']) kept.setText(key, 'old')
    })

    /** What is there after a kill, and after another one when the next server has swept. */
    async function afterKill(): Promise<Record<string, string>> {
      await kept.acknowledge()
      const next = await KeptStore.open(disk.afterKill(), options)
      const found = Object.fromEntries(next.contents(keys))
      sweep(next)
      expect([Object.fromEntries(next.contents(keys)), openIn(next)]).deep.equal([found, []])
      return found
    }

    it('survives a kill', async () => {
      kept.driver.flushPrefix('user:')
      kept.setText('user:2', 'new')
      expect(await afterKill()).deep.equal({ 'user:2': 'new', other: 'old' })
    })

    it('survives a kill after its items were buried', async () => {
      kept.driver.flushPrefix('user:')
      sweep(kept)
      kept.setText('user:3', 'new')
      expect(await afterKill()).deep.equal({ 'user:3': 'new', other: 'old' })
    })

    it('is in a snapshot while its items are not buried', async () => {
      kept.driver.flushPrefix('user:')
      const { version } = kept.driver.store.restoring.prefixFlushes[0]!
      kept.setText('user:3', 'new')
      await kept.acknowledge()
      expect(await kept.keeper.snapshot()).equal(true)
      expect(recorded(disk).slice(-2)).deep.equal([
        'snapshot-0000000002',
        `prefix flushed, version ${version}, key "user:"`,
      ])
      expect(await afterKill()).deep.equal({ 'user:3': 'new', other: 'old' })
      const next = await KeptStore.open(disk.afterKill(), options)
      expect(openIn(next)).deep.equal(['user:'])
    })

    it('is in no snapshot once its items are buried', async () => {
      kept.driver.flushPrefix('user:')
      sweep(kept)
      await kept.acknowledge()
      expect(await kept.keeper.snapshot()).equal(true)
      expect(recorded(disk).filter((line) => line.startsWith('prefix'))).deep.equal([])
      expect(await afterKill()).deep.equal({ other: 'old' })
    })

    it('during a snapshot makes the items dead that the snapshot has', async () => {
      for (let index = 0; index < 3000; index++) kept.setText(`user:${index}`, 'x'.repeat(1000))
      await kept.acknowledge()
      let isDone = false
      const snapshot = kept.keeper.snapshot().finally(() => {
        isDone = true
      })
      for (let turn = 0; !isDone; turn++) {
        if (turn === 20) kept.driver.flushPrefix('user:')
        if (turn === 30) kept.setText('user:3', 'new')
        await kept.acknowledge()
        await nextTurn()
      }
      expect(await snapshot).equal(true)
      expect(openIn(kept)).deep.equal(['user:'])
      expect(await afterKill()).deep.equal({ 'user:3': 'new', other: 'old' })
    })

    it('is restored for more prefixes than may be open', async () => {
      for (let index = 0; index < 3 * OPEN_PREFIX_COUNT_MAX; index++) {
        kept.setText(`family ${index}:1`, 'old')
        kept.driver.flushPrefix(`family ${index}:`)
        kept.setText(`family ${index}:2`, 'new')
        if (!kept.driver.store.mayFlushPrefix) sweep(kept)
      }
      await kept.acknowledge()
      const next = await KeptStore.open(disk.afterKill(), options)
      for (let index = 0; index < 3 * OPEN_PREFIX_COUNT_MAX; index++)
        expect([next.text(`family ${index}:1`), next.text(`family ${index}:2`)]).deep.equal([
          undefined,
          'new',
        ])
      sweep(next)
      expect(next.driver.store.itemCount).equal(3 + 3 * OPEN_PREFIX_COUNT_MAX)
    })

    it('of a long prefix that was flushed after a shorter one stays open beside that', async () => {
      kept.driver.flushPrefix('user:')
      kept.setText('user:1', 'between')
      kept.driver.flushPrefix('user:1')
      await kept.acknowledge()
      await kept.keeper.snapshot()
      expect(await afterKill()).deep.equal({ other: 'old' })
    })
  })

describe('Recovery with flushes of prefixes', () => {
  it('needs no more memory than the server did that buried their items', async () => {
    const options = { memoryLength: MEGABYTE }
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, options)
    // With the items of all rounds, these would be the oldest, and be evicted.
    for (let index = 0; index < 300; index++) kept.setText(`kept:${index}`, 'x'.repeat(1000))
    for (const round of [0, 1, 2, 3]) {
      if (round > 0) kept.driver.flushPrefix(`round ${round - 1}:`)
      sweep(kept)
      for (let index = 0; index < 300; index++) kept.setText(`round ${round}:${index}`, 'x'.repeat(1000))
      await kept.acknowledge()
    }
    expect(kept.driver.count('evictions')).equal(0)
    const { itemCount } = kept.driver.store
    const next = await KeptStore.open(disk.afterKill(), options)
    expect(next.keeper.recovered.leftOutCount).equal(0)
    sweep(next)
    expect([itemCount, next.driver.store.itemCount]).deep.equal([600, 600])
  })
})

for (const mayEvict of [true, false])
  describe(`A recovery of flushed prefixes with many small items and a few large ones, ${mayEvict ? 'with' : 'without'} evictions,`, () => {
    const options: KeptStoreOptions = { memoryLength: 8 * MEGABYTE, mayEvict }
    const smallKeys = Array.from({ length: 40_000 }, (_, index) => `small:${index}`)

    it('restores every live item', async () => {
      const disk = new MemoryDisk()
      const kept = await KeptStore.open(disk, options)
      for (const key of smallKeys) kept.setText(key, 'x'.repeat(40))
      await kept.acknowledge()
      for (let round = 0; round < 6; round++) {
        for (let index = 0; index < 250; index++) kept.setText(`big${round}:${index}`, 'x'.repeat(8000))
        kept.driver.flushPrefix(`big${round}:`)
        sweep(kept)
        await kept.acknowledge()
      }
      expect(kept.driver.store.itemCount).equal(smallKeys.length)
      const next = await KeptStore.open(disk.afterKill(), options)
      expect(next.contents(smallKeys).size).equal(smallKeys.length)
    })
  })
