import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { isLockName } from '../../lib/journal/directory/lock-names.js'
import { journalName, NEW_SUFFIX, snapshotName } from '../../lib/journal/format/file-header.js'
import { journalStatistics } from '../../lib/journal/statistics.js'
import { check } from '../../lib/journal/tools/check.js'
import { eventually } from '../support/eventually.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk, namesSnapshot } from '../support/memory-disk.js'
import { Random } from '../support/random.js'

const MEGABYTE = 1024 * 1024
const KEYS = Array.from({ length: 3000 }, (_, index) => `key ${index}`)

const journalsIn = (disk: MemoryDisk): string[] =>
  disk
    .list(DIRECTORY)
    .filter((name) => name.startsWith('journal'))
    .sort()

/** The journals of two workers in a generation. */
const namesOf = (generation: number): string[] => [0, 1].map((worker) => journalName(generation, worker))

describe('A snapshot', function () {
  this.slow(5000)

  it('that is taken while everything changes has the true state, with the journal after it', async () => {
    const random = new Random(4)
    const disk = new MemoryDisk()
    const options = { memoryLength: 8 * MEGABYTE, workerCount: 2 }
    const kept = await KeptStore.open(disk, options)
    const change = (): void => {
      const key = random.pick(KEYS)
      if (random.chance(0.2)) kept.driver.remove(key)
      else if (random.chance(0.1)) kept.driver.touch(key, 5000)
      else kept.setText(key, `${key} ${random.below(1e6)} ${'x'.repeat(random.below(2000))}`)
    }
    for (let step = 0; step < 6000; step++) change()
    await kept.acknowledge()
    let isDone = false
    const snapshot = kept.keeper.snapshot().finally(() => {
      isDone = true
    })
    let changeCount = 0
    while (!isDone) {
      for (let step = 0; step < 20; step++) change()
      changeCount += 20
      await kept.acknowledge()
      await nextTurn()
    }
    expect(await snapshot).to.equal(true)
    expect(changeCount).to.be.above(100)
    const again = await KeptStore.open(disk.afterKill(), options)
    expect(again.contents(KEYS)).to.deep.equal(kept.contents(KEYS))
    expect(again.keeper.contents.snapshot?.generation).to.equal(2)
  })

  it('does not hold changes that the journals may still lose', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { memoryLength: 8 * MEGABYTE })
    for (const key of KEYS) kept.setText(key, 'old')
    await kept.acknowledge()
    let isDone = false
    const snapshot = kept.keeper.snapshot().finally(() => {
      isDone = true
    })
    for (let index = 0; !isDone; index++) {
      kept.setText(KEYS[index % KEYS.length]!, `new ${index}`)
      await kept.acknowledge()
      await nextTurn()
    }
    await snapshot
    const renamed = disk.trace.findIndex(namesSnapshot)
    const after = disk.afterPowerLoss(renamed + 2, () => false)
    const reports = check(after, DIRECTORY)
    expect(reports.map(({ name }) => name)).to.deep.equal([
      journalName(1, 0),
      journalName(2, 0),
      snapshotName(2),
    ])
    const [, journal, ofSnapshot] = reports
    expect(journal!.versionMax).to.be.at.least(ofSnapshot!.versionMax)
    expect(ofSnapshot!.versionMax).to.be.above(KEYS.length)
  })

  it('has long values, and those that did not fit its buffer', async () => {
    const disk = new MemoryDisk()
    const options = { memoryLength: 64 * MEGABYTE }
    const kept = await KeptStore.open(disk, options)
    for (let index = 0; index < 300; index++) kept.setText(`middling ${index}`, 'm'.repeat(15_000))
    kept.setText('long', 'l'.repeat(3 * MEGABYTE))
    await kept.keeper.snapshot()
    expect(kept.driver.store.segments.pool.pinnedCount).to.equal(0)
    const again = await KeptStore.open(disk.afterKill(), options)
    expect(again.text('long')?.length).to.equal(3 * MEGABYTE)
    expect(again.driver.store.itemCount).to.equal(301)
  })

  it('is read by a start from its end, which has the ages of its items', async () => {
    const disk = new MemoryDisk()
    const options = { memoryLength: 16 * MEGABYTE }
    const kept = await KeptStore.open(disk, options)
    for (const key of ['one', 'two', 'three']) kept.setText(key, 'x'.repeat(2 * MEGABYTE))
    expect(await kept.keeper.snapshot()).to.equal(true)
    const path = `${DIRECTORY}/${snapshotName(2)}`
    const files = disk.afterKill()
    const places: number[] = []
    const open = files.open.bind(files)
    files.open = (opened) => {
      const file = open(opened)
      const read: typeof file.read = (...range) => {
        if (opened === path) places.push(range.at(-1) as number)
        return file.read(...range)
      }
      return { ...file, read }
    }
    expect((await KeptStore.open(files, options)).driver.store.itemCount).to.equal(3)
    // After the header of the file.
    expect(places.indexOf(Math.max(...places))).to.equal(1)
  })

  it('makes older files unnecessary, which are removed once it is complete', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    for (let round = 0; round < 3; round++) await kept.keeper.snapshot()
    expect(disk.list(DIRECTORY).filter((name) => !isLockName(name))).to.have.length(2)
  })

  it('is taken after a start that found many journals: a server that is killed again and again leaves one each time', async () => {
    let disk = new MemoryDisk()
    for (let round = 0; round < 20; round++) {
      const kept = await KeptStore.open(disk, { pid: round + 1 })
      kept.setText(`key ${round}`, 'value')
      await kept.acknowledge()
      disk = disk.afterKill()
    }
    expect(disk.list(DIRECTORY)).to.have.length(20)
    const kept = await KeptStore.open(disk)
    for (let waits = 0; waits < 200 && kept.keeper.snapshotCount === 0; waits++) await sleep(20)
    expect(kept.driver.store.itemCount).to.equal(20)
    expect(disk.list(DIRECTORY).filter((name) => !isLockName(name))).to.have.length(2)
  })

  it('that fails leaves nothing behind, and the one before it stays valid', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    await kept.keeper.snapshot()
    disk.faultAt = (_number, _kind, operation) => (namesSnapshot(operation) ? { code: 'EIO' } : undefined)
    expect(await kept.keeper.snapshot()).to.equal(false)
    expect(disk.list(DIRECTORY).filter((name) => name.endsWith('.new'))).to.deep.equal([])
    kept.setText('more', 'value')
    expect(await kept.acknowledge()).to.equal(true)
    const again = await KeptStore.open(disk.afterKill())
    expect(again.contents(['key', 'more']).size).to.equal(2)
  })

  it('that fails again and again creates new journals once, and continues with them', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { workerCount: 2 })
    disk.faultAt = (_number, _kind, operation) => (namesSnapshot(operation) ? { code: 'EIO' } : undefined)
    for (let attempt = 0; attempt < 5; attempt++) {
      kept.setText(`key ${attempt}`, 'value')
      expect(await kept.acknowledge()).to.equal(true)
      expect(await kept.keeper.snapshot()).to.equal(false)
    }
    expect(journalsIn(disk)).to.deep.equal([1, 2].flatMap((generation) => namesOf(generation)))
    const keys = Array.from({ length: 5 }, (_, attempt) => `key ${attempt}`)
    expect((await KeptStore.open(disk.afterKill())).contents(keys).size).to.equal(5)
    disk.faultAt = () => undefined
    expect(await kept.keeper.snapshot()).to.equal(true)
    expect(journalsIn(disk)).to.deep.equal(namesOf(2))
    expect((await KeptStore.open(disk.afterKill())).contents(keys).size).to.equal(5)
    expect(await kept.keeper.snapshot()).to.equal(true)
    expect(journalsIn(disk)).to.deep.equal(namesOf(3))
  })

  it('that fails again and again because one journal cannot be created adds no more of the others', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { workerCount: 2 })
    const create = disk.create.bind(disk)
    disk.create = (path) =>
      path.endsWith(`-0001${NEW_SUFFIX}`) ? Promise.reject(new Error('ENOSPC: as if')) : create(path)
    for (let attempt = 0; attempt < 5; attempt++) expect(await kept.keeper.snapshot()).to.equal(false)
    expect(journalsIn(disk)).to.deep.equal([...namesOf(1), journalName(2, 0)])
    disk.create = create
    expect(await kept.keeper.snapshot()).to.equal(true)
    expect(journalsIn(disk)).to.deep.equal(namesOf(2))
  })

  it('that failed is followed by new journals, if one of those that it created has failed since', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    disk.faultAt = (_number, _kind, operation) => (namesSnapshot(operation) ? { code: 'EIO' } : undefined)
    expect(await kept.keeper.snapshot()).to.equal(false)
    disk.faultAt = (_number, kind) => (kind === 'write' ? { code: 'EIO' } : undefined)
    kept.setText('key', 'value')
    expect(await kept.acknowledge()).to.equal(false)
    disk.faultAt = () => undefined
    expect(await kept.keeper.snapshot()).to.equal(true)
    expect(journalsIn(disk)).to.deep.equal([journalName(3, 0)])
    expect((await KeptStore.open(disk.afterKill())).text('key')).to.equal('value')
  })

  it('is shown in statistics: its time, its items and its bytes', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    const shown = (): (string | undefined)[] => {
      const all = new Map(journalStatistics(kept.board, 'everysec'))
      return ['snapshots', 'last_snapshot_time', 'last_snapshot_items', 'last_snapshot_bytes'].map((name) =>
        all.get(name),
      )
    }
    for (const key of ['a', 'b', 'c']) kept.setText(key, 'value')
    kept.driver.advance(5)
    expect(await kept.keeper.snapshot()).to.equal(true)
    const { length } = disk.contentOf(`${DIRECTORY}/${snapshotName(2)}`)
    expect(shown()).to.deep.equal(['1', `${kept.driver.clock.now}`, '3', `${length}`])
  })

  it('is taken as soon as a journal has failed, before the next second', async () => {
    const { setInterval: original } = globalThis
    // A second attempt never comes.
    globalThis.setInterval = Object.assign(() => original(() => undefined, 1_000_000).unref(), original)
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk).finally(() => {
      globalThis.setInterval = original
    })
    disk.faultAt = (_number, kind) => {
      if (kind !== 'write') return undefined
      disk.faultAt = () => undefined
      return { code: 'EIO' }
    }
    kept.setText('key', 'value')
    expect(await kept.acknowledge()).to.equal(false)
    expect(await eventually(true, async () => kept.keeper.snapshotCount === 1)).to.equal(true)
    expect(kept.keeper.hasFailed).to.equal(false)
    expect((await KeptStore.open(disk.afterKill())).text('key')).to.equal('value')
  })

  it('is taken even if the one before it could not be removed', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    disk.faultAt = (_number, kind, operation) =>
      namesSnapshot(operation) || kind === 'remove' ? { code: 'EIO' } : undefined
    expect(await kept.keeper.snapshot()).to.equal(false)
    expect(disk.list(DIRECTORY)).to.include(`${snapshotName(2)}.new`)
    disk.faultAt = () => undefined
    expect(await kept.keeper.snapshot()).to.equal(true)
    expect(disk.list(DIRECTORY)).not.to.include(`${snapshotName(2)}.new`)
  })

  it('keeps how often items were read', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('used', 'value')
    kept.driver.advance(50)
    for (let reads = 0; reads < 3; reads++) kept.text('used')
    kept.setText('fresh', 'value')
    await kept.keeper.snapshot()
    const { store } = (await KeptStore.open(disk.afterKill(), { now: kept.driver.clock.now })).driver
    const frequencies: number[] = []
    const accessTimes: number[] = []
    for (let bucket = 0; bucket < store.index.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item, frequency) => {
        frequencies.push(frequency)
        accessTimes.push(store.items.accessTime(item))
      })
    expect(frequencies.sort()).to.deep.equal([0, 3])
    expect(accessTimes).to.deep.equal([kept.driver.clock.now, kept.driver.clock.now])
  })

  it('with items that were not used for months blurs the last use of few items that are written later', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('old', 'value')
    kept.driver.advance(10_000_001)
    expect(await kept.keeper.snapshot()).to.equal(true)
    for (const key of KEYS.slice(0, 500)) kept.setText(key, 'x'.repeat(1000))
    await kept.acknowledge()
    const { now } = kept.driver.clock
    const { store } = (await KeptStore.open(disk.afterKill(), { now })).driver
    let exactCount = 0
    for (let bucket = 0; bucket < store.index.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item) => {
        if (store.items.accessTime(item) === now) exactCount++
      })
    // The first of them fill the segment of the old item.
    expect(exactCount).to.be.above(400)
  })
})
