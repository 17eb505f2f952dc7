import { syncBuiltinESMExports } from 'node:module'
/** A disk that is small, or full. */
import timers, { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { SPARE_NAME } from '../../lib/journal/format/file-header.js'
import { Snapshot } from '../../lib/journal/snapshot/snapshot.js'
import { SPACE_BOUNDS } from '../../lib/journal/space/bounds.js'
import { Growth } from '../../lib/journal/space/growth.js'
import { Space, type Usage } from '../../lib/journal/space/space.js'
import { Spare } from '../../lib/journal/space/spare.js'
import { Board, JournalFigure, KeeperFigure } from '../../lib/journal/writing/board.js'
import { EngineDriver } from '../support/engine-driver.js'
import { eventually } from '../support/eventually.js'
import { DIRECTORY, KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import { MemoryDisk, namesSnapshot } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024
const KEYS = Array.from({ length: 100 }, (_, index) => `key ${index}`)
const OTHERS = '/others/file'
const CALM = { isHurried: false, isGivenUp: false, mayWrite: () => true }

function diskOf(capacity: number): MemoryDisk {
  const disk = new MemoryDisk()
  disk.capacity = capacity
  return disk
}

/** Fills the disk except for this many bytes, as other programs do. */
const fillUp = (disk: MemoryDisk, leftLength = 0): void =>
  disk.put(OTHERS, Buffer.alloc(disk.contentOf(OTHERS).length + disk.freeLength() - leftLength))

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

const becomesTrue = async (ask: () => boolean): Promise<void> =>
  void expect(await eventually(true, async () => ask())).to.equal(true)

const lengthOfSpare = (disk: MemoryDisk): number => disk.contentOf(`${DIRECTORY}/${SPARE_NAME}`).length

function boardOf(workerCount: number): Board {
  const room = EngineDriver.createArena(MEGABYTE, 1, Board.regionLength(workerCount))
  const { arena } = new EngineDriver(MEGABYTE, true, MEGABYTE, room)
  return new Board(arena, arena.reserve(Board.regionLength(workerCount)), workerCount)
}

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

describe('The room of journals', () => {
  const room = new EngineDriver(MEGABYTE).store
  const M = 256 * MEGABYTE
  const store = { memory: { length: M }, figures: room.figures }
  const NOTHING: Usage = { directory: 0, grown: 0, unwritten: 0, written: 0, snapshot: 0 }

  function spaceOn(capacity: number): Space {
    const disk = diskOf(capacity)
    return new Space(disk, DIRECTORY, store, new Spare(disk, DIRECTORY))
  }

  it('ends before the directory holds 3 times the memory and 256 MB', () => {
    const space = spaceOn(Number.POSITIVE_INFINITY)
    const free = space.room(NOTHING)
    expect(free).to.be.within(3 * M + 128 * MEGABYTE, 3 * M + 192 * MEGABYTE)
    expect(space.room({ ...NOTHING, directory: 3 * M, grown: 2 * M })).to.equal(free - 3 * M)
    expect(space.room({ ...NOTHING, directory: 4 * M, grown: 2 * M })).to.equal(0)
  })

  it('is at least 64 MB, whatever the directory holds', () => {
    const space = spaceOn(Number.POSITIVE_INFINITY)
    expect(space.room({ ...NOTHING, directory: 9 * M, grown: 4 * MEGABYTE })).to.equal(60 * MEGABYTE)
  })

  it('leaves room for the next snapshot, on a disk that has as much', () => {
    expect(spaceOn(20 * MEGABYTE).room(NOTHING)).to.equal(19 * MEGABYTE)
    expect(spaceOn(MEGABYTE).room({ ...NOTHING, grown: 5 * MEGABYTE })).to.equal(0)
    // Of a snapshot that is being taken, only the rest.
    const taking = (written: number): Usage => ({ ...NOTHING, grown: 5 * MEGABYTE, written })
    expect(spaceOn(20 * MEGABYTE).room(taking(MEGABYTE / 2))).to.equal(19.5 * MEGABYTE)
    expect(spaceOn(20 * MEGABYTE).room(taking(2 * MEGABYTE))).to.equal(20 * MEGABYTE)
  })

  it('is no larger for removals and flushes than the disk has space, nor than the directory may grow', () => {
    const grown = 70 * MEGABYTE
    const { removals, flushes } = spaceOn(Number.POSITIVE_INFINITY).reserve({
      ...NOTHING,
      directory: 9 * M,
      grown,
    })
    const left = SPACE_BOUNDS.grown + SPACE_BOUNDS.overshoot / 4 - grown
    expect([removals, flushes]).to.deep.equal([left, left])
    const small = spaceOn(MEGABYTE).reserve(NOTHING)
    expect(small.removals).to.be.within(MEGABYTE / 2, MEGABYTE)
    expect(small.flushes).to.be.within(small.removals + 1, MEGABYTE)
  })

  it('counts no bytes of a snapshot as written while their space counts as free', () => {
    const disk = diskOf(20 * MEGABYTE)
    const space = new Space(disk, DIRECTORY, store, new Spare(disk, DIRECTORY))
    expect(space.room(NOTHING)).to.equal(19 * MEGABYTE)
    disk.put(OTHERS, Buffer.alloc(MEGABYTE / 2))
    expect(space.room({ ...NOTHING, written: MEGABYTE / 2 })).to.equal(19 * MEGABYTE)
  })

  it('is all but a reserve when a snapshot leaves almost nothing, as long as a new one would not help', () => {
    for (const kilobytes of [900, 1100])
      expect(spaceOn(kilobytes * 1024).room(NOTHING), `${kilobytes}`).to.equal(kilobytes * 1024 * (7 / 8))
    expect(spaceOn(1100 * 1024).room({ ...NOTHING, grown: MEGABYTE })).to.equal(0)
  })

  it('is short once journals have taken half of it, and growth counts for more when few items live', () => {
    const grown = (length: number): Usage => ({ ...NOTHING, grown: length })
    expect(spaceOn(20 * MEGABYTE).isShort(grown(18 * MEGABYTE))).to.equal(false)
    expect(spaceOn(20 * MEGABYTE).isShort(grown(20 * MEGABYTE))).to.equal(true)
    expect(spaceOn(Number.POSITIVE_INFINITY).hasGrown(grown(4 * MEGABYTE))).to.equal(false)
    expect(spaceOn(Number.POSITIVE_INFINITY).hasGrown(grown(5 * MEGABYTE))).to.equal(true)
  })

  it('needs a spare only on a disk that is almost full, and no more than a quarter of it', () => {
    expect(spaceOn(2000 * MEGABYTE).spareLength).to.equal(0)
    expect(spaceOn(100 * MEGABYTE).spareLength).to.equal(MEGABYTE)
    expect(spaceOn(2 * MEGABYTE).spareLength).to.equal(MEGABYTE / 2)
    const disk = diskOf(1000 * MEGABYTE)
    const large = { figures: { liveLength: 800 * MEGABYTE }, memory: { length: 1000 * MEGABYTE } }
    expect(new Space(disk, DIRECTORY, large, new Spare(disk, DIRECTORY)).spareLength).to.equal(64 * MEGABYTE)
  })

  it('makes changes wait when a journal has used its share, until it gets more', async () => {
    const kept = await KeptStore.open(new MemoryDisk())
    const { journal } = kept
    const { figures } = journal
    kept.setText('key', 'value')
    figures.set(JournalFigure.granted, figures.get(JournalFigure.recorded) + 1)
    journal.commit()
    expect(journal.hasRoom).to.equal(false)
    let hasRoom = false
    journal.waitForRoom({
      roomMade: () => {
        hasRoom = true
      },
    })
    journal.roomChanged()
    expect(hasRoom).to.equal(false)
    figures.set(JournalFigure.granted, MEGABYTE)
    journal.roomChanged()
    expect([hasRoom, journal.hasRoom]).to.deep.equal([true, true])
  })

  it('is divided again while a snapshot begins, however long that takes', async () => {
    const disk = diskOf(20 * MEGABYTE)
    const kept = await KeptStore.open(disk)
    const create = disk.create.bind(disk)
    let goOn = (): void => undefined
    const isHeld = new Promise<void>((resolve) => {
      goOn = resolve
    })
    disk.create = (path) => isHeld.then(() => create(path))
    const snapshot = kept.keeper.snapshot()
    expect(kept.journal.figures.get(JournalFigure.granted)).to.be.above(10 * MEGABYTE)
    fillUp(disk, 3 * MEGABYTE)
    await becomesTrue(() => {
      kept.keeper.lookSoon()
      return kept.journal.figures.get(JournalFigure.granted) < 3 * MEGABYTE
    })
    goOn()
    expect(await snapshot).to.equal(true)
  })

  it("can be used up within a turn of the event loop, before the turn's changes are written", async () => {
    const kept = await KeptStore.open(new MemoryDisk())
    const { journal } = kept
    journal.figures.set(JournalFigure.granted, journal.figures.get(JournalFigure.recorded) + 5000)
    journal.roomChanged()
    const hadRoom = [1, 2, 3].map((index) => {
      kept.setText(`key ${index}`, 'x'.repeat(2000))
      return journal.hasRoom
    })
    expect(hadRoom).to.deep.equal([true, true, false])
  })

  it('makes no change wait while changes are refused', async () => {
    const kept = await KeptStore.open(new MemoryDisk())
    const { journal, board } = kept
    journal.figures.set(JournalFigure.granted, 1)
    journal.roomChanged()
    expect(journal.hasRoom).to.equal(false)
    board.countFailed(1)
    expect(journal.hasRoom).to.equal(true)
  })

  it('is divided, and requested before half of it is used', () => {
    const board = boardOf(2)
    const growth = new Growth(board, SPACE_BOUNDS.lead)
    const [one, other] = board.journals
    one!.set(JournalFigure.recorded, 1000)
    growth.grant(5000, 2000)
    expect([one!, other!].map((row) => row.get(JournalFigure.granted))).to.deep.equal([3500, 2500])
    expect([one!, other!].map((row) => row.get(JournalFigure.askAt))).to.deep.equal([2000, 1000])
  })
})
