import { expect } from 'chai'
import { Command } from '../../lib/request/command.js'
import { DIRECTORY, KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024
const APPEND = Command.APPEND

/** What a killed store has when it starts again. */
async function afterKill(
  act: (kept: KeptStore) => void | Promise<void>,
  options: KeptStoreOptions = {},
): Promise<KeptStore> {
  const disk = new MemoryDisk()
  const kept = await KeptStore.open(disk, options)
  await act(kept)
  await kept.acknowledge()
  return KeptStore.open(disk.afterKill(), options)
}

for (const workerCount of [1, 3])
  describe(`A killed store, with ${workerCount} journals,`, () => {
    const options = { workerCount }

    it('has every item that was acknowledged, with its flags, its expiry and its cas', async () => {
      let cas = 0
      const kept = await afterKill(({ driver }) => {
        driver.set('plain', Buffer.from('value'))
        driver.set('with all', Buffer.from('other'), 7, 100)
        cas = driver.get('with all')!.cas
      }, options)
      expect(kept.text('plain')).to.equal('value')
      expect(kept.driver.get('with all')).to.deep.include({ clientFlags: 7, cas })
      kept.driver.advance(100)
      expect(kept.text('with all')).to.equal(undefined)
    })

    it('has the latest value of a key, and no key that was deleted', async () => {
      const kept = await afterKill((before) => {
        for (const value of ['first', 'second', 'last']) before.setText('key', value)
        before.setText('gone', 'value')
        before.driver.remove('gone')
        before.setText('back', 'value')
        before.driver.remove('back')
        before.setText('back', 'again')
      }, options)
      expect(kept.contents(['key', 'gone', 'back'])).to.deep.equal(
        new Map([
          ['key', 'last'],
          ['back', 'again'],
        ]),
      )
    })

    it('has short items between which keys were deleted that are longer', async () => {
      const deleted = Array.from({ length: 12 }, (_, index) => `${index}`.padEnd(240, '-'))
      const kept = await afterKill(async (before) => {
        for (const key of deleted) before.setText(key, 'value')
        await before.acknowledge()
        // With three journals one has all the short items.
        for (let pair = 0; pair < 6; pair++) {
          before.setText(`short ${pair}`, `value ${pair}`)
          for (const key of deleted.slice(2 * pair, 2 * pair + 2)) before.driver.remove(key)
        }
      }, options)
      const expected = Array.from({ length: 6 }, (_, pair) => [`short ${pair}`, `value ${pair}`] as const)
      expect(kept.contents([...deleted, ...expected.map(([key]) => key)])).to.deep.equal(new Map(expected))
    })

    it('has read hardly more than its files have', async () => {
      const disk = new MemoryDisk()
      const roomy = { ...options, memoryLength: 16 * MEGABYTE, mayEvict: false }
      const before = await KeptStore.open(disk, roomy)
      for (let n = 0; n < 20; n++) before.setText(`${n}`, 'value'.repeat(80_000))
      await before.acknowledge()
      const killed = disk.afterKill()
      const paths = killed.list(DIRECTORY).map((name) => `${DIRECTORY}/${name}`)
      const length = paths.reduce((sum, path) => sum + killed.contentOf(path).length, 0)
      expect(length).to.be.greaterThan(8_000_000)
      await KeptStore.open(killed, roomy)
      expect(killed.readLength).to.be.within(length, length + 100_000)
    })

    it('has counters as they were counted', async () => {
      const kept = await afterKill(({ driver }) => {
        driver.increment('count', 0, 5)
        for (let step = 0; step < 10; step++) driver.increment('count', 99)
      }, options)
      expect(kept.text('count')).to.equal('995')
    })

    it('has expiries as they were touched last', async () => {
      const kept = await afterKill(({ driver }) => {
        for (const key of ['sooner', 'later', 'never']) driver.set(key, Buffer.from('value'), 0, 50)
        driver.set('once for ever', Buffer.from('value'))
        driver.touch('sooner', 10)
        driver.touch('later', 100)
        driver.touch('never', 0)
        driver.touch('once for ever', 10)
      }, options)
      const keys = ['sooner', 'later', 'never', 'once for ever']
      expect([...kept.contents(keys).keys()]).to.deep.equal(keys)
      kept.driver.advance(10)
      expect([...kept.contents(keys).keys()]).to.deep.equal(['later', 'never'])
      kept.driver.advance(90)
      expect([...kept.contents(keys).keys()]).to.deep.equal(['never'])
    })

    it('has an item that was renewed before it expired, though its first expiry has passed since', async () => {
      const disk = new MemoryDisk()
      const before = await KeptStore.open(disk, options)
      for (const key of ['touched', 'kept for ever', 'not renewed']) before.setText(key, 'value', 3)
      before.driver.advance(2)
      before.driver.touch('touched', 1000)
      before.driver.touch('kept for ever', 0)
      await before.acknowledge()
      const now = before.driver.clock.now + 10
      const kept = await KeptStore.open(disk.afterKill(), { ...options, now })
      const keys = ['touched', 'kept for ever', 'not renewed']
      expect([...kept.contents(keys).keys()]).to.deep.equal(['touched', 'kept for ever'])
      expect(kept.keeper.recovered.itemCount).to.equal(2)
    })

    it('has an item of a snapshot that was renewed afterwards', async () => {
      const disk = new MemoryDisk()
      const before = await KeptStore.open(disk, options)
      before.setText('sliding', 'value', 3)
      expect(await before.keeper.snapshot()).to.equal(true)
      before.driver.advance(2)
      before.driver.touch('sliding', 1000)
      await before.acknowledge()
      const now = before.driver.clock.now + 10
      const kept = await KeptStore.open(disk.afterKill(), { ...options, now })
      expect(kept.text('sliding')).to.equal('value')
    })

    it('has long values, whole', async () => {
      const value = Buffer.alloc(300_000, 'abcdefg')
      const kept = await afterKill(async (before) => {
        before.setText('before', '1')
        before.driver.set('long', value, 3)
        before.setText('after', '2')
        before.driver.store_(APPEND, 'long', Buffer.from('!'))
      }, options)
      expect(kept.driver.get('long')?.value.equals(Buffer.concat([value, Buffer.from('!')]))).to.equal(true)
      expect(kept.contents(['before', 'after']).size).to.equal(2)
    })

    it('has nothing that was flushed, and what came after it', async () => {
      const kept = await afterKill((before) => {
        before.setText('before', '1')
        before.driver.flush(0)
        before.setText('after', '2')
      }, options)
      expect(kept.contents(['before', 'after'])).to.deep.equal(new Map([['after', '2']]))
    })

    it('counts flushed items as dead bytes before it evicts anything', async () => {
      const kept = await afterKill((before) => {
        for (let index = 0; index < 500; index++) before.setText(`old ${index}`, 'x'.repeat(1000))
        before.driver.flush(0)
      }, options)
      const evicting: boolean[] = []
      kept.driver.store.memory.onEviction({
        evicted: () => undefined,
        clears: (_segment, isEvicting) => void evicting.push(isEvicting),
      })
      for (let index = 0; evicting.length < 5; index++) {
        kept.setText(`new ${index}`, 'x'.repeat(1000))
        await kept.acknowledge()
      }
      expect(evicting).to.deep.equal(Array(5).fill(false))
    })

    it('flushes at the time of a delayed flush, and not before', async () => {
      const kept = await afterKill((before) => {
        before.setText('key', 'value')
        before.driver.flush(20)
      }, options)
      expect(kept.text('key')).to.equal('value')
      kept.driver.advance(20)
      expect(kept.text('key')).to.equal(undefined)
    })

    it('does not bring back what was evicted before it was deleted', async () => {
      const kept = await afterKill((before) => {
        before.setText('stale', 'value')
        for (let index = 0; before.driver.count('evictions') === 0 || before.text('stale'); index++)
          before.setText(`filler ${index}`, 'x'.repeat(1000))
        before.driver.remove('stale')
      }, options)
      expect(kept.text('stale')).to.equal(undefined)
    })

    it('never uses a cas twice, not even one that only a lost change had', async () => {
      const disk = new MemoryDisk()
      const before = await KeptStore.open(disk, options)
      before.setText('key', 'value')
      await before.acknowledge()
      for (let step = 0; step < 1000; step++) before.setText('lost', 'value')
      const { cas } = before.driver.get('lost')!
      const kept = await KeptStore.open(disk.afterKill(), options)
      kept.setText('key', 'other')
      expect(kept.driver.get('key')!.cas).to.be.above(cas)
    })

    it('is the same after a second recovery, and from a snapshot', async () => {
      const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`)
      const kept = await afterKill((before) => {
        for (const key of keys) before.setText(key, `value of ${key}`)
        for (const key of keys.slice(0, 9)) before.driver.remove(key)
      }, options)
      const contents = kept.contents(keys)
      expect(contents.size).to.equal(41)
      const disk = new MemoryDisk()
      const again = await KeptStore.open(disk, options)
      for (const [key, value] of contents) again.setText(key, value)
      expect(await again.keeper.snapshot()).to.equal(true)
      expect(disk.list(DIRECTORY).filter((name) => name.startsWith('snapshot'))).to.have.length(1)
      again.setText('later', 'value')
      await again.acknowledge()
      const last = await KeptStore.open(disk.afterKill(), options)
      expect(last.contents(keys)).to.deep.equal(contents)
      expect(last.text('later')).to.equal('value')
    })
  })

describe('A flush that is due while no server runs', () => {
  it('is executed at the next start, and keeps what is stored afterwards', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk)
    before.setText('key', 'value')
    before.driver.flush(20)
    await before.acknowledge()
    const now = before.driver.clock.now + 30
    const second = disk.afterKill()
    const kept = await KeptStore.open(second, { now })
    expect(kept.text('key')).to.equal(undefined)
    kept.setText('key', 'new')
    await kept.acknowledge()
    expect((await KeptStore.open(second.afterKill(), { now })).text('key')).to.equal('new')
  })

  it('keeps what was stored after it was due, when its own record is lost', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { workerCount: 2 })
    before.setText('old', 'value')
    before.driver.flush(20)
    await before.acknowledge()
    // The worker that executes it is not the one that stores, and has not written yet.
    before.driver.advance(25)
    before.driver.get('old')
    before.setText('new', 'value')
    await before.journals[1]!.sync()
    const kept = await KeptStore.open(disk.afterKill(), { now: before.driver.clock.now })
    expect(kept.contents(['old', 'new'])).to.deep.equal(new Map([['new', 'value']]))
  })
})

describe('Other sizes', () => {
  it('may be had: more memory holds everything, and fewer workers read what more have written', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { workerCount: 4 })
    const keys = Array.from({ length: 200 }, (_, index) => `key ${index}`)
    for (const key of keys) before.setText(key, key)
    await before.acknowledge()
    const kept = await KeptStore.open(disk.afterKill(), { memoryLength: 8 * MEGABYTE, workerCount: 2 })
    expect(kept.contents(keys).size).to.equal(200)
  })

  it('with less memory bring back the newest and the most used items', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { memoryLength: 4 * MEGABYTE })
    const keyOf = (index: number): string => `key ${index}`
    for (let index = 0; index < 3000; index++) {
      before.setText(keyOf(index), 'x'.repeat(1000))
      if (index % 30 === 0) before.driver.advance(1)
    }
    for (let round = 0; round < 3; round++)
      for (let index = 0; index < 100; index++) before.text(keyOf(index))
    await before.keeper.snapshot()
    const kept = await KeptStore.open(disk.afterKill(), {
      memoryLength: 2 * MEGABYTE,
      now: before.driver.clock.now,
    })
    const isThere = (index: number): boolean => kept.text(keyOf(index)) !== undefined
    const indexes = Array.from({ length: 3000 }, (_, index) => index)
    expect(indexes.slice(0, 100).every(isThere)).to.equal(true)
    expect(indexes.slice(-1000).every(isThere)).to.equal(true)
    expect(indexes.slice(100, 500).some(isThere)).to.equal(false)
  })

  it('that make long values short ones and short values long ones lose none of them', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, { memoryLength: MEGABYTE })
    before.setText('value', 'v'.repeat(20_000))
    await before.keeper.snapshot()
    const larger = disk.afterKill()
    const kept = await KeptStore.open(larger, { memoryLength: 256 * MEGABYTE })
    expect(kept.text('value')).to.equal('v'.repeat(20_000))
    kept.setText('other', 'w'.repeat(60_000))
    await kept.acknowledge()
    const again = await KeptStore.open(larger.afterKill(), { memoryLength: MEGABYTE })
    expect(again.text('value')?.length).to.equal(20_000)
    expect(again.text('other')?.length).to.equal(60_000)
  })
})

describe('A store with snapshots only', () => {
  const options = { isSnapshotOnly: true }

  it('has everything after an orderly end', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, options)
    before.setText('key', 'value')
    await before.keeper.close()
    expect((await KeptStore.open(disk.afterKill(), options)).text('key')).to.equal('value')
  })

  it('has after a kill what its last snapshot had', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, options)
    before.setText('kept', 'value')
    before.driver.flush(50)
    await before.keeper.snapshot()
    before.setText('lost', 'value')
    const kept = await KeptStore.open(disk.afterKill(), options)
    expect([...kept.contents(['kept', 'lost']).keys()]).to.deep.equal(['kept'])
    kept.driver.advance(50)
    expect(kept.text('kept')).to.equal(undefined)
  })

  it('can be changed to one with a journal', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk, options)
    before.setText('kept', 'value')
    await before.keeper.close()
    const kept = await KeptStore.open(disk)
    kept.setText('more', 'value')
    await kept.acknowledge()
    const again = await KeptStore.open(disk.afterKill())
    expect(again.contents(['kept', 'more']).size).to.equal(2)
  })
})
