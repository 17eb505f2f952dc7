/** Files that are not closed add up over the months that a server runs. */
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { listen, socketStateAt } from '../../lib/journal/disk/disk-sockets.js'
import { eventually } from '../support/eventually.js'
import { KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024

/** The open file of a running server: its journal. */
const OPEN_COUNT = 1

async function settlesAt(disk: MemoryDisk, count: number): Promise<void> {
  expect(await eventually(count, async () => disk.openCount)).to.equal(count)
}

describe('The files of a directory', () => {
  it('are closed once a snapshot has replaced them, and all of them at the end', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    for (let round = 0; round < 3; round++) {
      kept.setText('key', `${round}`)
      await kept.acknowledge()
      expect(await kept.keeper.snapshot()).to.equal(true)
      await kept.journal.sync()
      await settlesAt(disk, OPEN_COUNT)
    }
    await kept.keeper.close()
    await settlesAt(disk, 0)
    const again = await KeptStore.open(disk, { pid: 2 })
    expect(again.text('key')).to.equal('2')
    await settlesAt(disk, OPEN_COUNT)
  })

  it('are closed when the disk fails, also those that were not synced yet', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.setText('key', 'value')
    await kept.acknowledge()
    await kept.journal.rotate(2)
    kept.setText('key', 'value')
    disk.faultAt = (_number, kind) => (kind === 'write' ? { code: 'EIO' } : undefined)
    expect(await kept.acknowledge()).to.equal(false)
    // The one that failed stays until another replaces it.
    await settlesAt(disk, OPEN_COUNT)
  })

  it('are closed when there is a spare', async () => {
    const disk = new MemoryDisk()
    disk.capacity = 8 * MEGABYTE
    const kept = await KeptStore.open(disk, { memoryLength: 4 * MEGABYTE })
    await kept.keeper.spare.settled
    expect(kept.keeper.spare.length).to.be.above(0)
    await settlesAt(disk, OPEN_COUNT)
    await kept.keeper.leave()
    await KeptStore.open(disk, { memoryLength: 4 * MEGABYTE, pid: 2 })
    await settlesAt(disk, 2 * OPEN_COUNT)
  })
})

describe('A socket with a path that is too long for its address', () => {
  const DESCRIPTORS = '/proc/self/fd'
  let folder = ''
  const leadsTo = (number: string): string | undefined => {
    try {
      return readlinkSync(join(DESCRIPTORS, number))
    } catch {
      // It has been closed since.
      return undefined
    }
  }
  before(function () {
    try {
      readdirSync(DESCRIPTORS)
    } catch {
      this.skip()
    }
    folder = join(mkdtempSync(join(tmpdir(), 'keepcached-sockets-')), 'x'.repeat(120))
    mkdirSync(folder)
  })
  after(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

  it('can be listened on and connected to, and leaves nothing open', async () => {
    const path = join(folder, 'socket')
    const isDirectoryOpen = (): boolean =>
      readdirSync(DESCRIPTORS).some((number) => leadsTo(number) === folder)
    const socket = await listen(path)
    expect(socket).not.to.equal(undefined)
    expect(await socketStateAt(path)).to.equal('listening')
    expect(isDirectoryOpen()).to.equal(false)
    await socket!.close()
    expect(await socketStateAt(path)).to.be.oneOf(['dead', 'missing'])
    expect(isDirectoryOpen()).to.equal(false)
  })

  it('is impossible on a system that does not show open files as paths', async () => {
    const { access } = fs
    fs.access = () => Promise.reject(new Error('missing'))
    try {
      const path = join(folder, 'other')
      expect([await listen(path), await socketStateAt(path)]).to.deep.equal([undefined, 'missing'])
    } finally {
      fs.access = access
    }
  })
})
