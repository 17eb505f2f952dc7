/** The journals of several workers, and their common keeper. */
import { once } from 'node:events'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { expect } from 'chai'
import { dump } from '../../lib/journal/tools/dump.js'
import { beginJournal } from '../../lib/journal/writing/begun-journal.js'
import { Board, JournalFigure } from '../../lib/journal/writing/board.js'
import { Journal } from '../../lib/journal/writing/journal.js'
import { obeyKeeper, RemoteJournal, reportFailure } from '../../lib/journal/writing/remote-journal.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk, namesSnapshot } from '../support/memory-disk.js'

const TWO = { workerCount: 2 }

describe('The journals of two workers', () => {
  it('refuse changes together when the disk fails one, and accept them again together', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, TWO)
    kept.driver.store.onChange(kept.journals[0]!)
    disk.faultAt = (_number, kind) => (kind === 'write' ? { code: 'EIO' } : undefined)
    kept.setText('key', 'value')
    kept.journals[0]!.commit()
    disk.faultAt = () => undefined
    expect(kept.journals.map(({ isTaking }) => isTaking)).to.deep.equal([false, false])
    expect(kept.journals[1]!.error).to.equal(undefined)
    expect(await kept.keeper.snapshot()).to.equal(true)
    expect(kept.journals.map(({ isTaking }) => isTaking)).to.deep.equal([true, true])
  })

  it('have one record each of a delayed flush, before the changes that follow', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, TWO)
    kept.driver.flush(50)
    for (const key of ['a', 'b', 'c', 'd']) kept.setText(key, 'value')
    await kept.acknowledge()
    const lines = [...dump(disk, DIRECTORY)].map((line) => /journal-\S+|flush due|stored/.exec(line)?.[0])
    expect(lines.filter((line) => line !== undefined)).to.deep.equal([
      ...['journal-0000000001-0000:', 'flush due', 'stored', 'stored'],
      ...['journal-0000000001-0001:', 'flush due', 'stored', 'stored'],
    ])
  })

  it('keep refusing when the second fails while the snapshot for the first is written', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, TWO)
    const fail = (worker: number) => {
      kept.driver.store.onChange(kept.journals[worker]!)
      disk.faultAt = (_number, kind) => (kind === 'write' ? { code: 'EIO' } : undefined)
      kept.setText(`key ${worker}`, 'value')
      kept.journals[worker]!.commit()
    }
    fail(0)
    disk.faultAt = (_number, _kind, operation) => {
      // The last step but one: all journals have been synced.
      if (namesSnapshot(operation)) fail(1)
      return undefined
    }
    expect(await kept.keeper.snapshot()).to.equal(true)
    // While a snapshot is written, journals are written to by another thread.
    await nextTurn()
    disk.faultAt = () => undefined
    expect(kept.journals.map(({ isTaking }) => isTaking)).to.deep.equal([false, false])
    await kept.keeper.snapshot()
    expect(kept.journals.map(({ isTaking }) => isTaking)).to.deep.equal([true, true])
  })

  it('have a record each of a flush and of a delayed flush, before what is stored after them', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, TWO)
    const { store } = kept.driver
    store.onChange(kept.journals[0]!)
    kept.setText('old', 'value')
    kept.driver.flush(0)
    kept.driver.flush(100)
    store.onChange(kept.journals[1]!)
    kept.setText('new', 'value')
    kept.journals[1]!.commit()
    const lines = [...dump(disk, DIRECTORY)]
    const ofSecond = lines.slice(lines.findIndex((line) => line.startsWith('journal-0000000001-0001')))
    expect(ofSecond.join('\n')).to.match(/ flushed,.*\n.* flush due,.*\n.* stored,.*"new"/)
    // The first has not written yet.
    const again = await KeptStore.open(disk.afterKill(), TWO)
    expect(again.contents(['old', 'new'])).to.deep.equal(new Map([['new', 'value']]))
    expect(again.driver.store.restoring.flushDueTime).to.equal(kept.driver.clock.now + 100)
  })

  for (const [first, second] of [
    [0, 1],
    [1, 0],
  ] as const)
    it(`show which of two delayed flushes was the later, asked of worker ${first} and then of ${second}`, async () => {
      const disk = new MemoryDisk()
      const kept = await KeptStore.open(disk, TWO)
      const { store } = kept.driver
      kept.setText('key', 'value')
      store.onChange(kept.journals[first]!)
      kept.driver.flush(100)
      store.onChange(kept.journals[second]!)
      kept.driver.flush(1000)
      await kept.acknowledge()
      const now = kept.driver.clock.now + 200
      const again = await KeptStore.open(disk.afterKill(), { ...TWO, now })
      expect(again.text('key')).to.equal('value')
      expect(again.driver.store.restoring.flushDueTime).to.equal(kept.driver.clock.now + 1000)
    })

  it('do not restore a delayed flush that a later flush of the other replaced', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, TWO)
    const { store } = kept.driver
    store.onChange(kept.journals[1]!)
    kept.driver.flush(100)
    store.onChange(kept.journals[0]!)
    kept.driver.flush(0)
    kept.setText('key', 'value')
    await kept.acknowledge()
    const again = await KeptStore.open(disk.afterKill(), { ...TWO, now: kept.driver.clock.now + 200 })
    expect(again.text('key')).to.equal('value')
    expect(again.driver.store.restoring.flushDueTime).to.equal(0)
  })

  it('do not restore an item that was removed before the snapshot, even if its record comes after that', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    const { store } = kept.driver
    kept.setText('key', 'value')
    let item = 0
    for (let bucket = 0; bucket < store.index.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (found) => {
        item = found
      })
    kept.driver.remove('key')
    expect(await kept.keeper.snapshot()).to.equal(true)
    // As may happen to the journal of a worker that starts its next file before the worker that removes the item.
    kept.journal.stored(item)
    await kept.acknowledge()
    const again = await KeptStore.open(disk.afterKill())
    expect(again.text('key')).to.equal(undefined)
  })
})

