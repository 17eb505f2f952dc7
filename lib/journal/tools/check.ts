import type { Files } from '../disk/files.js'
import { type NamedFile, NEW_SUFFIX, parseName } from '../format/file-header.js'
import { type FinishedJournal, finishedOf, LACKS_END, lacksEnd } from '../format/finished.js'
import { FileKind, RecordKind } from '../format/format.js'
import type { Ending } from '../recovery/frame-reader.js'
import { RecordReader } from '../recovery/record-reader.js'
import { summaryOf } from '../recovery/snapshot-reader.js'

/** The report about one file of a data directory. */
export interface FileReport {
  readonly name: string
  readonly length: number
  readonly recordCount: number
  /** Items stored in a snapshot or a journal. */
  readonly itemCount: number
  readonly versionMax: number
  readonly ending: Ending
  /** What it records about older journals. */
  readonly finished: readonly FinishedJournal[]
}

/** Reads every file of a directory and changes none. A foreign file has a report too: it is damage. */
export function check(files: Files, directory: string): FileReport[] {
  const names = files.list(directory).filter((name) => !name.endsWith(NEW_SUFFIX))
  const reports = names.sort().flatMap((name) => {
    const named = parseName(name)
    return named === undefined ? [] : [checkFile(files, directory, named)]
  })
  const finished = reports.flatMap((report) => report.finished)
  return reports.map((report) => ({ ...report, ending: endingAmong(report, finished) }))
}

function checkFile(
  files: Files,
  directory: string,
  named: NamedFile,
): FileReport & { seed: number | undefined } {
  const reader = new RecordReader(files, directory, named)
  const { frames, record } = reader
  const finished: FinishedJournal[] = []
  let [itemCount, versionMax] = [0, 0]
  while (reader.next()) {
    if (record.kind === RecordKind.FINISHED) {
      finished.push(finishedOf(record, reader.bytes))
      continue
    }
    if (record.kind === RecordKind.STORED) itemCount++
    if (record.kind !== RecordKind.RESERVED) versionMax = Math.max(versionMax, record.version)
  }
  const ending = named.kind === FileKind.SNAPSHOT ? endingOfSnapshot(reader) : reader.ending
  reader.close()
  return {
    name: named.name,
    seed: frames.header?.seed,
    length: frames.length,
    recordCount: reader.recordCount,
    itemCount,
    versionMax,
    ending,
    finished,
  }
}

/** How a file ends, including what other files record about it. */
function endingAmong(
  { name, seed, length, ending }: ReturnType<typeof checkFile>,
  finished: readonly FinishedJournal[],
): Ending {
  if (ending.kind === 'damaged') return ending
  const end = ending.kind === 'torn' ? ending.offset : length
  return lacksEnd({ name, seed, length: end }, finished)
    ? { kind: 'damaged', offset: end, reason: LACKS_END }
    : ending
}

/** A snapshot gets its name only when it is complete: any missing part is damage. */
function endingOfSnapshot(reader: RecordReader): Ending {
  const { ending, frames } = reader
  if (ending.kind === 'damaged') return ending
  if (ending.kind === 'torn') return { kind: 'damaged', offset: ending.offset, reason: 'is damaged' }
  const isWhole = summaryOf(reader)?.checksum === frames.checksumBefore
  return isWhole ? ending : { kind: 'damaged', offset: frames.length, reason: 'lacks a part' }
}
