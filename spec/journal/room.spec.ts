/** How far journals may grow. */
import { expect } from 'chai'
import { SPACE_BOUNDS } from '../../lib/journal/space/bounds.js'
import { Growth } from '../../lib/journal/space/growth.js'
import { Space, type Usage } from '../../lib/journal/space/space.js'
import { Spare } from '../../lib/journal/space/spare.js'
import { JournalFigure } from '../../lib/journal/writing/board.js'
import { EngineDriver } from '../support/engine-driver.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'
import { becomesTrue, boardOf, diskOf, fillUp, OTHERS } from '../support/small-disks.js'

const MEGABYTE = 1024 * 1024

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

  it('is asked for by a journal before it has used its share, once for each grant', async () => {
    const kept = await KeptStore.open(new MemoryDisk())
    const { keeper, journal } = kept
    // It grants nothing by itself.
    keeper.giveUp()
    let askCount = 0
    keeper.lookSoon = () => {
      askCount++
    }
    const grant = (length: number): void => {
      journal.figures.set(JournalFigure.askAt, journal.figures.get(JournalFigure.recorded) + length)
      journal.roomChanged()
    }
    const asksAfter = (index: number): number => {
      kept.setText(`key ${index}`, 'x'.repeat(2000))
      journal.commit()
      return askCount
    }
    grant(5000)
    expect([1, 2, 3, 4].map(asksAfter)).to.deep.equal([0, 0, 1, 1])
    grant(3000)
    expect([5, 6, 7].map(asksAfter)).to.deep.equal([1, 2, 2])
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
