import type { Files } from '../disk/files.js'
import type { NamedFile } from '../format/file-header.js'
import { FILE_HEADER_LENGTH, FRAME_HEADER_LENGTH, RECORD_FIXED_LENGTH, RecordKind } from '../format/format.js'
import { decodeSummary, SUMMARY_LENGTH, type Summary } from '../format/summary.js'
import { DamageError } from './chain.js'
import { RecordReader } from './record-reader.js'
import type { Restorer } from './restorer.js'

/** Reads a snapshot, which is valid only if it is complete. */
export class SnapshotReader {
  private readonly reader: RecordReader
  private readonly directory: string

  constructor(files: Files, directory: string, named: NamedFile) {
    this.directory = directory
    this.reader = new RecordReader(files, directory, named)
  }

  /** Returns how many bytes it read. */
  restore(restorer: Restorer): number {
    const { reader } = this
    try {
      restorer.begin(this.summaryAtEnd())
      while (reader.next()) {
        const { kind, time, version } = reader.record
        if (kind === RecordKind.STORED || kind === RecordKind.PREFIX_FLUSHED) restorer.apply(reader)
        else if (kind === RecordKind.CLOSED) restorer.noteSeen(time - 1, version)
      }
      restorer.endSnapshot(this.check())
      return reader.frames.length
    } finally {
      reader.close()
    }
  }

  /** The end of a snapshot has a fixed length, so it can be read first. */
  private summaryAtEnd(): Summary {
    const { frames } = this.reader
    frames.seek(Math.max(FILE_HEADER_LENGTH, frames.length - END_FRAME_LENGTH))
    const summary = this.reader.next() ? summaryOf(this.reader) : undefined
    this.reader.rewind()
    return summary ?? this.summaryBehindAll()
  }

  /** If the end is not sound, all frames before it have to be read to find where the damage begins. */
  private summaryBehindAll(): Summary {
    while (this.reader.next());
    const summary = this.check()
    this.reader.rewind()
    return summary
  }

  /** At the end of the file: checks that it is the end of a snapshot, and that all counted items were there. */
  private check(): Summary {
    const { reader } = this
    const { ending } = reader
    if (ending.kind === 'damaged') this.fail(ending.offset, ending.reason)
    if (ending.kind === 'torn') this.fail(ending.offset, 'is damaged')
    const summary = summaryOf(reader)
    if (summary === undefined) this.fail(reader.frames.length, 'has no end')
    if (summary?.checksum !== reader.frames.checksumBefore) this.fail(reader.frames.length, 'lacks a part')
    return summary as Summary
  }

  private fail(offset: number, reason: string): void {
    throw new DamageError(this.directory, this.reader.frames.name, { offset, reason })
  }
}

export function summaryOf({ record, bytes }: RecordReader): Summary | undefined {
  if (record.kind !== RecordKind.END) return undefined
  return decodeSummary(bytes.subarray(record.valueStart, record.valueStart + record.valueLength))
}

/** The length of a frame with only the summary. */
const END_FRAME_LENGTH = FRAME_HEADER_LENGTH + RECORD_FIXED_LENGTH + 4 + SUMMARY_LENGTH