describe('Journals that are opened after a delayed flush was carried out by another worker', () => {
  it('record it before their changes, so these stay, also those of a worker whose clock is late', async () => {
    const disk = new MemoryDisk()
    const before = await KeptStore.open(disk)
    before.setText('old', 'value')
    before.driver.flush(20)
    await before.acknowledge()
    const files = disk.afterKill()
    const { now } = before.driver.clock
    const kept = await KeptStore.open(files, { isSnapshotOnly: true, now, workerCount: 3 })
    const { board, driver } = kept
    const { arena, store, clock } = driver
    const partsOf = (worker: number) => ({
      ...{ arena, region: arena.reserve(Journal.REGION_LENGTH), board, store, files, directory: DIRECTORY },
      ...{ worker, fsync: 'everysec' as const, onFailed: () => undefined },
    })
    const all = [0, 1, 2].map(partsOf)
    const begun = await Promise.all(all.map((parts) => beginJournal(parts, kept.keeper.firstGeneration)))
    // Its record of the flush is never written.
    store.onChange(await Journal.open(all[0]!, begun[0]!))
    kept.driver.advance(25)
    expect(kept.text('old')).to.equal(undefined)
    for (const [worker, key] of [
      [1, 'new'],
      [2, 'late'],
    ] as const) {
      const journal = await Journal.open(all[worker]!, begun[worker]!)
      store.onChange(journal)
      clock.now -= 10 * (worker - 1)
      kept.setText(key, 'value')
      journal.commit()
    }
    const again = await KeptStore.open(files.afterKill(), { now: clock.now + 20 })
    expect(again.contents(['old', 'new', 'late'])).to.have.all.keys('new', 'late')
  })
})

describe('A keeper', () => {
  it('that is abandoned leaves a snapshot unfinished, and frees the directory', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, TWO)
    kept.setText('key', 'value')
    await kept.acknowledge()
    const snapshot = kept.keeper.snapshot()
    kept.keeper.giveUp()
    expect(await snapshot).to.equal(false)
    await kept.keeper.leave()
    expect(kept.said).to.deep.equal([])
    const again = await KeptStore.open(disk, TWO)
    expect(again.text('key')).to.equal('value')
    expect(again.keeper.recovered.contents.snapshot).to.equal(undefined)
  })
})

describe('A journal in another thread', () => {
  /** Not in a thread, but connected only by messages. */
  async function open() {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { isSnapshotOnly: true })
    const { arena, store } = kept.driver
    const board = new Board(arena, arena.reserve(Board.regionLength(1)), 1)
    const { port1, port2 } = new MessageChannel()
    const failures: string[] = []
    const remote = new RemoteJournal(port1, board.journals[0]!, ({ message }) => void failures.push(message))
    const parts = {
      arena,
      region: arena.reserve(Journal.REGION_LENGTH),
      board,
      store,
      files: disk,
      directory: DIRECTORY,
      worker: 0,
      fsync: 'everysec' as const,
      onFailed: (error: Error) => reportFailure(port2, error),
    }
    const journal = await Journal.open(parts, await beginJournal(parts, 1))
    store.onChange(journal)
    obeyKeeper(port2, journal, () => undefined)
    // In a program the thread keeps the process alive.
    port1.ref()
    const { identity } = kept.keeper
    return { disk, kept, journal, remote, failures, board, port1, identity }
  }

  it('refuses changes when the keeper reports that the disk is not reliable', async () => {
    const { journal, remote, failures, port1 } = await open()
    remote.fail(new Error('its directory was deleted'))
    await remote.sync().catch(() => undefined)
    expect([journal.isTaking, journal.error?.message]).to.deep.equal([false, 'its directory was deleted'])
    expect(failures).to.deep.equal(['its directory was deleted'])
    port1.close()
  })

  it('does what the keeper asks, and reports its length', async () => {
    const { disk, kept, journal, remote, identity } = await open()
    kept.setText('key', 'value')
    journal.commit()
    expect(remote.fileLength).to.equal(journal.fileLength)
    await remote.rotate(2, identity)
    expect(journal.generation).to.equal(2)
    await remote.sync()
    expect(journal.figures.get(JournalFigure.unsynced)).to.equal(0)
    await remote.close()
    expect([...dump(disk, DIRECTORY)].at(-1)).to.match(/closed/i)
  })

  it('reports its failure to the keeper, and accepts changes again when told to', async () => {
    const { disk, kept, journal, remote, failures, board, port1, identity } = await open()
    disk.faultAt = () => ({ code: 'EIO' })
    kept.setText('key', 'value')
    journal.commit()
    await once(port1, 'message')
    expect(failures).to.deep.equal(['EIO: as if'])
    expect(remote.error?.message).to.equal('EIO: as if')
    expect(await rejection(remote.rotate(2, identity))).to.equal('EIO: as if')
    disk.faultAt = () => undefined
    await remote.rotate(3, identity)
    expect(remote.error?.message).to.equal('a snapshot is due')
    expect(board.isRefusing).to.equal(true)
    await remote.resume()
    expect(remote.error).to.equal(undefined)
    expect(board.isRefusing).to.equal(false)
    await remote.close()
  })

  it('that is lost leaves no request waiting', async () => {
    const { remote, identity } = await open()
    const asked = rejection(remote.sync())
    remote.lose()
    expect(await asked).to.equal('its thread has ended')
    expect(await rejection(remote.rotate(2, identity))).to.equal('its thread has ended')
    await sleep(1)
  })

  const rejection = (promise: Promise<void>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: Error) => error.message,
    )
})
