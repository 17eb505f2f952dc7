/** A journal before the last one: where it may end, and where it may not. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { journalName } from '../../lib/journal/format/file-header.js'
import { check } from '../../lib/journal/tools/check.js'
import { dump } from '../../lib/journal/tools/dump.js'
import { repair } from '../../lib/journal/tools/repair.js'
import { DIRECTORY, KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import { MemoryDisk, namesSnapshot } from '../support/memory-disk.js'

const OLDER = journalName(1, 0)
const KEYS = Array.from({ length: 6 }, (_, index) => `key ${index}`)

const pathOf = (name: string): string => `${DIRECTORY}/${name}`

const filesOf = (disk: MemoryDisk): string[] =>
  disk
    .list(DIRECTORY)
    .filter((name) => !name.startsWith('lock'))
    .sort()

/** The disk after a kill, with a journal cut off at a length. */
function cut(disk: MemoryDisk, length: number, name = OLDER): MemoryDisk {
  const copy = disk.afterKill()
  copy.put(pathOf(name), copy.contentOf(pathOf(name)).subarray(0, length))
  return copy
}

/** What a server makes of a directory: a refusal, without any change, or the recovered items. */
async function opened(
  disk: MemoryDisk,
  options: KeptStoreOptions = {},
): Promise<ReadonlyMap<string, string> | string> {
  const { length } = disk.trace
  try {
    return (await KeptStore.open(disk, options)).contents([...KEYS, 'newer'])
  } catch (error) {
    expect(disk.trace).to.have.length(length)
    return (error as Error).message
  }
}

async function fill(kept: KeptStore): Promise<void> {
  for (const key of KEYS) {
    kept.setText(key, `value of ${key}`)
    await kept.acknowledge()
  }
}

/** Two generations, since no snapshot could be taken: the older one is on disk, and the newer one records it. */
async function twoGenerations(options: KeptStoreOptions = {}): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  const kept = await KeptStore.open(disk, options)
  await fill(kept)
  disk.faultAt = (_number, _kind, operation) => (namesSnapshot(operation) ? { code: 'EIO' } : undefined)
  expect(await kept.keeper.snapshot()).to.equal(false)
  kept.tick()
  kept.setText('newer', 'value')
  await kept.acknowledge()
  disk.faultAt = () => undefined
  return disk
}

describe('A journal before the last one', () => {
  it('is refused with its name and the offset, at whichever byte it ends too early', async () => {
    const disk = await twoGenerations()
    expect(filesOf(disk)).to.deep.equal([OLDER, journalName(2, 0)])
    const { length } = disk.contentOf(pathOf(OLDER))
    for (let end = 0; end < length; end++) {
      const found = await opened(cut(disk, end))
      expect(found, `cut at ${end}`).to.match(/^\/data: journal-0000000001-0000 lacks its end, which was/)
    }
    expect(await opened(cut(disk, length))).to.have.property('size', KEYS.length + 1)
  })

  it('is refused likewise after a start that read it after a kill, whichever version wrote it', async () => {
    const disk = new MemoryDisk()
    await fill(await KeptStore.open(disk, { workerCount: 3 }))
    const after = disk.afterKill()
    const kept = await KeptStore.open(after)
    kept.setText('newer', 'value')
    await kept.acknowledge()
    for (const name of [0, 1, 2].map((worker) => journalName(1, worker))) {
      const { length } = after.contentOf(pathOf(name))
      expect(await opened(cut(after, length - 8, name)), name).to.match(/lacks its end/)
    }
    // A third start still knows it.
    const third = after.afterKill()
    await KeptStore.open(third)
    expect(await opened(cut(third, 60))).to.match(/lacks its end/)
  })

  it('may end early where it had not been synced when the power was lost', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    // The beginning of a journal is synced before anything else.
    const begunLength = disk.contentOf(pathOf(OLDER)).length
    await fill(kept)
    await kept.journal.rotate(2)
    kept.setText('newer', 'value')
    await kept.acknowledge()
    // Its next tick would sync.
    const killed = disk.afterKill()
    const { length } = killed.contentOf(pathOf(OLDER))
    for (let end = begunLength; end < length; end++) {
      const found = await opened(cut(killed, end))
      if (typeof found === 'string') throw new Error(`cut at ${end}: ${found}`)
      expect(found.get('newer')).to.equal('value')
    }
  })

  it('may end in half a record if a write failed and newer journals were created since', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    await fill(kept)
    const writes: ({ takes: number } | { code: string })[] = [{ takes: 20 }, { code: 'ENOSPC' }]
    disk.faultAt = (_number, kind) => (kind === 'write' ? writes.shift() : undefined)
    kept.setText('lost', 'value')
    expect(await kept.acknowledge()).to.equal(false)
    disk.faultAt = (_number, _kind, operation) => (namesSnapshot(operation) ? { code: 'EIO' } : undefined)
    expect(await kept.keeper.snapshot()).to.equal(false)
    expect(filesOf(disk)).to.deep.equal([OLDER, journalName(2, 0)])
    expect(await opened(disk.afterKill())).to.have.property('size', KEYS.length)
  })

  it('is synced by a start before that records it as on disk', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    await fill(kept)
    // As after a kill: its writes are in the system's memory only.
    await kept.keeper.leave()
    await KeptStore.open(disk, { pid: 2 })
    const after = disk.afterPowerLoss(disk.trace.length, () => false)
    expect(await opened(after)).to.have.property('size', KEYS.length)
  })

  it('is reported by check and dump, and repaired by repair', async () => {
    const disk = cut(await twoGenerations(), 200)
    expect(check(disk, DIRECTORY).map(({ ending }) => ending.kind)).to.deep.equal(['damaged', 'whole'])
    expect([...dump(disk, DIRECTORY)].join('\n')).to.match(/ finished, journal-0000000001-0000, \d+ bytes/)
    const repairs = await repair(disk, DIRECTORY)
    expect(repairs.map(({ name }) => name)).to.deep.equal([OLDER])
    expect(check(disk, DIRECTORY).map(({ ending }) => ending.kind)).to.deep.equal(['whole', 'whole'])
    const found = await opened(disk)
    if (typeof found === 'string') throw new Error(found)
    expect([...found.keys()]).to.include.members(['key 0', 'newer'])
    expect(found.size).to.be.below(KEYS.length + 1)
  })

  it('is not reported a second time', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    await fill(kept)
    await kept.journal.rotate(2)
    for (let second = 0; second < 3; second++) {
      kept.tick()
      await nextTurn()
      await kept.journal.sync()
    }
    const lines = [...dump(disk, DIRECTORY)].filter((line) => line.includes(' finished, '))
    expect(lines).to.have.length(1)
  })
})
