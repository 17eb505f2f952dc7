import { RecordKind } from './format.js'
import { encodeRecord, type JournalRecord } from './record.js'

/**
 * A journal to which nothing more is written, all of it on disk. A later journal says so, once it is true: from then on a
 * file that ends before is damaged, and not one that a crash has cut off.
 *
 *     journal-7 ── retired ── synced ─┐
 *     journal-8 ── records ───────────┴─ FINISHED: journal-7, its seed, its length ── records ──▶
 */
export interface FinishedJournal {
  readonly name: string
  /** Whoever writes a file anew gives it another seed: what was said of the one before says nothing of it. */
  readonly seed: number
  readonly length: number
}

/** What was found of a journal. */
export interface FoundJournal {
  readonly name: string
  /** Undefined if not even its header is there. */
  readonly seed: number | undefined
  /** Where its sound frames end. */
  readonly length: number
}

/** The length stands where other records have a version, and the seed where they have flags. */
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

/** True when the journal was longer once, and on disk. */
export const lacksEnd = (found: FoundJournal, finished: readonly FinishedJournal[]): boolean =>
  finished.some(
    ({ name, seed, length }) => name === found.name && (found.seed ?? seed) === seed && found.length < length,
  )

export const LACKS_END = 'lacks its end, which had been on disk'
