/** Where a file is damaged: a start, check, dump and repair name one offset. */
import { expect } from 'chai'
import { encodeFileHeader, journalName, snapshotName } from '../../lib/journal/format/file-header.js'
import { FileKind, FrameFlag, RecordKind } from '../../lib/journal/format/format.js'
import { encodeFrame } from '../../lib/journal/format/frame.js'
import { encodeRecord } from '../../lib/journal/format/record.js'
import { check } from '../../lib/journal/tools/check.js'
import { dump } from '../../lib/journal/tools/dump.js'
import { repair } from '../../lib/journal/tools/repair.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

/** The lengths of fields and of frames are no multiples of them. */
const CHANGE_STEP = 5
const CUT_STEP = 9

describe('The offset of damage', () => {
  const files = [journalName(2, 0), snapshotName(2)]
  const pathOf = (name: string): string => `${DIRECTORY}/${name}`
  let whole: MemoryDisk
  before(async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    for (const key of ['one', 'two']) kept.setText(key, `value of ${key}`)
    await kept.acknowledge()
    expect(await kept.keeper.snapshot()).to.equal(true)
    for (const key of ['three', 'four', 'five']) {
      kept.setText(key, `value of ${key}`)
      await kept.acknowledge()
    }
    await kept.journal.sync()
    whole = disk.afterKill()
  })

  /** What is reported of a file with these bytes; undefined if no damage is reported. */
  async function offsetsOf(name: string, bytes: Buffer): Promise<Record<string, number> | undefined> {
    const disk = whole.afterKill()
    disk.put(pathOf(name), bytes)
    const { ending } = check(disk, DIRECTORY).find((report) => report.name === name)!
    const started = await KeptStore.open(disk, { pid: 2 }).catch((error: Error) => error.message)
    if (typeof started !== 'string') {
      expect(ending.kind).to.not.equal('damaged')
      return undefined
    }
    expect(started).to.include(`${DIRECTORY}: ${name} `)
    expect(ending.kind).to.equal('damaged')
    const lines = [...dump(disk, DIRECTORY)]
    const ownLines = lines.slice(lines.indexOf(`${name}:`) + 1)
    const end = ownLines.findIndex((line) => line.endsWith(':'))
    const last = ownLines.slice(0, end < 0 ? undefined : end).at(-1) ?? ''
    const [repaired] = await repair(disk, DIRECTORY)
    return {
      start: Number(/ at byte (\d+);/.exec(started)?.[1]),
      check: ending.kind === 'whole' ? Number.NaN : ending.offset,
      repair: repaired!.offset,
      // A file that is sound but cut off has no such line.
      ...(/damaged|torn/.test(last) ? { dump: Number(last.trim().split(' ')[0]) } : {}),
    }
  }

  for (const name of files) {
    it(`is the same for every tool, wherever a byte of ${name} is changed`, async function () {
      this.slow(10_000)
      const good = whole.contentOf(pathOf(name))
      const found = new Set<number>()
      for (let place = 0; place < good.length; place += CHANGE_STEP) {
        const bytes = Buffer.from(good)
        bytes[place]! ^= 0x55
        const offsets = await offsetsOf(name, bytes)
        if (offsets === undefined) continue
        const { check: offset } = offsets
        expect(Object.values(offsets), `byte ${place}`).to.deep.equal(Object.values(offsets).fill(offset!))
        expect(offset, `byte ${place}`).to.be.at.most(place)
        found.add(offset!)
      }
      // The header of the file, and some frames.
      expect(found.has(0)).to.equal(true)
      expect(found.size).to.be.at.least(4)
    })

    it(`is the same for every tool, wherever ${name} is cut off`, async function () {
      this.slow(10_000)
      const good = whole.contentOf(pathOf(name))
      let refusedCount = 0
      for (let length = 0; length < good.length; length += CUT_STEP) {
        const offsets = await offsetsOf(name, good.subarray(0, length))
        if (offsets === undefined) continue
        refusedCount++
        const { check: offset } = offsets
        expect(Object.values(offsets), `length ${length}`).to.deep.equal(Object.values(offsets).fill(offset!))
      }
      if (name === snapshotName(2)) expect(refusedCount).to.equal(Math.ceil(good.length / CUT_STEP))
    })
  }
})

describe('A sound frame', () => {
  const SEED = 7
  const key = Buffer.from('key')
  const record = encodeRecord({ kind: RecordKind.STORED, version: 1, key, value: Buffer.from('value') })
  const head = encodeRecord({ kind: RecordKind.STORED, version: 1, key, valueLength: 8 })

  for (const [reason, first, flags] of [
    ['has a record where a part of a value should be', encodeFrame(head, SEED, FrameFlag.CONTINUES), 0],
    ['has a part of a value where a record should be', encodeFrame(record, SEED), FrameFlag.PART],
  ] as const)
    it(`is damage if it ${reason}`, async () => {
      const header = encodeFileHeader({ kind: FileKind.JOURNAL, generation: 1, worker: 0, seed: SEED })
      const disk = new MemoryDisk()
      disk.put(
        `${DIRECTORY}/${journalName(1, 0)}`,
        Buffer.concat([header, first, encodeFrame(record, SEED, flags)]),
      )
      const offset = header.length + first.length
      expect(check(disk, DIRECTORY)[0]!.ending).to.deep.equal({ kind: 'damaged', offset, reason })
      const message = await KeptStore.open(disk).catch((error: Error) => error.message)
      expect(message).to.include(`${reason}, at byte ${offset}`)
    })
})
