import { crc32 } from 'node:zlib'
import { expect } from 'chai'
import { isLockName } from '../../lib/journal/directory/lock-names.js'
import { journalName, snapshotName } from '../../lib/journal/format/file-header.js'
import { DIRECTORY, KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import { MemoryDisk, namesSnapshot } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024

/** A header with a valid checksum, so that only its numbers matter. */
function withHeaderChecksum(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28)
  return bytes
}

const pathOf = (name: string): string => `${DIRECTORY}/${name}`

async function refusal(disk: MemoryDisk, options: KeptStoreOptions = {}): Promise<string> {
  const before = disk.trace.length
  try {
    await KeptStore.open(disk, options)
  } catch (error) {
    expect(disk.trace).to.have.length(before)
    return (error as Error).message
  }
  throw new Error('the directory was not refused')
}

describe('A data directory', () => {
  it('that another server uses is refused', async () => {
    const disk = new MemoryDisk()
    await KeptStore.open(disk)
    expect(await refusal(disk)).to.match(/^\/data: the server with process id 1 uses it/)
  })

  it('that another server uses is refused where the disk has no sockets', async () => {
    const disk = new MemoryDisk()
    disk.hasSockets = false
    await KeptStore.open(disk)
    expect(await refusal(disk)).to.match(/^\/data: the server with process id 1 uses it/)
  })

  for (const hasSockets of [true, false])
    it(`whose server has been killed is taken over, and is free again after an orderly end, ${hasSockets ? 'with' : 'without'} sockets`, async () => {
      const disk = new MemoryDisk()
      disk.hasSockets = hasSockets
      await KeptStore.open(disk, { pid: 1 })
      disk.endProcesses()
      const next = await KeptStore.open(disk, { pid: 2 })
      await next.keeper.close()
      expect(disk.list(DIRECTORY).filter(isLockName)).to.deep.equal([])
    })

  it('with a foreign file is refused', async () => {
    const disk = new MemoryDisk()
    disk.put(pathOf('letter.txt'), Buffer.from('Dear Sir'))
    expect(await refusal(disk)).to.match(/^\/data: letter.txt is not a file of keepcached/)
  })

  it('with a file of a later format is refused', async () => {
    const disk = new MemoryDisk()
    await KeptStore.open(disk)
    const path = pathOf(journalName(1, 0))
    const bytes = Buffer.from(disk.contentOf(path))
    bytes.writeUInt32LE(4, 8)
    const copy = new MemoryDisk()
    copy.put(path, withHeaderChecksum(bytes))
    expect(await refusal(copy)).to.match(/has format 4, and this keepcached knows formats up to 3/)
  })

  it('whose snapshot is missing is refused', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    await kept.keeper.close()
    const names = disk.list(DIRECTORY)
    expect(names).to.deep.equal([journalName(2, 0), snapshotName(2)])
    const copy = new MemoryDisk()
    copy.put(pathOf(names[0]!), disk.contentOf(pathOf(names[0]!)))
    expect(await refusal(copy)).to.match(/the snapshot before the journals of generation \d+ is missing/)
  })

  it('that is refused leaves no file open', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk, { workerCount: 3 })
    for (let step = 0; step < 9; step++) kept.setText(`key ${step}`, 'value')
    expect(await kept.keeper.snapshot()).to.equal(true)
    for (let step = 0; step < 9; step++) kept.setText(`key ${step}`, 'other')
    await kept.acknowledge()
    const copy = disk.afterKill()
    const name = copy.list(DIRECTORY).find((each) => each.startsWith('snapshot'))!
    const damaged = Buffer.from(copy.contentOf(pathOf(name)))
    damaged[damaged.length >> 1]! ^= 1
    copy.put(pathOf(name), damaged)
    let openCount = 0
    const open = copy.open.bind(copy)
    copy.open = (path) => {
      openCount++
      return { ...open(path), close: () => void openCount-- }
    }
    expect(await refusal(copy, { workerCount: 3 })).to.contain(name)
    expect(openCount).to.equal(0)
  })

  it('with a snapshot that is damaged is refused, whichever byte it is', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    await kept.keeper.snapshot()
    const path = pathOf(snapshotName(2))
    const bytes = disk.contentOf(path)
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 0x10
      const copy = disk.afterKill()
      copy.put(path, damaged)
      expect(await refusal(copy, { memoryLength: MEGABYTE }), `byte ${at}`).to.match(/^\/data: snapshot-/)
    }
  })

  it('keeps its files when a snapshot could not be finished', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    await kept.acknowledge()
    const renamed = disk.trace.length
    await kept.keeper.snapshot()
    const rename = disk.trace.findIndex((operation, index) => index >= renamed && namesSnapshot(operation))
    expect(rename).to.be.above(renamed)
    for (let count = renamed; count <= rename; count++) {
      const again = await KeptStore.open(disk.afterKill(count))
      expect(again.text('key')).to.equal('value')
    }
  })
})
