/** Every state in which a loss of power may leave a disk. */
import { expect } from 'chai'
import { KeptStore } from '../support/kept-store.js'
import { MemoryDisk, namesSnapshot } from '../support/memory-disk.js'
import { Random } from '../support/random.js'
import { change, type History, KEYS, work } from './history.js'

/** Subsets of what was not synced, at each point: none, all, each one missing, and some at random. */
const RANDOM_SUBSETS = 3

const SECTOR_LENGTH = 512
const sectorEndOf = (offset: number): number => Math.ceil(offset / SECTOR_LENGTH) * SECTOR_LENGTH

/** The disk of a store that was killed after many writes. */
async function afterManyWrites(): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const killed = await KeptStore.open(disk)
  for (let step = 0; step < 100; step++) {
    killed.setText(`key ${step}`, 'v'.repeat(step))
    await killed.acknowledge()
  }
  return disk
}

const writesOf = ({ trace }: MemoryDisk) => trace.filter((operation) => operation.kind === 'write')

const pathOf = (disk: MemoryDisk): string => `/data/${disk.list('/data')[0]}`
const journalOf = (disk: MemoryDisk): Buffer => disk.contentOf(pathOf(disk))

/** Where a start cuts the journal off if the disk never wrote this part of it. */
async function tornWithout(disk: MemoryDisk, start: number, end: number): Promise<number[]> {
  const lossy = disk.afterKill()
  lossy.put(pathOf(lossy), Buffer.from(journalOf(lossy)).fill(0, start, end))
  const { torn } = (await KeptStore.open(lossy)).keeper.recovered
  return torn.map(({ offset }) => offset)
}

async function expectSafe(disk: MemoryDisk, count: number, history: History, what: string): Promise<void> {
  const kept = await KeptStore.open(disk)
  const isAllowed = history.allows(kept.contents(KEYS), count)
  expect(isAllowed, `behind operation ${count}, ${what}: ${[...kept.contents(KEYS).keys()]}`).to.equal(true)
}

for (const fsync of ['always', 'everysec'] as const)
  describe(`After a loss of power, synced ${fsync},`, function () {
    this.slow(20_000)

    it("each prefix of the disk's operations has the state that was safe, or a later one", async () => {
      const random = new Random(7)
      const disk = new MemoryDisk()
      const history = await work(disk, random, { fsync, steps: 60, snapshotAt: 40 })
      expect(disk.trace.length).to.be.above(60)
      for (let count = 0; count <= disk.trace.length; count++) {
        await expectSafe(
          disk.afterPowerLoss(count, () => true),
          count,
          history,
          'with everything',
        )
        await expectSafe(
          disk.afterPowerLoss(count, () => false),
          count,
          history,
          'with nothing unsynced',
        )
      }
    })

    it('each subset of unsynced operations has the state that was safe, or a later one', async () => {
      const random = new Random(8)
      const disk = new MemoryDisk()
      const history = await work(disk, random, { fsync, steps: 40, snapshotAt: 25 })
      const total = disk.trace.length
      expect(total).to.be.above(40)
      for (let count = 0; count <= total; count += fsync === 'always' ? 3 : 1) {
        for (let missing = Math.max(0, count - 8); missing < count; missing++) {
          const state = disk.afterPowerLoss(count, (number) => number !== missing)
          await expectSafe(state, count, history, `without ${missing}`)
        }
        for (let draw = 0; draw < RANDOM_SUBSETS; draw++) {
          const lost = new Set(Array.from({ length: 4 }, () => count - random.below(10)))
          await expectSafe(
            disk.afterPowerLoss(count, (number) => !lost.has(number)),
            count,
            history,
            `without ${[...lost]}`,
          )
        }
      }
    })
  })

