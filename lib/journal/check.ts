import { type NamedFile, NEW_SUFFIX, parseName } from './file-header.js'
import type { Files } from './files.js'
import { FileKind, RecordKind } from './format.js'
import type { Ending } from './reader.js'
import { RecordReader } from './record-reader.js'
import { summaryOf } from './snapshot-reader.js'

/** What there is to know of one file of a data directory. */
export interface FileReport {
  readonly name: string
  readonly length: number
  readonly recordCount: number
  /** Items stored, of a snapshot or a journal. */
  readonly itemCount: number
  readonly versionMax: number
  readonly ending: Ending
}

/** Reads every file of a directory and changes none. What is not ours has a report too: it is damage. */
export function check(files: Files, directory: string): FileReport[] {
  const names = files.list(directory).filter((name) => !name.endsWith(NEW_SUFFIX))
  return names.sort().flatMap((name) => {
    const named = parseName(name)
    return named === undefined ? [] : [checkFile(files, directory, named)]
  })
}

export function checkFile(files: Files, directory: string, named: NamedFile): FileReport {
  const reader = new RecordReader(files, directory, named)
  const { frames, record } = reader
  let [itemCount, versionMax] = [0, 0]
  while (reader.next()) {
    if (record.kind === RecordKind.STORED) itemCount++
    if (record.kind !== RecordKind.RESERVED) versionMax = Math.max(versionMax, record.version)
  }
  const ending = named.kind === FileKind.SNAPSHOT ? endingOfSnapshot(reader) : reader.ending
  reader.close()
  return {
    name: named.name,
    length: frames.length,
    recordCount: reader.recordCount,
    itemCount,
    versionMax,
    ending,
  }
}

/** A snapshot has a name only once it is whole: whatever is missing is damage. */
function endingOfSnapshot(reader: RecordReader): Ending {
  const { ending, frames } = reader
  if (ending.kind === 'damaged') return ending
  if (ending.kind === 'torn') return { kind: 'damaged', offset: ending.offset, reason: 'is damaged' }
  const isWhole = summaryOf(reader)?.checksum === frames.checksumBefore
  return isWhole ? ending : { kind: 'damaged', offset: frames.length, reason: 'lacks a part' }
}
