import { syncBuiltinESMExports } from 'node:module'
/** A disk that is small, or full. */
import timers, { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { SPARE_NAME } from '../../lib/journal/format/file-header.js'
import { Snapshot } from '../../lib/journal/snapshot/snapshot.js'
import { SPACE_BOUNDS } from '../../lib/journal/space/bounds.js'
import { Growth } from '../../lib/journal/space/growth.js'
import { JournalFigure, KeeperFigure } from '../../lib/journal/writing/board.js'
import { EngineDriver } from '../support/engine-driver.js'
import { DIRECTORY, KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import { MemoryDisk, namesSnapshot } from '../support/memory-disk.js'
import { becomesTrue, boardOf, diskOf, fillUp, OTHERS } from '../support/small-disks.js'

const MEGABYTE = 1024 * 1024
const KEYS = Array.from({ length: 100 }, (_, index) => `key ${index}`)
const CALM = { isHurried: false, isGivenUp: false, mayWrite: () => true }

/** Stores values when the journal has room for them, as a connection does. False if changes are refused. */
async function change(
  kept: KeptStore,
  ...items: (readonly [key: string, value: string])[]
): Promise<boolean> {
  for (const journal of kept.journals)
    while (!journal.hasRoom) await new Promise<void>((resolve) => journal.waitForRoom({ roomMade: resolve }))
  if (kept.journals.some(({ isTaking }) => !isTaking)) return false
  for (const [key, value] of items) kept.setText(key, value)
  return kept.acknowledge()
}

/** Overwrites the keys until this much has been written. Returns how many times changes were refused. */
async function overwrite(kept: KeptStore, length: number): Promise<number> {
  let refusedCount = 0
  const value = 'x'.repeat(2000)
  for (let written = 0, turn = 0; written < length; written += 10 * value.length, turn++) {
    const keys = KEYS.slice((turn % 10) * 10).slice(0, 10)
    if (!(await change(kept, ...keys.map((key) => [key, `${turn} ${value}`] as const)))) refusedCount++
    await nextTurn()
  }
  return refusedCount
}

const lengthOfSpare = (disk: MemoryDisk): number => disk.contentOf(`${DIRECTORY}/${SPARE_NAME}`).length

const OPTIONS: KeptStoreOptions = { memoryLength: 4 * MEGABYTE }

for (const workerCount of [1, 3])
  describe(`A small disk, with ${workerCount} journals,`, function () {
    this.slow(20_000)

    it('is never filled by overwriting few items, and nothing is refused', async () => {
      const disk = diskOf(5 * MEGABYTE)
      const kept = await KeptStore.open(disk, { ...OPTIONS, workerCount })
      expect(await overwrite(kept, 12 * MEGABYTE)).to.equal(0)
      expect(kept.said).to.deep.equal([])
      const again = await KeptStore.open(disk.afterKill(), { ...OPTIONS, workerCount })
      expect(again.contents(KEYS)).to.deep.equal(kept.contents(KEYS))
    })
  })

describe('A disk that other programs have filled', function () {
  this.slow(10_000)

  it('accepts changes again at once: the spare is given up for the snapshot, which removes journals', async () => {
    const disk = diskOf(8 * MEGABYTE)
    const kept = await KeptStore.open(disk, OPTIONS)
    await becomesTrue(() => lengthOfSpare(disk) >= MEGABYTE)
    await overwrite(kept, MEGABYTE)
    fillUp(disk)
    kept.setText('lost', 'value')
    expect(await kept.acknowledge()).to.equal(false)
    await becomesTrue(() => kept.journal.isTaking)
    expect(kept.said.join('\n')).to.match(/ENOSPC.*\n.*a snapshot is whole: changes are taken again/)
    expect(kept.said).to.have.length(2)
    expect(await change(kept, ['taken', 'value'])).to.equal(true)
    const again = await KeptStore.open(disk.afterKill(), OPTIONS)
    expect(again.contents([...KEYS, 'taken']).size).to.equal(KEYS.length + 1)
  })

  it('lets a server with a spare start', async () => {
    const disk = diskOf(8 * MEGABYTE)
    const before = await KeptStore.open(disk, OPTIONS)
    await becomesTrue(() => lengthOfSpare(disk) >= MEGABYTE)
    before.setText('key', 'value')
    await before.acknowledge()
    const full = disk.afterKill()
    full.capacity = disk.capacity
    fillUp(full)
    const kept = await KeptStore.open(full, OPTIONS)
    expect(kept.text('key')).to.equal('value')
    expect(full.list(DIRECTORY)).not.to.include(SPARE_NAME)
    expect(await change(kept, ['other', 'value'])).to.equal(true)
  })

  it('makes waiting changes be refused, and accepts changes again once it has room', async () => {
    const disk = diskOf(8 * MEGABYTE)
    const kept = await KeptStore.open(disk, OPTIONS)
    await overwrite(kept, MEGABYTE)
    disk.faultAt = (_number, _kind, operation) => (namesSnapshot(operation) ? { code: 'ENOSPC' } : undefined)
    const refusedCount = await overwrite(kept, 8 * MEGABYTE)
    expect(refusedCount).to.be.above(0)
    // An attempt under way uses that room, and the next one may begin before this spec continues.
    let freeLength = 0
    await becomesTrue(() => {
      freeLength = disk.freeLength() + lengthOfSpare(disk)
      const isTaking = kept.board.keeper.get(KeeperFigure.isTakingSnapshot) !== 0
      return !isTaking && !disk.list(DIRECTORY).some((name) => name.endsWith('.new'))
    })
    expect(freeLength, 'what the next snapshot needs').to.be.above(MEGABYTE)
    expect(kept.said.join('\n')).to.match(/the disk has no room for a snapshot: changes are refused/)
    disk.faultAt = () => undefined
    kept.driver.clock.now += 60
    await becomesTrue(() => kept.journal.isTaking)
    expect(await overwrite(kept, 8 * MEGABYTE)).to.equal(0)
    expect(kept.said.at(-1)).to.equal('the disk has room again: changes are taken')
  })

  it('makes changes be refused rather than wait without limit when a snapshot would not help', async () => {
    const disk = diskOf(8 * MEGABYTE)
    const kept = await KeptStore.open(disk, OPTIONS)
    await overwrite(kept, MEGABYTE)
    expect(await kept.keeper.snapshot()).to.equal(true)
    fillUp(disk, 100_000)
    // Known only after the next tick.
    await sleep(1100)
    expect(await change(kept, ['key', 'value'])).to.equal(false)
    const { snapshotCount } = kept.keeper
    await sleep(2100)
    expect(kept.keeper.snapshotCount).to.equal(snapshotCount)
    disk.put(OTHERS, Buffer.alloc(0))
    await becomesTrue(() => kept.journal.isTaking)
  })
})

describe('A snapshot that fails', () => {
  it('says so before its file is removed: until then its bytes are not free', async () => {
    const room = EngineDriver.createArena(4 * MEGABYTE, 1, Snapshot.REGION_LENGTH)
    const { arena, store } = new EngineDriver(4 * MEGABYTE, true, MEGABYTE, room)
    const files = new MemoryDisk()
    const namesLeft: (readonly string[])[] = []
    const done = Snapshot.take({
      ...{ files, directory: DIRECTORY, generation: 1, arena, region: arena.reserve(Snapshot.REGION_LENGTH) },
      ...{ store, isBehind: () => false, ...CALM },
      syncJournals: async () => Promise.reject(new Error('no sync')),
      onAbandoned: () => namesLeft.push(files.list(DIRECTORY)),
    })
    expect(await done.catch(({ message }) => message)).to.equal('no sync')
    expect(namesLeft.map(({ length }) => length)).to.deep.equal([1])
    expect(files.list(DIRECTORY)).to.deep.equal([])
  })
})

describe('A snapshot that journals outrun', function () {
  this.slow(2000)

  it('is written without pauses', async () => {
    const room = EngineDriver.createArena(16 * MEGABYTE, 1, Snapshot.REGION_LENGTH)
    const driver = new EngineDriver(16 * MEGABYTE, true, MEGABYTE, room)
    const { arena, store } = driver
    for (let index = 0; index < 2000; index++) driver.set(`item ${index}`, Buffer.alloc(2000))
    const region = arena.reserve(Snapshot.REGION_LENGTH)
    const pausesWith = async (isBehind: boolean): Promise<number> => {
      const parts = { files: new MemoryDisk(), directory: DIRECTORY, generation: 1, arena, region, store }
      const pace = { isBehind: () => isBehind, onAbandoned: () => expect.fail(), ...CALM }
      const { setTimeout: sleep } = timers
      let count = 0
      Object.assign(timers, { setTimeout: (ms: number) => sleep(ms, count++) })
      syncBuiltinESMExports()
      try {
        const { itemCount } = await Snapshot.take({ ...parts, ...pace, syncJournals: async () => undefined })
        expect(itemCount).to.equal(2000)
        return count
      } finally {
        Object.assign(timers, { setTimeout: sleep })
        syncBuiltinESMExports()
      }
    }
    expect(await pausesWith(false)).to.be.above(0)
    expect(await pausesWith(true)).to.equal(0)
  })

  it('is one that has written less than its share of what the journals wrote', () => {
    const board = boardOf(2)
    const growth = new Growth(board, SPACE_BOUNDS.lead)
    const record = (length: number) => board.journals[1]!.set(JournalFigure.recorded, length)
    record(5 * MEGABYTE)
    growth.beginSnapshot(100 * MEGABYTE, 50 * MEGABYTE)
    expect(growth.isAhead(0)).to.equal(false)
    record(6 * MEGABYTE)
    expect(growth.isAhead(0), 'the first MB').to.equal(false)
    record(16 * MEGABYTE)
    expect([growth.isAhead(19 * MEGABYTE), growth.isAhead(21 * MEGABYTE)]).to.deep.equal([true, false])
  })
})
