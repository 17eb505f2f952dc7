/** A disk without space for a snapshot beside the old files: clients have a way out. */
import { expect } from 'chai'
import { Growth } from '../../lib/journal/space/growth.js'
import { Space, type Usage } from '../../lib/journal/space/space.js'
import { Spare } from '../../lib/journal/space/spare.js'
import { WayOut } from '../../lib/journal/space/way-out.js'
import { JournalFigure } from '../../lib/journal/writing/board.js'
import { EngineDriver } from '../support/engine-driver.js'
import { DIRECTORY, KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'
import { becomesTrue, diskOf } from '../support/small-disks.js'

const KILOBYTE = 1024
const MEGABYTE = 1024 * KILOBYTE
const VALUE = 'x'.repeat(10_000)
const OPTIONS: KeptStoreOptions = { memoryLength: 4 * MEGABYTE }

const areTaking = ({ journals }: KeptStore): boolean => journals.every(({ isTaking }) => isTaking)

/** Stores values under other keys until changes are refused. Returns the keys. */
async function fill(kept: KeptStore): Promise<string[]> {
  const keys: string[] = []
  for (;;) {
    for (const journal of kept.journals)
      while (!journal.hasRoom)
        await new Promise<void>((resolve) => journal.waitForRoom({ roomMade: resolve }))
    if (!areTaking(kept)) return keys
    keys.push(`key ${keys.length}`)
    kept.setText(keys.at(-1)!, VALUE)
    expect(await kept.acknowledge(), 'no write has failed').to.equal(true)
  }
}

for (const workerCount of [1, 3])
  describe(`A disk too small for two snapshots, with ${workerCount} journals,`, function () {
    this.slow(10_000)
    let disk: MemoryDisk
    let kept: KeptStore
    let keys: string[]
    let leastFree: number

    beforeEach(async () => {
      disk = diskOf(4 * MEGABYTE)
      kept = await KeptStore.open(disk, { ...OPTIONS, workerCount })
      leastFree = disk.freeLength()
      disk.faultAt = () => {
        leastFree = Math.min(leastFree, disk.freeLength())
        return undefined
      }
      keys = await fill(kept)
      // After attempts at a snapshot: the clock stands still, and the next one would never be due.
      await becomesTrue(() => kept.said.some((line) => line.includes('the next attempt')) && !areTaking(kept))
    })
    afterEach(() => kept.keeper.giveUp())

    it('keeps a reserve, which also attempts at a snapshot leave', () => {
      expect(keys.length).to.be.above(100)
      expect(kept.said.join('\n')).to.match(/ENOSPC: the disk has no space for it/)
      expect(kept.said.join('\n')).to.match(/changes are refused until it has, except deletes and flushes/)
      expect(kept.said.join('\n')).not.to.match(/the journal has failed/)
      // Of the reserve, an eighth of the disk, the last eighth is for nothing but flushes.
      expect(leastFree).to.be.above(64 * KILOBYTE)
      for (const { isTakingRemovals, isTakingFlushes } of kept.journals)
        expect([isTakingRemovals, isTakingFlushes]).to.deep.equal([true, true])
    })

    it('accepts changes again soon after a flush', async () => {
      kept.driver.flush(0)
      expect(await kept.acknowledge()).to.equal(true)
      await becomesTrue(() => areTaking(kept))
      kept.setText('taken', 'value')
      expect(await kept.acknowledge()).to.equal(true)
      const again = await KeptStore.open(disk.afterKill(), OPTIONS)
      expect([...again.contents([...keys, 'taken']).keys()]).to.deep.equal(['taken'])
    })

    it('accepts changes again soon after deletes', async () => {
      // What is left fits into half of the reserve, which is an eighth of the disk.
      const left = keys.splice(keys.length / 40)
      for (const key of left) {
        expect(kept.journals.every(({ isTakingRemovals }) => isTakingRemovals)).to.equal(true)
        kept.driver.remove(key)
        expect(await kept.acknowledge()).to.equal(true)
      }
      await becomesTrue(() => areTaking(kept))
      const again = await KeptStore.open(disk.afterKill(), OPTIONS)
      expect(again.contents(keys).size).to.equal(keys.length)
      // With more journals than workers, a snapshot does not say up to which version it has the changes of each.
      if (workerCount === 1) expect(again.contents(left).size).to.equal(0)
    })
  })

describe('A journal on a full disk', () => {
  it('accepts no removals after the reserve for them is used up, and then no flushes', async () => {
    const kept = await KeptStore.open(new MemoryDisk())
    const { journal, board } = kept
    const answers = () => [journal.isTaking, journal.isTakingRemovals, journal.isTakingFlushes]
    board.noteFull(true)
    expect(answers()).to.deep.equal([false, true, true])
    const length = journal.figures.get(JournalFigure.recorded)
    const growth = new Growth(board, 0)
    growth.bound({ changes: -1, removals: 10, flushes: 2000 })
    kept.setText('key', 'value')
    journal.commit()
    expect(journal.figures.get(JournalFigure.recorded)).to.be.within(length + 10, length + 2000)
    expect(answers()).to.deep.equal([false, false, true])
    kept.setText('key', 'x'.repeat(3000))
    journal.commit()
    expect(answers()).to.deep.equal([false, false, false])
    board.noteFull(false)
    expect(journal.isTaking, 'values in transit have used the reserve').to.equal(false)
    growth.bound({ changes: 1, removals: 1, flushes: 1 })
    expect(answers()).to.deep.equal([true, true, true])
    board.noteFull(true)
    board.countFailed(1)
    expect(answers(), 'nothing can be recorded').to.deep.equal([false, false, false])
  })

  it('does not record the time after the reserve is used up', async () => {
    const disk = new MemoryDisk()
    const { journal, driver, tick, board } = await KeptStore.open(disk)
    const lengthAfterTick = (): number => {
      driver.clock.now++
      tick.call({ driver, journals: [journal] })
      return journal.figures.get(JournalFigure.recorded)
    }
    const length = journal.figures.get(JournalFigure.recorded)
    const longer = lengthAfterTick()
    expect(longer).to.be.above(length)
    new Growth(board, 0).bound({ changes: 0, removals: 0, flushes: 0 })
    expect(lengthAfterTick()).to.equal(longer)
  })

  it('counts a long value at once, and until it is written', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, OPTIONS)
    const { journal } = kept
    const recorded = () => journal.figures.get(JournalFigure.recorded)
    const before = recorded()
    disk.isSlow = true
    for (const key of ['one', 'other']) kept.setText(key, 'x'.repeat(300_000))
    expect(recorded() - before).to.be.within(600_000, 601_000)
    expect(journal.hasRoom, 'values wait').to.equal(false)
    journal.commit()
    expect(recorded() - before, 'while one is written').to.be.within(600_000, 601_000)
    const during: number[] = []
    disk.faultAt = () => {
      during.push(recorded() - before)
      return undefined
    }
    disk.goOn()
    expect(await kept.acknowledge()).to.equal(true)
    expect(during).to.have.length.above(3)
    expect(Math.min(...during), 'while a part of it is written').to.be.at.least(600_000)
    expect(Math.max(...during), 'while a part of it is written').to.be.at.most(601_000)
    // The begin of the next frame.
    expect(journal.figures.get(JournalFigure.unwritten)).to.be.at.most(16)
    expect(recorded() - before).to.be.within(600_000, 601_000)
  })
})

