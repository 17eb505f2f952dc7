import { RecordKind } from './format.js'
import { encodeRecord, type JournalRecord } from './record.js'

/**
 * A journal that is completely on disk and will not be written any more. A later journal records that: from then on an
 * older file that ends earlier is damaged, and not torn by a crash.
 *
 *     journal-7 ── retired ── synced ─┐
 *     journal-8 ── records ───────────┴─ FINISHED: journal-7, its seed, its length ── records ──▶
 */
export interface FinishedJournal {
  readonly name: string
  /** A file that is written anew gets another seed, so records about the old file do not apply to it. */
  readonly seed: number
  readonly length: number
}

/** What was found of a journal. */
export interface FoundJournal {
  readonly name: string
  /** Undefined if not even its header is there. */
  readonly seed: number | undefined
  /** Where its last sound frame ends. */
  readonly length: number
}

/** The length is in the place of the version, the seed in that of the flags. */
export const encodeFinished = ({ name, seed, length }: FinishedJournal): Buffer =>
  encodeRecord({
    kind: RecordKind.FINISHED,
    version: length,
    clientFlags: seed,
    key: Buffer.from(name, 'latin1'),
  })

export const finishedOf = (record: JournalRecord, bytes: Buffer): FinishedJournal => ({
  name: bytes.toString('latin1', record.keyStart, record.keyStart + record.keyLength),
  seed: record.clientFlags >>> 0,
  length: record.version,
})

/** True if the journal was once longer on disk. */
export const lacksEnd = (found: FoundJournal, finished: readonly FinishedJournal[]): boolean =>
  finished.some(
    ({ name, seed, length }) => name === found.name && (found.seed ?? seed) === seed && found.length < length,
  )

export const LACKS_END = 'lacks its end, which was on disk before'
