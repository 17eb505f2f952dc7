import { expect } from 'chai'
import { FileKind } from '../../lib/journal/format/format.js'
import { JournalFile, settled } from '../../lib/journal/writing/journal-file.js'
import { type Fault, MemoryDisk } from '../support/memory-disk.js'
import { pattern } from '../support/pattern.js'

const DIRECTORY = '/data'
const NAME = 'journal-0000000001-0000'
const PATH = `${DIRECTORY}/${NAME}`
const INTERRUPTED = { code: 'EINTR' }
const PIECES = [10, 1, 100, 7].map((length) => pattern(length))

async function opened(): Promise<{ disk: MemoryDisk; file: JournalFile }> {
  const disk = new MemoryDisk()
  ;(await disk.create(PATH)).close()
  return { disk, file: await JournalFile.open(disk, DIRECTORY, NAME, 7, 0) }
}

/** What happens to the next writes, one after the other. */
function failNext(disk: MemoryDisk, ...faults: Fault[]): void {
  disk.faultAt = (_number, kind) => (kind === 'write' ? faults.shift() : undefined)
}

describe('A file of the journal', () => {
  for (const [what, faults] of Object.entries<Fault[]>({
    'in one go': [],
    'in parts': [{ takes: 1 }, { takes: 10 }, { takes: 50 }, { takes: 50 }],
    'up to the end of a piece': [{ takes: 10 }, { takes: 1 }, { takes: 100 }],
    'after interruptions': [INTERRUPTED, { takes: 11 }, INTERRUPTED, { code: 'EAGAIN' }],
  }))
    it(`has all bytes in order, if the disk writes them ${what}`, async () => {
      const { disk, file } = await opened()
      failNext(disk, ...faults)
      await settled((done) => file.write(PIECES, done))
      const all = Buffer.concat(PIECES)
      expect(disk.contentOf(PATH).equals(all)).to.equal(true)
      expect([file.length, file.durableLength]).to.deep.equal([all.length, 0])
      failNext(disk, ...faults)
      file.writeNow(all)
      expect(disk.contentOf(PATH).equals(Buffer.concat([all, all]))).to.equal(true)
      await settled((done) => file.sync(done))
      expect([file.length, file.durableLength]).to.deep.equal([2 * all.length, 2 * all.length])
    })

  it('gives up after a hundred interruptions in a row, and at once after an error', async () => {
    const { disk, file } = await opened()
    failNext(disk, ...Array<Fault>(99).fill(INTERRUPTED))
    file.writeNow(PIECES[0]!)
    failNext(disk, ...Array<Fault>(100).fill(INTERRUPTED))
    expect(() => file.writeNow(PIECES[0]!)).to.throw('EINTR')
    failNext(disk, { code: 'EIO' })
    expect(() => file.writeNow(PIECES[0]!)).to.throw('EIO')
    failNext(disk, { takes: 3 }, { code: 'ENOSPC' })
    const failure = await settled((done) => file.write(PIECES, done)).catch((error: Error) => error.message)
    expect(failure).to.contain('ENOSPC')
  })

  it('counts as synced what was written before a sync, not during it', async () => {
    const { disk, file } = await opened()
    file.writeNow(PIECES[0]!)
    disk.isNextSyncSlow = true
    const synced = settled((done) => file.sync(done))
    file.writeNow(PIECES[2]!)
    disk.goOn()
    await synced
    expect([file.durableLength, file.length]).to.deep.equal([10, 110])
    file.syncNow()
    expect(file.durableLength).to.equal(110)
  })

  it('is closed when nothing is under way, and only once', async () => {
    const { disk, file } = await opened()
    disk.isSlow = true
    const written = settled((done) => file.write(PIECES, done))
    const synced = settled((done) => file.sync(done))
    file.retire()
    expect(disk.openCount).to.equal(1)
    disk.goOn()
    await Promise.all([written, synced])
    expect(disk.openCount).to.equal(0)
    file.retire()
    expect(disk.openCount).to.equal(0)
  })

  it('that could not be created leaves nothing behind', async () => {
    const header = { kind: FileKind.JOURNAL, generation: 1, worker: 0, seed: 1 } as const
    for (const failing of ['write', 'sync', 'syncDirectory']) {
      const disk = new MemoryDisk()
      disk.faultAt = (_number, kind) => (kind === failing ? { code: 'ENOSPC' } : undefined)
      const created = JournalFile.create(disk, DIRECTORY, NAME, header, PIECES[2]!)
      expect(await created.catch((error: Error) => error.message)).to.contain('ENOSPC')
      expect([disk.list(DIRECTORY).includes(NAME), disk.openCount]).to.deep.equal([false, 0])
    }
  })
})
