import type { Files } from '../disk/files.js'
import type { NamedFile } from '../format/file-header.js'
import { type FinishedJournal, type FoundJournal, finishedOf } from '../format/finished.js'
import { RecordKind } from '../format/format.js'
import { RecordReader } from './record-reader.js'

/** The journals of one worker, read as one: their versions rise from the first record to the last. */
export class Chain {
  /** Is at the record that was read last. */
  reader!: RecordReader
  /** The time when that record was written, in absolute seconds. */
  time = 0
  /** Of the file that was opened last. */
  generation = 0
  /** No later version was used. */
  version = 0
  byteLength = 0
  readonly worker: number
  readonly torn: { name: string; offset: number; length: number }[] = []
  /** Its journals, as found. */
  readonly found: FoundJournal[] = []
  /** What they record about older journals, of any worker. */
  readonly finished: FinishedJournal[] = []
  private readonly files: Files
  private readonly directory: string
  private readonly waiting: NamedFile[]
  /** For each of these but the first of all, the earliest time at which it or a later one was begun: a clock may be set back. */
  private readonly begunTimes: number[] = []
  private isBegun = false
  private isOpen = false
  private reservedTo = 0

  constructor(files: Files, directory: string, chain: readonly NamedFile[]) {
    this.files = files
    this.directory = directory
    this.waiting = [...chain]
    for (const named of chain.slice(1).toReversed())
      this.begunTimes.unshift(Math.min(begunTimeOf(files, directory, named), this.begunTimes[0] ?? NEVER))
    this.worker = chain[0]!.worker
  }

  /** This record and all later ones were written at this time or later. */
  get earliestTime(): number {
    return Math.min(this.time, this.begunTimes[0] ?? NEVER)
  }

  /** Moves to the next record that changes something. False at the end of all files. */
  next(): boolean {
    while (this.isOpen || this.openNext()) {
      while (this.reader.next()) if (!this.isMark()) return true
      this.closeFile()
    }
    this.version = Math.max(this.version, this.reservedTo)
    return false
  }

  /** Closes the file that it is reading, if any. */
  close(): void {
    if (this.isOpen) this.reader.close()
    this.isOpen = false
  }

  /** Processes a record about the journal itself. */
  private isMark(): boolean {
    const { record } = this.reader
    switch (record.kind) {
      case RecordKind.TIME:
        this.time = record.time
        return true
      case RecordKind.RESERVED:
        this.reservedTo = record.version
        return true
      case RecordKind.CLOSED:
        this.reservedTo = 0
        this.version = Math.max(this.version, record.version)
        return true
      case RecordKind.FINISHED:
        this.finished.push(finishedOf(record, this.reader.bytes))
        return true
      default:
        return false
    }
  }

  private openNext(): boolean {
    const named = this.waiting.shift()
    if (named === undefined) return false
    if (this.isBegun) this.begunTimes.shift()
    this.isBegun = true
    this.reader = new RecordReader(this.files, this.directory, named)
    this.generation = named.generation
    this.isOpen = true
    return true
  }

  private closeFile(): void {
    const { frames, ending } = this.reader
    this.close()
    this.byteLength += frames.length
    if (ending.kind === 'damaged') throw new DamageError(this.directory, frames.name, ending)
    const end = ending.kind === 'torn' ? ending.offset : frames.length
    this.found.push({ name: frames.name, seed: frames.header?.seed, length: end })
    if (ending.kind === 'torn')
      this.torn.push({ name: frames.name, offset: end, length: frames.length - end })
  }
}

const NEVER = Number.POSITIVE_INFINITY

/** The time with which a journal begins, before or after a flush. One that a crash has cut off may have none. */
function begunTimeOf(files: Files, directory: string, named: NamedFile): number {
  const reader = new RecordReader(files, directory, named)
  try {
    for (let count = 0; count < 2 && reader.next(); count++)
      if (reader.record.kind === RecordKind.TIME) return reader.record.time
    return NEVER
  } finally {
    reader.close()
  }
}

/** A file that was complete once, and is not any more. */
export class DamageError extends Error {
  constructor(directory: string, name: string, { offset, reason }: { offset: number; reason: string }) {
    super(
      `${directory}: ${name} ${reason}, at byte ${offset}; nothing has been changed. ` +
        `"keepcached journal check ${directory}" has details, and "keepcached journal repair ${directory}" salvages the rest`,
    )
  }
}