describe('The reserve of a disk', () => {
  const { store } = new EngineDriver(MEGABYTE)
  const NOTHING: Usage = { directory: 0, grown: 0, unwritten: 0, written: 0, snapshot: 0 }
  const spaceOn = (capacity: number): Space => {
    const disk = diskOf(capacity)
    return new Space(disk, DIRECTORY, store, new Spare(disk, DIRECTORY))
  }

  it('is the margin, or an eighth of what a small disk has for journals, divided by use', () => {
    expect(spaceOn(20 * MEGABYTE).reserve({ ...NOTHING, unwritten: MEGABYTE })).to.deep.equal({
      changes: 18.5 * MEGABYTE,
      removals: 18.75 * MEGABYTE,
      flushes: 18.875 * MEGABYTE,
    })
    expect(spaceOn(100 * KILOBYTE).reserve({ ...NOTHING, grown: 700 * KILOBYTE })).to.deep.equal({
      changes: 50 * KILOBYTE,
      removals: 75 * KILOBYTE,
      flushes: 87.5 * KILOBYTE,
    })
  })

  it('ends before the directory holds more than it may', () => {
    const full = { ...NOTHING, directory: 300 * MEGABYTE, grown: 200 * MEGABYTE }
    const { changes, removals, flushes } = spaceOn(1000 * MEGABYTE).reserve(full)
    expect(changes).to.be.above(900 * MEGABYTE)
    // 3 × 1 MB + 256 MB - 64 MB, and a quarter of these.
    const { length } = store.memory
    const over = 3 * length + (192 + 16 - 300) * MEGABYTE
    expect([removals, flushes]).to.deep.equal([over, over])
  })

  it('is left by a snapshot', () => {
    const space = spaceOn(10 * MEGABYTE)
    expect(space.mayWrite(9 * MEGABYTE, NOTHING)).to.equal(true)
    expect(space.mayWrite(9 * MEGABYTE, { ...NOTHING, unwritten: MEGABYTE })).to.equal(false)
    expect(space.mayWrite(9.75 * MEGABYTE, NOTHING)).to.equal(false)
  })
})

describe('The way out of a full disk', () => {
  function wayOut() {
    const allowance = { isFull: true, isSnapshotWorthwhile: false }
    const restoring = { flushBoundary: 5 }
    return { allowance, restoring, self: new WayOut(allowance, { restoring } as WayOut['store']) }
  }

  it('is open when a snapshot has its space, until an attempt has failed all the same', () => {
    const { allowance, self } = wayOut()
    expect(self.isOpen).to.equal(false)
    allowance.isSnapshotWorthwhile = true
    expect(self.isOpen).to.equal(true)
    self.beginAttempt()
    self.endAttempt()
    expect(self.isOpen).to.equal(false)
  })

  it('stays open after an attempt that had no space when it began', () => {
    const { allowance, self } = wayOut()
    self.beginAttempt()
    allowance.isSnapshotWorthwhile = true
    self.endAttempt()
    expect(self.isOpen).to.equal(true)
  })

  it('is open after a flush, until an attempt that began after it', () => {
    const { allowance, restoring, self } = wayOut()
    self.beginAttempt()
    restoring.flushBoundary = 6
    self.endAttempt()
    expect(self.isOpen).to.equal(true)
    allowance.isFull = false
    expect(self.isOpen, 'changes are accepted').to.equal(false)
    allowance.isFull = true
    self.beginAttempt()
    expect(self.isOpen).to.equal(false)
  })
})
