import { expect } from 'chai'
import { Allowance } from '../../lib/journal/space/allowance.js'
import { SPACE_BOUNDS } from '../../lib/journal/space/bounds.js'
import { Space, type Usage } from '../../lib/journal/space/space.js'
import { Spare } from '../../lib/journal/space/spare.js'
import { Board, JournalFigure } from '../../lib/journal/writing/board.js'
import { EngineDriver } from '../support/engine-driver.js'
import { MemoryDisk } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024
const RECOVERED = { byteLength: 5000, journalLength: 2000 }

/** A space in which the spec sets how much room there is, and which records what it was asked. */
class SpaceByHand extends Space {
  roomLength = 10_000
  mayBeShort = false
  needed = 100
  asked: Usage | undefined

  override room(usage: Usage): number {
    this.asked = usage
    return this.roomLength
  }

  override isShort(usage: Usage): boolean {
    this.asked = usage
    return this.mayBeShort
  }

  override hasGrown(usage: Usage): boolean {
    this.asked = usage
    return false
  }

  override get snapshotLength(): number {
    return this.needed
  }
}

function allowance() {
  const room = EngineDriver.createArena(MEGABYTE, 1, Board.regionLength(2))
  const { arena, store } = new EngineDriver(MEGABYTE, true, MEGABYTE, room)
  const board = new Board(arena, arena.reserve(Board.regionLength(2)), 2)
  const disk = new MemoryDisk()
  const spare = new Spare(disk, '/data')
  spare.length = 300
  const space = new SpaceByHand(disk, '/data', store, spare)
  const said: (boolean | 'changed')[] = []
  const self = new Allowance({
    ...{ board, space, bounds: SPACE_BOUNDS, spare, recovered: RECOVERED },
    onChanged: () => said.push('changed'),
    onFull: (isFull) => said.push(isFull),
  })
  const [one, other] = board.journals
  const figures = (figure: JournalFigure): number[] => [one!.get(figure), other!.get(figure)]
  const usage = (): Usage => {
    expect(self.hasGrown).to.equal(false)
    return space.asked!
  }
  return { self, board, space, said, figures, usage, one: one!, other: other! }
}

