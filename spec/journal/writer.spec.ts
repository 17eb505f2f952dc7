import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { journalName } from '../../lib/journal/format/file-header.js'
import { JournalFigure, KeeperFigure } from '../../lib/journal/writing/board.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const PATH = `${DIRECTORY}/${journalName(1, 0)}`
const MEGABYTE = 1024 * 1024
/** Longer than any write or sync of a disk that is not slow. */
const SLOW_MS = 40

/** The outcomes of what was waited for. */
function watch(promise: Promise<boolean>): { outcome: boolean | undefined } {
  const watched: { outcome: boolean | undefined } = { outcome: undefined }
  void promise.then((isSafe) => {
    watched.outcome = isSafe
  })
  return watched
}

async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}

const countOf = (disk: MemoryDisk, kind: 'write' | 'sync'): number =>
  disk.trace.filter((operation) => operation.kind === kind).length

describe('The writer of a journal', () => {
  it('writes the changes of a batch in one write, at once, while the disk is quick', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    const before = countOf(disk, 'write')
    for (let index = 0; index < 16; index++) kept.setText(`key ${index}`, 'value')
    kept.journal.commit()
    expect(kept.journal.isSafe(kept.journal.changeCount)).to.equal(true)
    expect(countOf(disk, 'write')).to.equal(before + 1)
  })

  it('writes nothing for a batch that changed nothing', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    const { changeCount } = kept.journal
    kept.text('key')
    kept.journal.commit()
    expect(kept.journal.changeCount).to.equal(changeCount)
    expect(countOf(disk, 'write')).to.equal(1)
  })

  it('does not use the disk while there are no changes', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.tick()
    kept.journal.tick()
    await kept.journal.sync()
    const { length } = disk.trace
    for (let second = 0; second < 10; second++) {
      kept.driver.clock.now++
      kept.journal.tick()
    }
    await turns()
    expect(disk.trace).to.have.length(length)
  })

  it('syncs many batches together, if each must be on disk before it is acknowledged', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { fsync: 'always' })
    const before = countOf(disk, 'sync')
    disk.isSlow = true
    const watched = Array.from({ length: 10 }, (_, index) => {
      kept.setText(`key ${index}`, 'value')
      return watch(kept.acknowledge())
    })
    await turns()
    expect(watched.map(({ outcome }) => outcome)).to.deep.equal(watched.map(() => undefined))
    disk.goOn()
    await turns()
    expect(watched.every(({ outcome }) => outcome === true)).to.equal(true)
    expect(countOf(disk, 'sync')).to.be.at.most(before + 2)
  })

  it('writes in another thread while a sync is under way, and acknowledges what has been written', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    expect(await kept.acknowledge()).to.equal(true)
    disk.isSlow = true
    kept.journal.tick()
    kept.setText('other', 'value')
    const watched = watch(kept.acknowledge())
    await turns()
    expect(watched.outcome).to.equal(undefined)
    expect(kept.text('other')).to.equal('value')
    disk.goOn()
    await turns()
    expect(watched.outcome).to.equal(true)
  })

  it('counts each slow write in another thread, as long as the disk stays slow', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    expect(await kept.acknowledge()).to.equal(true)
    const before = kept.journal.figures.get(JournalFigure.slowWrites)
    for (let time = 1; time <= 3; time++) {
      disk.isSlow = true
      kept.journal.tick()
      kept.setText('key', `value ${time}`)
      const acknowledged = kept.acknowledge()
      await sleep(SLOW_MS)
      disk.goOn()
      expect(await acknowledged).to.equal(true)
      await turns()
      expect(kept.journal.figures.get(JournalFigure.slowWrites)).to.equal(before + time)
    }
    expect(kept.journal.figures.get(JournalFigure.slowSyncs)).to.equal(0)
  })

  it('counts each slow sync that replies wait for', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { fsync: 'always' })
    const before = kept.journal.figures.get(JournalFigure.slowSyncs)
    for (let time = 1; time <= 3; time++) {
      disk.isNextSyncSlow = true
      kept.setText('key', `value ${time}`)
      const acknowledged = kept.acknowledge()
      await sleep(SLOW_MS)
      disk.goOn()
      expect(await acknowledged).to.equal(true)
      expect(kept.journal.figures.get(JournalFigure.slowSyncs)).to.equal(before + time)
    }
  })

  it('writes to the next file while a sync of the one before is under way', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    for (let generation = 2; generation < 5; generation++) {
      kept.setText('key', `value ${generation}`)
      await kept.acknowledge()
      disk.isNextSyncSlow = true
      kept.journal.tick()
      await kept.journal.rotate(generation)
      // What the keeper sees then.
      const { length } = disk.contentOf(`${DIRECTORY}/${journalName(generation, 0)}`)
      expect(kept.board.journals[0]!.get(JournalFigure.fileLength)).to.equal(length)
      disk.goOn()
      await turns()
      kept.setText('other', 'value')
      await kept.acknowledge()
      await kept.journal.sync()
    }
    expect(kept.said).to.deep.equal([])
    expect(kept.journal.figures.get(JournalFigure.unsynced)).to.equal(0)
  })

  it('accepts no more than it has room for while the disk hangs, and writes it afterwards', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { memoryLength: 32 * MEGABYTE })
    disk.isSlow = true
    kept.setText('first', 'value')
    void kept.journal.sync()
    let count = 0
    while (kept.journal.hasRoom && count < 100_000) kept.setText(`key ${count++}`, 'x'.repeat(1000))
    expect(kept.journal.hasRoom).to.equal(false)
    expect(kept.journal.isTaking).to.equal(true)
    expect(kept.journal.figures.get(JournalFigure.unwritten)).to.be.below(9 * MEGABYTE)
    let hasRoom = false
    kept.journal.waitForRoom({
      roomMade: () => {
        hasRoom = true
      },
    })
    expect(kept.journal.figures.get(JournalFigure.waits)).to.equal(1)
    expect(kept.text('key 0')).to.equal('x'.repeat(1000))
    disk.goOn()
    await kept.journal.sync()
    await turns()
    expect(hasRoom).to.equal(true)
    const again = await KeptStore.open(disk.afterKill(), { memoryLength: 32 * MEGABYTE })
    expect(again.driver.store.itemCount).to.equal(count + 1)
  })

  for (const fsync of ['always', 'no'] as const)
    it(`syncs even if there is always more to write, fsync ${fsync}`, async () => {
      const kept = await KeptStore.open(new MemoryDisk(), { fsync })
      kept.board.keeper.set(KeeperFigure.isTakingSnapshot, 1)
      kept.setText('first', 'value')
      kept.journal.commit()
      const synced = watch(kept.journal.sync().then(() => true))
      for (let turn = 0; turn < 20; turn++) {
        kept.setText(`key ${turn}`, 'value')
        kept.journal.commit()
        await turns(1)
      }
      expect(synced.outcome).to.equal(true)
    })

  it('syncs what has been written, although the next write fails', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    expect(await kept.acknowledge()).to.equal(true)
    const written = disk.trace.at(-1)!
    expect(written.kind).to.equal('write')
    const isSynced = (): boolean =>
      disk.trace
        .slice(disk.trace.indexOf(written))
        .some(({ kind, ...rest }) => kind === 'sync' && 'inode' in rest && rest.inode === inode)
    const { inode } = written as { readonly inode: number }
    expect(isSynced()).to.equal(false)
    disk.faultAt = (_number, kind) => (kind === 'write' ? { code: 'ENOSPC' } : undefined)
    kept.setText('other', 'value')
    expect(await kept.acknowledge()).to.equal(false)
    await turns()
    expect(isSynced()).to.equal(true)
  })

  it('fails rather than leave a change out, when a caller does not wait for room', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { memoryLength: 32 * MEGABYTE })
    disk.isSlow = true
    kept.setText('first', 'value')
    void kept.journal.sync().catch(() => undefined)
    for (let index = 0; index < 10_000; index++) kept.setText(`key ${index}`, 'x'.repeat(1000))
    expect(kept.journal.isTaking).to.equal(false)
    expect(kept.said.join()).to.match(/more was changed than the journal has room for/)
    disk.goOn()
  })

  it('releases long values that it could not write', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { memoryLength: 32 * MEGABYTE })
    for (const key of ['a', 'b', 'c']) kept.setText(key, key.repeat(MEGABYTE))
    expect(kept.driver.store.segments.pool.pinnedCount).to.be.above(0)
    disk.faultAt = (_number, kind) => (kind === 'write' ? { code: 'EIO' } : undefined)
    expect(await kept.acknowledge()).to.equal(false)
    expect(kept.driver.store.segments.pool.pinnedCount).to.equal(0)
  })

  it('writes long values in parts, without a copy, and in order with other changes', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { memoryLength: 32 * MEGABYTE })
    disk.isSlow = true
    for (const key of ['a', 'b', 'c']) {
      kept.setText(key, 'short')
      kept.setText('long', key.repeat(3 * MEGABYTE))
    }
    const watched = watch(kept.acknowledge())
    // A value that is being written does not change, even if the key has another value by now.
    kept.setText('long', 'last')
    disk.goOn()
    await kept.acknowledge()
    expect(watched.outcome).to.equal(true)
    const longest = Math.max(...disk.trace.map((each) => (each.kind === 'write' ? each.bytes.length : 0)))
    expect(longest).to.be.below(1.1 * MEGABYTE)
    for (const key of ['a', 'b', 'c'])
      expect(disk.contentOf(PATH).includes(key.repeat(MEGABYTE))).to.equal(true)
    const versions = versionsIn(disk.contentOf(PATH))
    expect(versions).to.deep.equal([...versions].sort((one, other) => one - other))
    expect(kept.driver.store.segments.pool.pinnedCount).to.equal(0)
    const again = await KeptStore.open(disk.afterKill(), { memoryLength: 32 * MEGABYTE })
    expect(again.contents(['a', 'b', 'c', 'long']).size).to.equal(4)
    expect(again.text('long')).to.equal('last')
  })
})

/** The versions of the items in a journal, read without its reader: word by word. */
function versionsIn(bytes: Buffer): number[] {
  const versions: number[] = []
  for (let frame = 32; frame < bytes.length; ) {
    const head = bytes.readUInt32LE(frame + 8)
    const end = frame + 16 + (head & ~3)
    const isPart = (head & 2) !== 0
    for (let record = frame + 16; !isPart && record < end; ) {
      const mark = bytes.readUInt32LE(record)
      const fields = (mark >>> 8) & 0xff
      const fieldCount = [1, 2, 4, 8].filter((field) => fields & field).length
      const valueLength = fields & 4 && (head & 1) === 0 ? bytes.readUInt32LE(record + 12) : 0
      if ((mark & 0xff) === 1) versions.push(bytes.readUInt32LE(record + 4))
      const length = 12 + fieldCount * 4 + ((mark >>> 16) & 0xff) + valueLength
      record += (length + 3) & ~3
    }
    frame = end
  }
  return versions
}
