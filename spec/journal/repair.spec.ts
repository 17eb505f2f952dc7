import { expect } from 'chai'
import { journalName, parseName, snapshotName } from '../../lib/journal/format/file-header.js'
import { INDEX_LENGTH_PER_ITEM, type Summary } from '../../lib/journal/format/summary.js'
import { RecordReader } from '../../lib/journal/recovery/record-reader.js'
import { summaryOf } from '../../lib/journal/recovery/snapshot-reader.js'
import { check, type FileReport } from '../../lib/journal/tools/check.js'
import { dump } from '../../lib/journal/tools/dump.js'
import { repair } from '../../lib/journal/tools/repair.js'
import { RESERVED_AHEAD } from '../../lib/journal/writing/begun-journal.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const KEYS = ['a', 'b', 'c', 'd', 'e'].map((name) => `key ${name}`)
const KEY_LENGTH = 'key a'.length
/** A value in two parts, the second of one byte. */
const VALUE_LENGTH = 1024 * 1024 + 1
const MEMORY_LENGTH = 16 * 1024 * 1024
const SNAPSHOT = snapshotName(2)
const JOURNAL = journalName(1, 0)

const textOf = (key: string): string => `${key}:`.padEnd(VALUE_LENGTH, key)
const pathOf = (name: string): string => `${DIRECTORY}/${name}`

/** A directory with a journal, or with a snapshot and the journal after it. */
async function directoryOf(kind: 'journal' | 'snapshot'): Promise<{ disk: MemoryDisk; version: number }> {
  const disk = new MemoryDisk()
  const kept = await KeptStore.open(disk, { memoryLength: MEMORY_LENGTH })
  kept.driver.flush(0)
  for (const key of KEYS) {
    kept.setText(key, textOf(key))
    await kept.acknowledge()
    kept.driver.advance(7)
  }
  kept.driver.flush(5000)
  await kept.acknowledge()
  if (kind === 'snapshot') expect(await kept.keeper.snapshot()).to.equal(true)
  await kept.journal.sync()
  return { disk: disk.afterKill(), version: kept.driver.store.latestVersion }
}

/** Where the frame of a record begins. */
function offsetOf(disk: MemoryDisk, text: string): number {
  const line = [...dump(disk, DIRECTORY)].find((each) => each.includes(text))
  return Number(line?.trim().split(' ')[0])
}

function damage(disk: MemoryDisk, name: string, offset: number): void {
  const bytes = Buffer.from(disk.contentOf(pathOf(name)))
  bytes[offset]! ^= 1
  disk.put(pathOf(name), bytes)
}

function summaryIn(disk: MemoryDisk, name: string): Summary {
  const reader = new RecordReader(disk, DIRECTORY, parseName(name)!)
  while (reader.next());
  reader.close()
  return summaryOf(reader)!
}

const reportOf = (disk: MemoryDisk, name: string): FileReport =>
  check(disk, DIRECTORY).find((report) => report.name === name)!

const sumOf = (lengths: Float64Array): number => lengths.reduce((sum, length) => sum + length, 0)

async function keysIn(disk: MemoryDisk): Promise<string[]> {
  const kept = await KeptStore.open(disk, { memoryLength: MEMORY_LENGTH, pid: 2 })
  return KEYS.filter((key) => kept.text(key) === textOf(key))
}

/** All but one. */
const without = (key: string): string[] => KEYS.filter((other) => other !== key)

