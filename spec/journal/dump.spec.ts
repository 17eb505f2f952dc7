import { expect } from 'chai'
import { encodeFileHeader, journalName } from '../../lib/journal/format/file-header.js'
import { encodeFinished } from '../../lib/journal/format/finished.js'
import { FileKind, RecordKind } from '../../lib/journal/format/format.js'
import { encodeFrame } from '../../lib/journal/format/frame.js'
import { encodeRecord } from '../../lib/journal/format/record.js'
import { dump } from '../../lib/journal/tools/dump.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const SEED = 7
const NAME = journalName(3, 1)

/** A journal of these records, each in a frame of its own. */
function fileOf(records: readonly Buffer[]): Buffer {
  const header = encodeFileHeader({ kind: FileKind.JOURNAL, generation: 3, worker: 1, seed: SEED })
  return Buffer.concat([header, ...records.map((record) => encodeFrame(record, SEED))])
}

describe('The records of a directory as text', () => {
  it('have a line each, with the offset of the frame and all fields of the record', () => {
    const disk = new MemoryDisk()
    const key = Buffer.from('a "key"')
    const records = [
      encodeRecord({ kind: RecordKind.TIME, version: 0, time: 12 }),
      encodeRecord({
        ...{ kind: RecordKind.STORED, version: 2 ** 40, time: 99, clientFlags: -1, accessTime: 5 },
        ...{ frequency: 3, key, value: Buffer.from('value') },
      }),
      encodeRecord({ kind: RecordKind.REMOVED, version: 1, key }),
      encodeRecord({ kind: RecordKind.TOUCHED, version: 2, time: 4, key }),
      encodeRecord({ kind: RecordKind.FLUSHED, version: 3 }),
      encodeRecord({ kind: RecordKind.FLUSH_DUE, version: 4, time: 6 }),
      encodeRecord({ kind: RecordKind.RESERVED, version: 5 }),
      encodeRecord({ kind: RecordKind.CLOSED, version: 6 }),
      encodeRecord({ kind: RecordKind.END, version: 7 }),
      encodeFinished({ name: journalName(2, 0), seed: 1, length: 88 }),
    ]
    const whole = fileOf(records)
    disk.put(`${DIRECTORY}/${NAME}`, Buffer.concat([whole, Buffer.from('torn')]))
    disk.put(`${DIRECTORY}/lost+found`, Buffer.from('of others'))
    const offsets = records.map((_, index) => fileOf(records.slice(0, index)).length)
    const lines = [
      'time, time 12',
      `stored, version ${2 ** 40}, key "a \\"key\\"", value 5 bytes, flags 4294967295, time 99, read at 5, 3 times`,
      'removed, version 1, key "a \\"key\\""',
      'touched, version 2, key "a \\"key\\"", time 4',
      'flushed, version 3',
      'flush due, version 4, time 6',
      'reserved, version 5',
      'closed, version 6',
      'end, version 7',
      'finished, journal-0000000002-0000, 88 bytes',
    ]
    expect([...dump(disk, DIRECTORY)]).to.deep.equal([
      `${NAME}:`,
      ...lines.map((line, index) => `  ${offsets[index]} ${line}`),
      `  ${whole.length} torn`,
    ])
  })

  it("show an item's own cas, and its marks", async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    kept.driver.setMarked('key', Buffer.from('value'), { high: 0x81020304, low: 0x85060708 })
    await kept.keeper.snapshot()
    const line = [...dump(disk, DIRECTORY)].findLast((text) => text.includes('key "key"'))
    expect(line).to.contain(`cas ${0x8102030485060708n}, stale, to be renewed, read at `)
  })
})
