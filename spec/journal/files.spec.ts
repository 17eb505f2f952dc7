/** Properties of the real disk that a journal depends on. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type AppendFile, diskFiles } from '../../lib/journal/disk/files.js'
import { JournalFile } from '../../lib/journal/writing/journal-file.js'
import { MemoryDisk } from '../support/memory-disk.js'

/** A file that accepts nothing, as on a full disk. */
const FULL = '/dev/full'

const messageOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'none'
}

const calledBack = (call: (done: (error: Error | null) => void) => void): Promise<string> =>
  new Promise((resolve) => call((error) => resolve(error?.message ?? 'none')))

describe('An error of the disk', () => {
  let file: AppendFile

  before(async function () {
    if (!fs.existsSync(FULL)) this.skip()
    file = await diskFiles.append(FULL)
  })

  after(() => file?.close())

  it('names the file that could not be written or synced', async () => {
    const bytes = Buffer.alloc(10)
    expect(messageOf(() => file.writeSync(bytes))).to.match(/^ENOSPC: .*, write '\/dev\/full'$/)
    expect(await calledBack((done) => file.write([bytes], done))).to.match(/^ENOSPC: .*'\/dev\/full'$/)
    expect(await calledBack((done) => file.write([bytes, bytes], done))).to.match(/^ENOSPC: .*'\/dev\/full'$/)
    expect(await calledBack((done) => file.sync(done))).to.match(/^EINVAL: .*'\/dev\/full'$/)
    expect(messageOf(() => file.syncNow())).to.match(/^EINVAL: .*'\/dev\/full'$/)
  })

  it('names the file that could not be read', () => {
    const directory = tmpdir()
    const read = diskFiles.open(directory)
    expect(messageOf(() => read.read(Buffer.alloc(1), 0, 1, 0))).to.match(/^EISDIR: .*/)
    expect(messageOf(() => read.read(Buffer.alloc(1), 0, 1, 0))).to.include(`'${directory}'`)
    read.close()
  })

  it('names the small file that could not be written, such as the lock on a full disk', () => {
    const path = join(tmpdir(), `keepcached-${process.pid}-lock`)
    const { writeFileSync } = fs
    fs.writeFileSync = () => writeFileSync(FULL, 'text')
    try {
      expect(messageOf(() => diskFiles.writeText(path, 'text'))).to.match(/^ENOSPC: /)
      expect(messageOf(() => diskFiles.writeText(path, 'text'))).to.include(`'${path}'`)
    } finally {
      fs.writeFileSync = writeFileSync
    }
  })

  it('names a path only once, when Node names it itself', async () => {
    const path = '/nowhere/file'
    expect(messageOf(() => diskFiles.open(path)).split(path)).to.have.length(2)
    expect(await diskFiles.append(path).catch(({ message }: Error) => message.split(path))).to.have.length(2)
  })

  it('names the journal of which the disk accepted nothing', async () => {
    const disk = new MemoryDisk()
    await disk.create('/data/journal-0000000001-0000')
    const journal = await JournalFile.open(disk, '/data', 'journal-0000000001-0000', 0, 0)
    disk.faultAt = () => ({ takes: 0 })
    expect(messageOf(() => journal.writeNow(Buffer.alloc(4)))).to.include('/data/journal-0000000001-0000')
    expect(await calledBack((done) => journal.write([Buffer.alloc(4)], done))).to.include(
      '/data/journal-0000000001-0000',
    )
  })
})

describe('A socket of the disk', () => {
  it('belongs to one process of a cluster, and is dead when that has ended', () => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'keepcached-sockets-'))
    const program = `
      import cluster from 'node:cluster'
      import { diskFiles } from ${JSON.stringify(new URL('../../lib/journal/disk/files.js', import.meta.url).href)}
      const path = ${JSON.stringify(join(folder, 'socket'))}
      const forked = async () => {
        const worker = cluster.fork()
        const isListening = await new Promise((resolve) => worker.once('message', resolve))
        return [worker, isListening]
      }
      if (cluster.isWorker) process.send((await diskFiles.listen(path)) !== undefined)
      else {
        const [one, isOwn] = await forked()
        const [other, isShared] = await forked()
        const before = await diskFiles.socketStateAt(path)
        other.process.kill('SIGKILL')
        one.process.kill('SIGKILL')
        one.once('exit', async () => console.log(isOwn, isShared, before, await diskFiles.socketStateAt(path)))
      }`
    try {
      // A worker of a cluster runs the same file.
      const file = join(folder, 'cluster.mjs')
      fs.writeFileSync(file, program)
      const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
      expect([stdout, stderr]).to.deep.equal(['true false listening dead\n', ''])
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })
})

describe('A file of the disk', () => {
  it('may be read only by its owner, and so may a directory', async () => {
    const above = fs.mkdtempSync(join(tmpdir(), 'keepcached-modes-'))
    const folder = join(above, 'directory')
    const umask = process.umask(0)
    try {
      diskFiles.makeDirectory(folder)
      ;(await diskFiles.create(join(folder, 'large'))).close()
      diskFiles.writeText(join(folder, 'small'), 'text')
    } finally {
      process.umask(umask)
    }
    const modes = [folder, join(folder, 'large'), join(folder, 'small')].map(
      (path) => fs.statSync(path).mode & 0o777,
    )
    fs.rmSync(above, { recursive: true })
    expect(modes).to.deep.equal([0o700, 0o600, 0o600])
  })

  it('accepts bytes in one piece and in several', async () => {
    const directory = fs.mkdtempSync(join(tmpdir(), 'keepcached-files-'))
    try {
      const path = join(directory, 'file')
      const file = await diskFiles.create(path)
      const write = (...pieces: string[]): Promise<number> =>
        new Promise((resolve, reject) =>
          file.write(
            pieces.map((piece) => Buffer.from(piece)),
            (error, length) => (error === null ? resolve(length) : reject(error)),
          ),
        )
      expect([await write('one'), await write('two', 'three'), await write('four')]).to.deep.equal([3, 8, 4])
      file.close()
      expect(fs.readFileSync(path, 'latin1')).to.equal('onetwothreefour')
    } finally {
      fs.rmSync(directory, { recursive: true })
    }
  })
})
