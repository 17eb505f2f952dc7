import { expect } from 'chai'
import { MemoryFile } from '../../lib/journal/memory-file.js'
import { MemoryDisk } from '../support/memory-disk.js'

const DIRECTORY = '/memory'
const PATH = `${DIRECTORY}/file.meta`

describe('The meta file of -e', () => {
  it('is written at the end, removed at the start, and may be missing', async () => {
    const disk = new MemoryDisk()
    const file = new MemoryFile(disk, `${DIRECTORY}/file`)
    file.check()
    await file.leave()
    expect(disk.readText(PATH)).to.match(/^keepcached keeps the items of this file in the directory/)
    file.check()
    await file.taken()
    expect(disk.readText(PATH)).to.equal(undefined)
    await file.taken()
  })

  it('is refused if another program wrote it, and replaced at the end if that happened meanwhile', async () => {
    const disk = new MemoryDisk()
    const file = new MemoryFile(disk, `${DIRECTORY}/file`)
    disk.writeText(PATH, 'of memcached')
    expect(() => file.check()).to.throw(`${PATH}: not left by keepcached`)
    await file.leave()
    file.check()
  })
})
