import { type Files, pathIn } from '../disk/files.js'
import { DAMAGED_SUFFIX, type NamedFile, NEW_SUFFIX, newSeed, parseName } from '../format/file-header.js'
import { FileKind, FRAME_CHECKSUM, FrameFlag, RecordKind } from '../format/format.js'
import { encodeFrame } from '../format/frame.js'
import { encodeRecord, JournalRecord, MALFORMED, readRecord } from '../format/record.js'
import {
  AGE_GROUP_COUNT,
  ageGroup,
  decodeSummary,
  encodeSummary,
  INDEX_LENGTH_PER_ITEM,
  type Summary,
} from '../format/summary.js'
import { addChecksum, FrameReader } from '../recovery/frame-reader.js'
import { RESERVED_AHEAD } from '../writing/begun-journal.js'
import { JournalFile } from '../writing/journal-file.js'
import { check } from './check.js'

/** What was done to one file. */
export interface Repair {
  readonly name: string
  /** Where the damage begins: see `Ending`. */
  readonly offset: number
  /** The kept damaged file. */
  readonly copy: string
  /** The sound part, which is in the new file. */
  readonly frameCount: number
  readonly byteLength: number
}

/**
 * Writes the sound part of every damaged file to a new one, and keeps the damaged file beside it. The lost part may contain
 * a delete or a newer value: so restored values may be older than they were. The operator decides whether to do this.
 */
export async function repair(files: Files, directory: string): Promise<Repair[]> {
  const repairs: Repair[] = []
  for (const { name, ending } of check(files, directory)) {
    if (ending.kind !== 'damaged') continue
    const repaired = await repairFile(files, directory, parseName(name)!)
    repairs.push({ ...repaired, offset: ending.offset })
  }
  return repairs
}

async function repairFile(
  files: Files,
  directory: string,
  named: NamedFile,
): Promise<Omit<Repair, 'offset'>> {
  const { name, kind, generation, worker } = named
  const path = pathIn(directory, name)
  await files.remove(path + NEW_SUFFIX)
  const header = { kind, generation, worker, seed: newSeed() }
  const first = encodeRecord({ kind: RecordKind.TIME, version: 0, time: 0 })
  const file = await JournalFile.create(files, directory, name + NEW_SUFFIX, header, first)
  const salvage = new Salvage(file, encodeFrame(first, header.seed))
  const frames = new FrameReader(files, directory, named)
  do {
    salvage.leaveOpenValue()
    while (frames.next()) salvage.take(frames)
  } while (frames.skip())
  frames.close()
  if (kind === FileKind.SNAPSHOT) salvage.end()
  else salvage.reserve()
  file.syncNow()
  file.retire()
  const copy = freeName(files.list(directory), name)
  await files.rename(path, pathIn(directory, copy))
  await files.rename(path + NEW_SUFFIX, path)
  await files.syncDirectory(directory)
  return { name, copy, frameCount: salvage.frameCount, byteLength: file.length }
}

function freeName(names: readonly string[], name: string): string {
  let number = 1
  while (names.includes(`${name}.${number}${DAMAGED_SUFFIX}`)) number++
  return `${name}.${number}${DAMAGED_SUFFIX}`
}

/** Copies sound frames to a new file: those of a long value only together. */
class Salvage {
  frameCount = 0
  private readonly file: JournalFile
  private readonly record = new JournalRecord()
  private group: Buffer[] = []
  private checksum: number
  private itemCount = 0
  private readonly lengthByAge = new Float64Array(AGE_GROUP_COUNT)
  private readonly known = {
    version: 0,
    flushBoundary: 0,
    flushDueTime: 0,
    time: 0,
    oldestAccess: Number.MAX_SAFE_INTEGER,
  }

  constructor(file: JournalFile, firstFrame: Buffer) {
    this.file = file
    this.checksum = addChecksum(0, firstFrame.readUInt32LE(FRAME_CHECKSUM))
  }

  take({ bytes, bodyStart, bodyEnd, flags }: FrameReader): void {
    const isPart = (flags & FrameFlag.PART) !== 0
    if (isPart !== this.group.length > 0) this.group = []
    if (isPart && this.group.length === 0) return
    const body = Buffer.from(bytes.subarray(bodyStart, bodyEnd))
    const goesOn = (flags & FrameFlag.CONTINUES) !== 0
    if (!isPart && this.isEnd(body, goesOn)) return
    this.group.push(encodeFrame(body, this.file.seed, flags))
    if (goesOn) return
    // Only now its value is complete.
    if (isPart) this.noteItem()
    for (const frame of this.group.splice(0)) this.write(frame)
  }

  /** A frame was not sound: the following frames do not belong to a value that was open before. */
  leaveOpenValue(): void {
    this.group = []
  }

  /** A new end of the snapshot. */
  end(): void {
    const { known, itemCount, checksum, lengthByAge } = this
    const summary: Summary = { ...known, itemCount, checksum, lengthByAge }
    const value = encodeSummary(summary)
    this.write(
      encodeFrame(encodeRecord({ kind: RecordKind.END, version: known.version, value }), this.file.seed),
    )
  }

  /** Writes the reserved versions again: the record that had them may be lost. */
  reserve(): void {
    const version = this.known.version + RESERVED_AHEAD
    this.write(encodeFrame(encodeRecord({ kind: RecordKind.RESERVED, version }), this.file.seed))
  }

  private write(frame: Buffer): void {
    this.file.writeNow(frame)
    this.checksum = addChecksum(this.checksum, frame.readUInt32LE(FRAME_CHECKSUM))
    this.frameCount++
  }

  /** Records what is in a frame. True if it is the end of a snapshot. */
  private isEnd(body: Buffer, goesOn: boolean): boolean {
    const { record, known } = this
    for (let at = 0; at < body.length; ) {
      at = readRecord(body, at, body.length, goesOn, record)
      if (at === MALFORMED) return true
      if (record.kind === RecordKind.END) {
        const value = body.subarray(record.valueStart, record.valueStart + record.valueLength)
        const { version, flushBoundary, flushDueTime, time } = decodeSummary(value) ?? known
        Object.assign(known, { version, flushBoundary, flushDueTime, time })
        return true
      }
      if (record.kind !== RecordKind.FINISHED) known.version = Math.max(known.version, record.version)
      if (record.kind === RecordKind.STORED && !goesOn) this.noteItem()
    }
    return false
  }

  private noteItem(): void {
    const { record, known } = this
    this.itemCount++
    known.time = Math.max(known.time, record.accessTime)
    known.oldestAccess = Math.min(known.oldestAccess, record.accessTime)
    const length = record.keyLength + record.valueLength + INDEX_LENGTH_PER_ITEM
    this.lengthByAge[ageGroup(known.time - record.accessTime, record.frequency)]! += length
  }
}
