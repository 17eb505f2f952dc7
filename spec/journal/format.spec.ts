import { crc32 } from 'node:zlib'
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import {
  decodeFileHeader,
  encodeFileHeader,
  type FileHeader,
  journalName,
  parseName,
  snapshotName,
} from '../../lib/journal/format/file-header.js'
import { encodeFinished } from '../../lib/journal/format/finished.js'
import { FileKind, FrameFlag, RecordKind } from '../../lib/journal/format/format.js'
import { encodeFrame } from '../../lib/journal/format/frame.js'
import {
  encodeRecord,
  itemRecordLength,
  JournalRecord,
  MALFORMED,
  type PlainRecord,
  readRecord,
  writeItemRecord,
} from '../../lib/journal/format/record.js'
import { ageGroup, decodeSummary, encodeSummary } from '../../lib/journal/format/summary.js'
import { FrameBuffer } from '../../lib/journal/writing/frame-buffer.js'
import { EngineDriver } from '../support/engine-driver.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'

const MEGABYTE = 1024 * 1024
const RECORD_LENGTH_MAX = 4096

const hex = (bytes: Buffer): string => bytes.toString('hex').replaceAll(/(.{8})(?=.)/g, '$1 ')

describe('The format of a journal', () => {
  it('is pinned: a file begins with its header, the time, and the promised versions', async () => {
    const disk = new MemoryDisk()
    await KeptStore.open(disk)
    const bytes = disk.contentOf(`${DIRECTORY}/${journalName(1, 0)}`)
    expect(bytes.toString('latin1', 0, 8)).to.equal('KEEPCACH')
    expect(hex(bytes.subarray(8, 24))).to.equal('03000000 01000000 01000000 00000000')
    const seed = bytes.readUInt32LE(24)
    expect((bytes.readUInt32LE(32) ^ seed) >>> 0).to.equal(Buffer.from('FRAM').readUInt32LE())
    expect(hex(bytes.subarray(40, 48))).to.equal('1c000000 00000000')
    expect(hex(bytes.subarray(48))).to.equal('06010000 00000000 00000000 00943577 07000000 00000000 04000000')
  })

  it('is pinned: a record of an item', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    const path = `${DIRECTORY}/${journalName(1, 0)}`
    kept.driver.set('first', Buffer.from('1'))
    await kept.acknowledge()
    const before = disk.contentOf(path).length
    kept.driver.set('key', Buffer.from('value'), 0x01020304, 100)
    await kept.acknowledge()
    const frame = disk.contentOf(path).subarray(before)
    expect(hex(frame.subarray(8, 16))).to.equal('20000000 13000000')
    expect(hex(frame.subarray(16))).to.equal(
      '01070300 02000000 00000000 64943577 04030201 05000000 6b657976 616c7565',
    )
  })

  it('has records of items that are as long as a snapshot expects, whatever fields they have', () => {
    const room = EngineDriver.createArena(MEGABYTE, 1, RECORD_LENGTH_MAX)
    const driver = new EngineDriver(MEGABYTE, true, MEGABYTE, room)
    const { arena, store } = driver
    const start = arena.reserve(RECORD_LENGTH_MAX)
    driver.set('plain', Buffer.from('value'))
    driver.set('with flags', Buffer.from('value'), 7)
    driver.set('with an expiry', Buffer.from('value'), 7, 100)
    driver.setMarked('with a cas', Buffer.from('value'), { high: 1, low: 2 })
    const lengths: (readonly [expected: number, written: number])[] = []
    for (let bucket = 0; bucket < store.visits.bucketCount; bucket++)
      store.visits.visitBucket(bucket, (item) => {
        const end = writeItemRecord(arena, start, store, item, false, { frequency: 1, accessTime: 2 })
        lengths.push([itemRecordLength(store.words, item), end - start])
      })
    expect(lengths).to.have.length(4)
    for (const [expected, written] of lengths) expect(expected).to.equal(written)
  })

  it('is pinned: a record of the flush of a prefix', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    const path = `${DIRECTORY}/${journalName(1, 0)}`
    kept.driver.set('first', Buffer.from('1'))
    await kept.acknowledge()
    const before = disk.contentOf(path).length
    kept.driver.flushPrefix('user:')
    await kept.acknowledge()
    const frame = disk.contentOf(path).subarray(before)
    expect(hex(frame.subarray(16))).to.equal('0b000500 02000000 00000000 75736572 3a000000')
  })

  it('is pinned: a record of an item with its own cas, stale, that a client is to renew', async () => {
    const disk = new MemoryDisk()
    const kept = await KeptStore.open(disk)
    const { driver } = kept
    driver.setMarked('key', Buffer.from('value'), { high: 0x01020304, low: 0x05060708 })
    await kept.keeper.snapshot()
    const bytes = disk.contentOf(`${DIRECTORY}/${snapshotName(2)}`)
    const at = bytes.indexOf('key') - 28
    expect(hex(bytes.subarray(at, at + 36))).to.equal(
      '01ec0301 02000000 00000000 05000000 00943577 04030201 08070605 6b657976 616c7565',
    )
  })

  it('is pinned: a record of an older journal that is on disk', () => {
    const finished = { name: journalName(1, 0), seed: 0xfedcba98, length: 0x2_0000_0044 }
    expect(hex(encodeFinished(finished))).to.equal(
      `0a021700 44000000 02000000 98badcfe ${hex(Buffer.from('journal-0000000001-0000\0'))}`,
    )
  })

  const records: readonly (readonly [string, PlainRecord])[] = [
    [
      'an item',
      { kind: RecordKind.STORED, version: 7, key: Buffer.from('key'), value: Buffer.from('value') },
    ],
    [
      'an item with every field',
      {
        kind: RecordKind.STORED,
        version: 2 ** 49 + 5,
        time: 0xffff_ffff,
        clientFlags: 0x7fff_ffff,
        accessTime: 2_000_000_000,
        frequency: 3,
        key: Buffer.alloc(250, 'k'),
        value: Buffer.alloc(1001, 'v'),
      },
    ],
    ['a delete', { kind: RecordKind.REMOVED, version: 9, key: Buffer.from('k') }],
    ['a touch', { kind: RecordKind.TOUCHED, version: 9, time: 0, key: Buffer.from('key') }],
    ['a flush of a prefix', { kind: RecordKind.PREFIX_FLUSHED, version: 9, key: Buffer.from('user:') }],
    ['a flush', { kind: RecordKind.FLUSHED, version: 2 ** 40 }],
  ]
  for (const [name, plain] of records)
    it(`reads ${name} back unchanged`, () => {
      const bytes = encodeRecord(plain)
      const record = new JournalRecord()
      expect(bytes.length % 4).to.equal(0)
      expect(readRecord(bytes, 0, bytes.length, false, record)).to.equal(bytes.length)
      const { kind, version, time = 0, clientFlags = 0, accessTime = 0, frequency = 0 } = plain
      expect(record).to.deep.include({ kind, version, time, clientFlags, accessTime, frequency })
      const key = bytes.subarray(record.keyStart, record.keyStart + record.keyLength)
      const value = bytes.subarray(record.valueStart, record.valueStart + record.valueLength)
      expect(key.equals(plain.key ?? Buffer.alloc(0))).to.equal(true)
      expect(value.equals(plain.value ?? Buffer.alloc(0))).to.equal(true)
      for (let length = 0; length < bytes.length; length++)
        expect(readRecord(bytes, 0, length, false, record)).to.equal(MALFORMED)
    })

  it('refuses kinds and fields that it does not know', () => {
    const bytes = encodeRecord({ kind: RecordKind.FLUSHED, version: 1 })
    const record = new JournalRecord()
    for (const [at, value] of [
      [0, 0],
      [0, 12],
      [1, 16],
    ] as const) {
      const changed = Buffer.from(bytes)
      changed[at] = value
      expect(readRecord(changed, 0, changed.length, false, record)).to.equal(MALFORMED)
    }
  })

  it('is pinned: a frame with the synced length of the file, padded to whole words', () => {
    const frame = encodeFrame(Buffer.from('body!'), 0x0102_0304, FrameFlag.PART, 0x1000)
    expect((frame.readUInt32LE(0) ^ 0x0102_0304) >>> 0).to.equal(Buffer.from('FRAM').readUInt32LE())
    expect(frame.readUInt32LE(4)).to.equal(crc32(frame.subarray(8), 0x0102_0304))
    expect(hex(frame.subarray(8))).to.equal('0a000000 00040000 626f6479 21000000')
  })

  it('says that 16 GiB were synced if it was more', () => {
    const arena = Arena.create(4096)
    const buffer = new FrameBuffer(arena, arena.reserve(1024), 1024)
    for (const length of [2 ** 34 - 4, 2 ** 34, 2 ** 40]) {
      buffer.clear()
      buffer.cursor += 4
      buffer.seal(0, 1, length)
      const frames = [encodeFrame(Buffer.alloc(4), 1, 0, length), buffer.view(buffer.start, buffer.sealedEnd)]
      for (const frame of frames) expect(frame.readUInt32LE(12)).to.equal(0xffff_ffff)
      expect(frames[1]!.equals(frames[0]!)).to.equal(true)
    }
  })

  it('returns why a header is invalid: of another program, damaged, or of a later version', () => {
    const header = { kind: FileKind.SNAPSHOT, generation: 7, worker: 3, seed: 0xffff_ffff } as const
    const bytes = encodeFileHeader(header)
    expect(decodeFileHeader(bytes)).to.deep.equal(header)
    const changed = (at: number, value: number, isSealed: boolean): FileHeader | string => {
      const other = Buffer.from(bytes)
      other[at] = value
      if (isSealed) other.writeUInt32LE(crc32(other.subarray(0, 28)), 28)
      return decodeFileHeader(other)
    }
    expect(changed(0, 0, true)).to.equal('is not a file of keepcached')
    expect(changed(20, 1, false)).to.equal('has a damaged header')
    expect(changed(8, 1, true)).to.deep.equal(header)
    for (const format of [0, 4])
      expect(changed(8, format, true)).to.match(new RegExp(`^has format ${format}, .* formats up to 3$`))
  })

  it('names files by generation and worker, and accepts no other names', () => {
    expect(parseName(journalName(12, 3))).to.include({ kind: FileKind.JOURNAL, generation: 12, worker: 3 })
    expect(parseName(snapshotName(12))).to.include({ kind: FileKind.SNAPSHOT, generation: 12 })
    for (const name of ['journal-12-3', 'journal-0000000012-0003.old', 'snapshot-x', 'notes'])
      expect(parseName(name)).to.equal(undefined)
  })

  it('reads the end of a snapshot back unchanged', () => {
    const lengthByAge = new Float64Array(128).map((_, index) => index * 1000)
    const numbers = { version: 2 ** 49, flushBoundary: 5, flushDueTime: 6, time: 7, itemCount: 8 }
    const summary = { ...numbers, checksum: 9, oldestAccess: 10, lengthByAge }
    expect(decodeSummary(encodeSummary(summary))).to.deep.equal(summary)
    expect(decodeSummary(Buffer.alloc(8))).to.equal(undefined)
  })

  it('distinguishes ages that differ by a quarter, and counts each read as half of the age', () => {
    for (let age = 0; age < 1_000_000; age = Math.ceil((age + 1) * 1.26)) {
      expect(ageGroup(Math.ceil((age + 1) * 1.26), 0)).to.be.above(ageGroup(age, 0))
      expect(ageGroup(age * 4, 2)).to.equal(ageGroup(age, 0))
    }
    expect(ageGroup(0xffff_ffff, 0)).to.be.below(128)
  })
})
