import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { noteRecovered, noteSnapshot } from '../../lib/journal/keeper-figures.js'
import { journalStatistics } from '../../lib/journal/statistics.js'
import { Board, JournalFigure, KeeperFigure } from '../../lib/journal/writing/board.js'

const WORKER_COUNT = 2

/** The board of two journals that have done nothing; the memory behind it is full of ones. */
function boardBetween(): { board: Board; isAlone: () => boolean } {
  const arena = Arena.create(1024 * 1024)
  const start = arena.reserve(Board.regionLength(WORKER_COUNT) + 4096)
  const end = start + Board.regionLength(WORKER_COUNT)
  arena.bytes.fill(0xff, end, end + 4096)
  const board = new Board(arena, start, WORKER_COUNT)
  const isAlone = () => arena.bytes.subarray(end, end + 4096).every((byte) => byte === 0xff)
  return { board, isAlone }
}

const of = (board: Board): Record<string, string> => Object.fromEntries(journalStatistics(board, 'always'))

describe('The statistics of a journal', () => {
  it("add up the journals, and show the longest sync of all and the keeper's state", () => {
    const { board, isAlone } = boardBetween()
    for (const figure of Object.values(KeeperFigure)) board.keeper.set(figure, 100 + figure)
    for (const [worker, row] of board.journals.entries())
      for (const figure of Object.values(JournalFigure)) row.set(figure, (worker + 1) * 1000 + figure)
    expect(of(board)).to.deep.equal({
      mode: 'always',
      state: 'ok',
      last_error: 'none',
      failures: '100',
      generation: '101',
      journal_bytes: '3122',
      written_bytes: '3010',
      unwritten_bytes: '3016',
      unsynced_bytes: '3018',
      writes: '3000',
      slow_writes: '3002',
      syncs: '3004',
      slow_syncs: '3030',
      last_sync_us: '2003',
      longest_sync_us: '2004',
      held_replies: '3012',
      waits_for_room: '3014',
      snapshots: '103',
      snapshot_running: 'yes',
      last_snapshot_time: '105',
      last_snapshot_items: '106',
      last_snapshot_bytes: '107',
      last_snapshot_ms: '108',
      recovered_items: '109',
      recovery_left_out: '113',
      recovered_bytes: '110',
      recovery_ms: '111',
      torn_files: '112',
    })
    expect(isAlone()).to.equal(true)
  })

  it('have what a recovery and a snapshot did', () => {
    const { board } = boardBetween()
    const finished = { itemCount: 1, byteLength: 2, milliseconds: 3 }
    noteRecovered(board.keeper, {
      ...finished,
      contents: { snapshot: undefined, chains: [], leftovers: [], nextGeneration: 1 },
      recordCount: 4,
      journalLength: 5,
      leftOutCount: 6,
      torn: [{ name: 'journal', offset: 7, length: 8 }],
      finished: [],
      hasFlushed: false,
      wasClockAhead: false,
    })
    noteSnapshot(board.keeper, { itemCount: 11, byteLength: 12, milliseconds: 13 }, 14)
    expect(of(board)).to.include({
      journal_bytes: '5',
      recovered_items: '1',
      recovered_bytes: '2',
      recovery_ms: '3',
      recovery_left_out: '6',
      torn_files: '1',
      snapshots: '1',
      last_snapshot_items: '11',
      last_snapshot_bytes: '12',
      last_snapshot_ms: '13',
      last_snapshot_time: '14',
    })
  })

  it('show whether changes are refused, and what went wrong last, cut off where it is too long', () => {
    const { board, isAlone } = boardBetween()
    expect(of(board)).to.include({ longest_sync_us: '0', snapshot_running: 'no' })
    board.keeper.set(KeeperFigure.failures, 7)
    board.lastError = 'x'.repeat(10_000)
    board.countFailed(1)
    board.countFailed(1)
    board.countFailed(-1)
    expect(of(board)).to.include({ state: 'refusing changes', last_error: 'x'.repeat(444), failures: '7' })
    board.countFailed(-1)
    board.lastError = 'ENOSPC: äöü'
    expect(of(board)).to.include({ state: 'ok', last_error: 'ENOSPC: äöü', failures: '7' })
    expect(isAlone()).to.equal(true)
  })
})