describe('A recovery', () => {
  it('that is interrupted at any point loses nothing', async () => {
    const random = new Random(9)
    const disk = new MemoryDisk()
    const first = await KeptStore.open(disk, { fsync: 'always' })
    for (let step = 0; step < 30; step++) change(first, random, step)
    await first.acknowledge()
    const contents = first.contents(KEYS)
    // The last write is torn.
    first.setText('a', 'never acknowledged')
    await first.acknowledge()
    const torn = disk.afterKill()
    const [name] = torn.list('/data')
    const path = `/data/${name}`
    torn.put(path, torn.contentOf(path).subarray(0, -5))
    await KeptStore.open(torn, { fsync: 'always' })
    expect(torn.trace.length).to.be.above(1)
    for (let count = 0; count <= torn.trace.length; count++) {
      for (const isKept of [true, false]) {
        const again = await KeptStore.open(torn.afterPowerLoss(count, () => isKept))
        expect(again.contents(KEYS)).to.deep.equal(contents)
      }
    }
  })

  it('ignores a long value that was never finished, even if it has expired', async () => {
    const disk = new MemoryDisk()
    const killed = await KeptStore.open(disk)
    killed.setText('key', 'older')
    killed.setText('key', 'v'.repeat(100_000), -1)
    await killed.acknowledge()
    const torn = disk.afterKill()
    const path = `/data/${torn.list('/data')[0]}`
    torn.put(path, torn.contentOf(path).subarray(0, -1000))
    expect((await KeptStore.open(torn)).text('key')).to.equal('older')
  })

  it('syncs what a killed server had only written, before anything depends on it', async () => {
    const disk = new MemoryDisk()
    const killed = await KeptStore.open(disk)
    killed.setText('key', 'value')
    await killed.acknowledge()
    await killed.keeper.leave()
    const second = await KeptStore.open(disk, { pid: 2, fsync: 'always' })
    second.driver.touch('key', 1000)
    await second.acknowledge()
    second.keeper.giveUp()
    const again = await KeptStore.open(disk.afterPowerLoss(disk.trace.length, () => false))
    expect(again.text('key')).to.equal('value')
  })

  it("removes nothing before the snapshot's name is on disk", async () => {
    const disk = new MemoryDisk()
    const killed = await KeptStore.open(disk)
    killed.setText('key', 'value')
    // The server gets no further than renaming the snapshot.
    disk.faultAt = (_number, kind) =>
      kind === 'syncDirectory' && namesSnapshot(disk.trace.at(-1)) ? { code: 'EIO' } : undefined
    expect(await killed.keeper.snapshot()).to.equal(false)
    await killed.keeper.leave()
    disk.faultAt = () => undefined
    const begun = disk.trace.length
    await KeptStore.open(disk, { pid: 2 })
    for (let count = begun; count <= disk.trace.length; count++) {
      const state = disk.afterPowerLoss(count, (number) => disk.trace[number]?.kind === 'remove')
      expect((await KeptStore.open(state)).text('key')).to.equal('value')
    }
  })

  it('starts with an empty directory if the power was lost before the first journal was created', async () => {
    const disk = new MemoryDisk()
    disk.put('/data/journal-0000000001-0000', Buffer.alloc(0))
    const killed = await KeptStore.open(disk)
    killed.setText('key', 'value')
    await killed.acknowledge()
    expect((await KeptStore.open(disk.afterKill())).text('key')).to.equal('value')
  })

  it('cuts off what is behind an unwritten sector that holds only the first bytes of a frame', async () => {
    const disk = await afterManyWrites()
    let tried = 0
    for (const { start } of writesOf(disk)) {
      if (start % SECTOR_LENGTH <= SECTOR_LENGTH - 16) continue
      expect(await tornWithout(disk, start, sectorEndOf(start))).to.deep.equal([start])
      tried++
    }
    expect(tried).to.be.above(0)
  })

  it('cuts off what is behind a sector that lacks its end', async () => {
    const disk = await afterManyWrites()
    let tried = 0
    for (const { start, bytes } of writesOf(disk)) {
      // The disk has what the sector was after the write of all but the last bytes.
      const cut = start + bytes.length - 4
      const end = sectorEndOf(cut)
      if (start === 0 || end - cut < 16 || end >= journalOf(disk).length) continue
      expect(await tornWithout(disk, cut, end)).to.deep.equal([start])
      tried++
    }
    expect(tried).to.be.above(10)
  })
})