describe('A damaged snapshot', function () {
  this.slow(2000)

  for (const [what, offset] of Object.entries({
    'the record': 20,
    'the first part': 500,
    'the last part': 1_048_653,
  }))
    it(`is repaired except for the item of which ${what} is damaged`, async () => {
      const { disk, version } = await directoryOf('snapshot')
      const before = summaryIn(disk, SNAPSHOT)
      expect(reportOf(disk, SNAPSHOT)).to.include({ itemCount: KEYS.length, versionMax: version })
      const at = offsetOf(disk, 'key "key c"')
      damage(disk, SNAPSHOT, at + offset)
      const { ending } = reportOf(disk, SNAPSHOT)
      expect(ending).to.include({ kind: 'damaged', reason: 'is damaged before its end' })
      expect((ending as { offset: number }).offset).to.be.within(at, at + offset)
      const { openCount } = disk
      const [done, ...others] = await repair(disk, DIRECTORY)
      expect(others).to.deep.equal([])
      expect(disk.openCount).to.equal(openCount)
      expect(done).to.include({ name: SNAPSHOT, copy: `${SNAPSHOT}.1.damaged` })
      const report = reportOf(disk, SNAPSHOT)
      expect(report).to.deep.include({
        itemCount: KEYS.length - 1,
        versionMax: version,
        ending: { kind: 'whole' },
      })
      expect(done!.byteLength).to.equal(report.length)
      const { lengthByAge, checksum, itemCount, ...summary } = summaryIn(disk, SNAPSHOT)
      expect(before).to.include(summary)
      expect(sumOf(lengthByAge)).to.equal(
        (KEYS.length - 1) * (KEY_LENGTH + VALUE_LENGTH + INDEX_LENGTH_PER_ITEM),
      )
      expect(await keysIn(disk)).to.deep.equal(without('key c'))
    })

  it('is repaired without its end record, which is written anew', async () => {
    const { disk, version } = await directoryOf('snapshot')
    const { oldestAccess, itemCount } = summaryIn(disk, SNAPSHOT)
    damage(disk, SNAPSHOT, offsetOf(disk, 'end, version') + 20)
    expect(reportOf(disk, SNAPSHOT).ending).to.include({ kind: 'damaged', reason: 'is damaged' })
    const [done] = await repair(disk, DIRECTORY)
    // A frame of marks, three of each item, and the end.
    expect(done!.frameCount).to.equal(2 + 3 * KEYS.length)
    const summary = summaryIn(disk, SNAPSHOT)
    const time = oldestAccess + 7 * (KEYS.length - 1)
    expect(summary).to.include({ version, time, oldestAccess, itemCount, flushBoundary: 0, flushDueTime: 0 })
    expect(await keysIn(disk)).to.deep.equal(KEYS)
  })

  it('is detected if a frame is missing in it', async () => {
    const { disk } = await directoryOf('snapshot')
    const bytes = disk.contentOf(pathOf(SNAPSHOT))
    const [start, end] = ['key "key c"', 'end, version'].map((text) => offsetOf(disk, text))
    disk.put(pathOf(SNAPSHOT), Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]))
    const { ending, length } = reportOf(disk, SNAPSHOT)
    expect(ending).to.deep.equal({ kind: 'damaged', offset: length, reason: 'lacks a part' })
  })
})

describe('A damaged journal', function () {
  this.slow(2000)

  it('is repaired with a promise of versions above all that it holds, and each copy has its own name', async () => {
    const { disk } = await directoryOf('journal')
    for (const [number, key] of ['key c', 'key d'].entries()) {
      damage(disk, JOURNAL, offsetOf(disk, `key "${key}"`) + 500)
      const [done] = await repair(disk, DIRECTORY)
      expect(done!.copy).to.equal(`${JOURNAL}.${number + 1}.damaged`)
    }
    const promises = [...dump(disk, DIRECTORY)].filter((line) => line.includes('reserved'))
    // Each repair treats earlier promises as versions that were used.
    expect(promises.map((line) => Number(line.split(' ').at(-1)))).to.deep.equal(
      [1, 2, 3].map((count) => count * RESERVED_AHEAD),
    )
    expect(await keysIn(disk)).to.deep.equal(without('key c').filter((key) => key !== 'key d'))
  })

  it('is not changed if it is whole', async () => {
    const { disk, version } = await directoryOf('journal')
    const before = disk.contentOf(pathOf(JOURNAL))
    const report = reportOf(disk, JOURNAL)
    expect(report).to.deep.include({ itemCount: KEYS.length, versionMax: version, ending: { kind: 'whole' } })
    expect(report.recordCount).to.equal([...dump(disk, DIRECTORY)].length - 1)
    expect(await repair(disk, DIRECTORY)).to.deep.equal([])
    expect(disk.contentOf(pathOf(JOURNAL)).equals(before)).to.equal(true)
  })
})
