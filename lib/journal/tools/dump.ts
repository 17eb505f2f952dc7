import type { Files } from '../disk/files.js'
import { parseName } from '../format/file-header.js'
import { finishedOf } from '../format/finished.js'
import { Field, RecordKind } from '../format/format.js'
import type { JournalRecord } from '../format/record.js'
import { RecordReader } from '../recovery/record-reader.js'

/** A line for each record of a directory, file by file. */
export function* dump(files: Files, directory: string): Generator<string> {
  for (const name of files.list(directory).sort()) {
    const named = parseName(name)
    if (named === undefined) continue
    const reader = new RecordReader(files, directory, named)
    yield `${name}:`
    while (reader.next()) yield `  ${reader.frames.offset} ${describe(reader.record, reader.bytes)}`
    const { ending } = reader
    if (ending.kind !== 'whole') yield `  ${ending.offset} ${ending.kind}`
    reader.close()
  }
}

function describe(record: JournalRecord, bytes: Buffer): string {
  const { kind, fields, version, keyStart, keyLength } = record
  if (kind === RecordKind.FINISHED) {
    const { name, length } = finishedOf(record, bytes)
    return `${KIND_NAMES[kind]}, ${name}, ${length} bytes`
  }
  const parts = [KIND_NAMES[kind]!]
  if (version > 0) parts.push(`version ${version}`)
  if (keyLength > 0)
    parts.push(`key ${JSON.stringify(bytes.toString('latin1', keyStart, keyStart + keyLength))}`)
  if (fields & Field.VALUE_LENGTH) parts.push(`value ${record.valueLength} bytes`)
  if (fields & Field.CLIENT_FLAGS) parts.push(`flags ${record.clientFlags >>> 0}`)
  if (fields & Field.OWN_CAS) parts.push(`cas ${casOf(record)}`)
  if (fields & Field.STALE) parts.push('stale')
  if (fields & Field.TOKEN_SENT) parts.push('to be renewed')
  if (fields & Field.TIME) parts.push(`time ${record.time}`)
  if (fields & Field.ACCESS) parts.push(`read at ${record.accessTime}, ${record.frequency} times`)
  return parts.join(', ')
}

const casOf = ({ ownCasHigh, ownCasLow }: JournalRecord): bigint =>
  (BigInt(ownCasHigh >>> 0) << 32n) | BigInt(ownCasLow >>> 0)

const KIND_NAMES: Readonly<Record<RecordKind, string>> = {
  [RecordKind.STORED]: 'stored',
  [RecordKind.REMOVED]: 'removed',
  [RecordKind.TOUCHED]: 'touched',
  [RecordKind.FLUSHED]: 'flushed',
  [RecordKind.FLUSH_DUE]: 'flush due',
  [RecordKind.TIME]: 'time',
  [RecordKind.RESERVED]: 'reserved',
  [RecordKind.CLOSED]: 'closed',
  [RecordKind.END]: 'end',
  [RecordKind.FINISHED]: 'finished',
  [RecordKind.PREFIX_FLUSHED]: 'prefix flushed',
}