describe('The allowance of journals', () => {
  it('depends on all that lies in the directory: snapshot, journals old and new, pending writes, the spare', () => {
    const { self, one, other, usage } = allowance()
    expect(usage()).to.deep.equal({ directory: 5300, grown: 2000, unwritten: 0, written: 0, snapshot: 3000 })
    one.set(JournalFigure.fileLength, 10)
    other.set(JournalFigure.fileLength, 20)
    one.set(JournalFigure.leftLength, 400)
    other.set(JournalFigure.unwritten, 7)
    const grown = 2000 + 30 + 400 + 7
    expect(usage()).to.deep.equal({
      directory: 3300 + grown,
      grown,
      unwritten: 7,
      written: 0,
      snapshot: 3000,
    })
    expect(self.olderLength).to.equal(2400)
  })

  it('counts a snapshot that is being written, and the files that it replaces until they are removed', () => {
    const { self, one, usage } = allowance()
    one.set(JournalFigure.leftLength, 400)
    self.beginSnapshot()
    self.isBehind(50)
    expect(usage()).to.include({ written: 50, directory: 3300 + 2400 + 50 })
    self.endSnapshot(900)
    expect(usage(), 'the next one needs all its space').to.include({ written: 0 })
    self.leaveSnapshot()
    expect(usage()).to.deep.equal({
      directory: 900 + 5400 + 300,
      grown: 0,
      unwritten: 0,
      written: 0,
      snapshot: 900,
    })
    expect(self.olderLength).to.equal(0)
    self.noteRemoved()
    expect(usage()).to.include({ directory: 1200, grown: 0 })
    one.set(JournalFigure.leftLength, 450)
    expect(self.olderLength).to.equal(50)
  })

  it('counts nothing of a snapshot that has failed, even before its file is removed', () => {
    const { self, usage } = allowance()
    self.beginSnapshot()
    self.isBehind(50)
    self.abandonSnapshot()
    expect(usage()).to.include({ written: 0 })
  })

  it('refuses no change while a complete snapshot makes room', () => {
    const { self, space, said } = allowance()
    self.beginSnapshot()
    self.endSnapshot(900)
    space.roomLength = 0
    self.grant(true)
    expect(said).to.deep.equal([])
    self.leaveSnapshot()
    self.grant(true)
    expect(said).to.deep.equal([true])
  })

  it('is divided, and requested again once half of it is used', () => {
    const { self, figures } = allowance()
    expect(self.grant(true)).to.equal(10_000)
    expect(figures(JournalFigure.granted)).to.deep.equal([5000, 5000])
    // Half of what is left after an equal amount to that written.
    expect(figures(JournalFigure.askAt)).to.deep.equal([2000, 2000])
    self.isBehind(1)
    expect(figures(JournalFigure.askAt), 'while a snapshot is taken').to.deep.equal([5000, 5000])
  })

  it('is requested again and again once half of it is used, because live data grows while a snapshot begins', () => {
    const { self, space, figures, one } = allowance()
    space.roomLength = 10 * MEGABYTE
    one.set(JournalFigure.fileLength, 10 * MEGABYTE)
    self.grant(true)
    const againLength = SPACE_BOUNDS.margin / 16
    expect(figures(JournalFigure.askAt)).to.deep.equal([againLength / 2, againLength / 2])
    space.roomLength = 4000
    self.grant(true)
    expect(figures(JournalFigure.askAt), 'before the rest is used').to.deep.equal([500, 500])
  })

  it('is granted at once to journals that have asked, once for each request', () => {
    const { self, said } = allowance()
    self.grant(true)
    expect(said).to.deep.equal([])
    self.ask()
    self.grant(true)
    self.grant(true)
    expect(said).to.deep.equal(['changed'])
  })

  it('makes changes wait if a snapshot will make room, and refuses them otherwise', () => {
    const { self, space, said } = allowance()
    space.roomLength = 0
    space.mayBeShort = true
    self.ask()
    expect(self.grant(true)).to.equal(0)
    expect(said, 'a snapshot is due').to.deep.equal([])
    self.grant(false)
    expect(said, 'there are no snapshots').to.deep.equal([true, 'changed'])
    self.ask()
    self.grant(true)
    expect(said, 'refused until there is room').to.deep.equal([true, 'changed', 'changed'])
    space.roomLength = 1
    self.grant(true)
    expect(said.slice(3), 'waiters look again').to.deep.equal([false, 'changed'])
  })

  it("does not hurry a snapshot until journals have taken half of the room, or the snapshot's length", () => {
    const PACE_LENGTH_MIN = 16 * MEGABYTE
    const LEAD_LENGTH = MEGABYTE
    const { self, space, one } = allowance()
    const isBehindAfter = (needed: number, roomLength: number, growth: number, written: number): boolean => {
      space.needed = needed
      space.roomLength = roomLength
      one.set(JournalFigure.recorded, 0)
      self.beginSnapshot()
      one.set(JournalFigure.recorded, LEAD_LENGTH + growth)
      return self.isBehind(written)
    }
    const needed = 100 * MEGABYTE
    // As long as the snapshot: as fast as the journals grow.
    expect(isBehindAfter(needed, 1000 * MEGABYTE, 5000, 5000)).to.equal(false)
    expect(isBehindAfter(needed, 1000 * MEGABYTE, 5000, 4999)).to.equal(true)
    // Half of the room is less than that.
    expect(isBehindAfter(needed, 100 * MEGABYTE, 5000, 10_000)).to.equal(false)
    expect(isBehindAfter(needed, 100 * MEGABYTE, 5000, 9999)).to.equal(true)
    // A short one has the time that 16 MB take.
    expect(isBehindAfter(PACE_LENGTH_MIN / 4, 1000 * MEGABYTE, 5000, 1250)).to.equal(false)
    expect(isBehindAfter(PACE_LENGTH_MIN / 4, 1000 * MEGABYTE, 5000, 1249)).to.equal(true)
    expect(isBehindAfter(needed, 0, 0, 5000), 'no room').to.equal(true)
  })
})
