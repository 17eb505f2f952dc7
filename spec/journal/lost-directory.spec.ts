/** What can happen to a directory in use: it is deleted, moved, replaced, or taken by another server. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { LOCK_SOCKET_NAME, PID_FILE_NAME } from '../../lib/journal/directory/lock-names.js'
import { diskFiles } from '../../lib/journal/disk/files.js'
import { journalName, NEW_SUFFIX, parseName, snapshotName } from '../../lib/journal/format/file-header.js'
import { eventually } from '../support/eventually.js'
import { KeptStore } from '../support/kept-store.js'

const DELETED = 'the directory was deleted or moved'
const REPLACED = 'another directory is in its place, with files'

describe('A keeper whose directory', function () {
  this.slow(2000)
  let folder = ''
  let directory = ''
  let kept: KeptStore
  let isClosed = false
  let beforeCreate: (path: string) => Promise<void>

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-lost-'))
    directory = join(folder, 'data')
    beforeCreate = async () => undefined
    const create = (path: string) => beforeCreate(path).then(() => diskFiles.create(path))
    kept = await KeptStore.open({ ...diskFiles, create }, { directory, workerCount: 2 })
    kept.setText('key', 'value')
    await kept.acknowledge()
    isClosed = false
  })
  afterEach(async () => {
    if (!isClosed) await kept.keeper.leave()
    rmSync(folder, { recursive: true })
  })

  const areTaking = (): boolean[] => kept.journals.map(({ isTaking }) => isTaking)

  /** A snapshot cannot be taken, for this reason, and changes are refused. */
  async function expectLost(reason: string): Promise<void> {
    const before = kept.said.length
    expect(await kept.keeper.snapshot()).to.equal(false)
    const said = kept.said.slice(before)
    expect(said.at(-1)).to.include(`no snapshot could be taken: ${directory}: ${reason}; the next attempt`)
    expect(areTaking()).to.deep.equal([false, false])
  }

  /** Another server takes the directory, after the lock was removed. */
  async function steal(): Promise<KeptStore> {
    rmSync(join(directory, LOCK_SOCKET_NAME))
    rmSync(join(directory, PID_FILE_NAME))
    const other = await KeptStore.open(diskFiles, { directory, pid: 2 })
    other.setText('other', 'value')
    await other.acknowledge()
    return other
  }

  /** A snapshot can be taken, after which another server has everything. */
  async function expectRegained(): Promise<void> {
    expect(await kept.keeper.snapshot(), kept.said.join('\n')).to.equal(true)
    expect(kept.said.at(-1)).to.equal('a snapshot is whole: changes are taken again')
    expect(areTaking()).to.deep.equal([true, true])
    kept.setText('late', 'value')
    expect(await kept.acknowledge()).to.equal(true)
    await kept.keeper.close()
    isClosed = true
    const next = await KeptStore.open(diskFiles, { directory })
    expect(next.contents(['key', 'late']).size).to.equal(2)
    await next.keeper.leave()
  }

  it('was deleted makes all journals fail, and continues in a new one', async () => {
    rmSync(directory, { recursive: true })
    await expectLost(DELETED)
    const failure = `the journal has failed: ${directory}: ${DELETED}; changes are refused until a snapshot is whole`
    expect(kept.said.filter((line) => line === failure)).to.have.length(2)
    await expectLost(DELETED)
    mkdirSync(directory)
    await expectRegained()
  })

  it('was moved continues when it is back', async () => {
    renameSync(directory, join(folder, 'moved'))
    await expectLost(DELETED)
    renameSync(join(folder, 'moved'), directory)
    await expectRegained()
  })

  it('was moved accepts changes at the next look after it is back, before the next attempt is due', async () => {
    const moved = join(folder, 'moved')
    for (const isEmpty of [false, true]) {
      // Also the end of one that is under way.
      expect(await kept.keeper.snapshot()).to.equal(true)
      renameSync(directory, moved)
      // The clock stands still: further attempts are never due.
      for (let attempts = 0; attempts < 3; attempts++) await expectLost(DELETED)
      if (isEmpty) mkdirSync(directory)
      else renameSync(moved, directory)
      expect(await eventually(true, async () => areTaking().every((isTaking) => isTaking))).to.equal(true)
    }
  })

  it('was replaced by one with files does not take that one at each look', async () => {
    renameSync(directory, join(folder, 'moved'))
    mkdirSync(directory)
    writeFileSync(join(directory, journalName(1, 0)), 'of another server')
    await expectLost(REPLACED)
    const attempts = kept.said.length
    await sleep(2100)
    expect(kept.said).to.have.length(attempts)
  })

  it('was replaced by one with files does not touch that one, even after its own was moved back and forth', async () => {
    const moved = join(folder, 'moved')
    renameSync(directory, moved)
    mkdirSync(directory)
    writeFileSync(join(directory, journalName(1, 0)), 'of another server')
    await expectLost(REPLACED)
    expect(readdirSync(directory)).to.deep.equal([journalName(1, 0)])
    rmSync(directory, { recursive: true })
    renameSync(moved, directory)
    await expectRegained()
  })

  it('was replaced by an empty one continues in that one', async () => {
    renameSync(directory, join(folder, 'moved'))
    mkdirSync(directory)
    await expectRegained()
    expect(kept.said[0]).to.include(`${directory}: another directory is in its place; changes are refused`)
  })

  it('was replaced by an empty one leaves what a start can read there, wherever a kill comes', async () => {
    // What a killed server would have left.
    const left: string[][] = []
    const copies: string[] = []
    beforeCreate = async () => {
      left.push(readdirSync(directory).filter((name) => parseName(name) !== undefined))
      copies.push(join(folder, `copy ${copies.length}`))
      cpSync(directory, copies.at(-1)!, { recursive: true, filter: (path) => !path.includes('lock') })
    }
    const { latestVersion } = kept.driver.store
    rmSync(directory, { recursive: true })
    mkdirSync(directory)
    expect(await kept.keeper.snapshot(), kept.said.join('\n')).to.equal(true)
    expect(left.shift()).to.deep.equal([])
    expect(left).to.have.length(3)
    for (const names of left) expect(names).to.include(snapshotName(2))
    for (const [index, copy] of copies.entries()) {
      const next = await KeptStore.open(diskFiles, { directory: copy })
      expect(next.driver.store.itemCount).to.equal(0)
      if (index > 0) expect(next.driver.store.latestVersion).to.be.at.least(latestVersion)
      await next.keeper.leave()
    }
  })

  it('is replaced while its next journals are created names none there, and continues in the new one', async () => {
    let isReplaced = false
    beforeCreate = async (path) => {
      if (isReplaced || !path.includes(journalName(2, 1))) return
      isReplaced = true
      renameSync(directory, join(folder, 'moved'))
      mkdirSync(directory)
    }
    expect(await kept.keeper.snapshot()).to.equal(false)
    expect(kept.said.at(-1)).to.include(`${directory}: another directory is in its place; the next attempt`)
    expect(readdirSync(directory).filter((name) => parseName(name) !== undefined)).to.deep.equal([])
    await expectRegained()
  })

  it('was replaced by one with a file that was never completed continues there, and removes that file', async () => {
    renameSync(directory, join(folder, 'moved'))
    mkdirSync(directory)
    writeFileSync(join(directory, journalName(1, 0) + NEW_SUFFIX), '')
    expect(await kept.keeper.snapshot(), kept.said.join('\n')).to.equal(true)
    expect(readdirSync(directory).filter((name) => name.endsWith(NEW_SUFFIX))).to.deep.equal([])
  })

  it('is now used by another server does not touch it', async () => {
    const other = await steal()
    await expectLost('the server with process id 2 uses it; two cannot share a directory')
    await other.keeper.leave()
    await expectLost('another server has gone on in it, up to generation 2')
  })

  it('is taken by another server during a snapshot does not finish that snapshot', async () => {
    let other: KeptStore | undefined
    beforeCreate = async (path) => {
      if (path.endsWith(snapshotName(2) + NEW_SUFFIX)) other ??= await steal()
    }
    await expectLost('its lock was removed: another server may use it')
    expect(readdirSync(directory)).not.to.include(snapshotName(2))
    await other!.keeper.leave()
  })

  it('was moved keeps other servers out where it is now', async () => {
    const moved = join(folder, 'moved')
    renameSync(directory, moved)
    await expectLost(DELETED)
    const other = KeptStore.open(diskFiles, { directory: moved, pid: 2 })
    const refusal = await other.catch(({ message }: Error) => message)
    expect(refusal).to.equal(`${moved}: the server with process id 1 uses it; two cannot share a directory`)
  })

  it('has lost its lock takes it again if no other server has', async () => {
    rmSync(join(directory, LOCK_SOCKET_NAME))
    await expectRegained()
  })
})

describe('A keeper with snapshots only whose directory was deleted', () => {
  it('logs it, and takes its snapshots in the new one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-lost-'))
    const directory = join(folder, 'data')
    const kept = await KeptStore.open(diskFiles, { directory, isSnapshotOnly: true })
    kept.setText('key', 'value')
    rmSync(directory, { recursive: true })
    expect(await kept.keeper.snapshot()).to.equal(false)
    expect(kept.said[0]).to.equal(`${directory}: ${DELETED}`)
    mkdirSync(directory)
    expect(await kept.keeper.snapshot()).to.equal(true)
    await kept.keeper.close()
    const next = await KeptStore.open(diskFiles, { directory })
    expect(next.text('key')).to.equal('value')
    await next.keeper.leave()
    rmSync(folder, { recursive: true })
  })
})
