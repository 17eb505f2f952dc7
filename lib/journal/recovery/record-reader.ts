import type { Files } from '../disk/files.js'
import type { NamedFile } from '../format/file-header.js'
import { FILE_HEADER_LENGTH, FrameFlag } from '../format/format.js'
import { JournalRecord, MALFORMED, readRecord } from '../format/record.js'
import { type Ending, FrameReader } from './frame-reader.js'

/**
 * Reads the records of a file in order, from its frames. A long value follows its record in parts:
 *
 *     next ──▶ record, hasParts ──▶ nextPart ──▶ nextPart ──▶ … false ──▶ next
 *
 * A value with missing parts was never completed; then the file is torn at the beginning of its record.
 */
export class RecordReader {
  readonly record = new JournalRecord()
  readonly frames: FrameReader
  /** The record's value comes in parts. */
  hasParts = false
  /** The part that was read last, in `bytes`. */
  partStart = 0
  partEnd = 0
  recordCount = 0
  private cursor = 0
  private missingLength = 0
  private partialOffset = 0
  private isBroken = false

  constructor(files: Files, directory: string, named: NamedFile) {
    this.frames = new FrameReader(files, directory, named)
  }

  get bytes(): Buffer {
    return this.frames.bytes
  }

  /** How the file ends; known once `next` has returned false. */
  get ending(): Ending {
    const { ending } = this.frames
    return this.isBroken && ending.kind !== 'damaged' ? { kind: 'torn', offset: this.partialOffset } : ending
  }

  next(): boolean {
    while (this.missingLength > 0) if (!this.nextPart()) return false
    if (this.isBroken) return false
    const { frames } = this
    while (this.cursor === frames.bodyEnd) {
      if (!frames.next()) return false
      if (frames.flags & FrameFlag.PART) {
        frames.reject('has a part of a value where a record should be')
        return false
      }
      this.cursor = frames.bodyStart
    }
    const goesOn = (frames.flags & FrameFlag.CONTINUES) !== 0
    this.cursor = readRecord(frames.bytes, this.cursor, frames.bodyEnd, goesOn, this.record)
    if (this.cursor === MALFORMED) {
      this.cursor = frames.bodyEnd
      frames.reject('has an invalid record')
      return false
    }
    this.recordCount++
    this.hasParts = goesOn
    if (goesOn) {
      this.missingLength = this.record.valueLength
      this.partialOffset = frames.offset
      this.cursor = frames.bodyEnd
    }
    return true
  }

  /** Reads the next part of the record's value. False if there is none, or it is missing: then `isPartial` is true. */
  nextPart(): boolean {
    if (this.missingLength === 0) return false
    const { frames } = this
    const isThere = frames.next()
    const isPart = isThere && (frames.flags & FrameFlag.PART) !== 0
    if (isThere && !isPart) frames.reject('has a record where a part of a value should be')
    this.isBroken = !isPart
    this.cursor = frames.bodyEnd
    this.partStart = frames.bodyStart
    this.partEnd = frames.bodyStart + Math.min(this.missingLength, frames.bodyEnd - frames.bodyStart)
    this.missingLength = isPart ? this.missingLength - (this.partEnd - this.partStart) : 0
    return isPart
  }

  /** The value of the last record is incomplete. */
  get isPartial(): boolean {
    return this.isBroken
  }

  /** Starts again with the first record. */
  rewind(): void {
    this.frames.seek(FILE_HEADER_LENGTH)
    this.cursor = this.frames.bodyEnd
    this.recordCount = 0
  }

  close(): void {
    this.frames.close()
  }
}
