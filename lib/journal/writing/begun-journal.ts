import type { Restoring } from '../../store/restoring.js'
import type { Store } from '../../store/store.js'
import { assertIsThere } from '../disk/directory-identity.js'
import { type Files, pathIn } from '../disk/files.js'
import { type FileHeader, journalName, NEW_SUFFIX, newSeed } from '../format/file-header.js'
import { encodeFinished, type FinishedJournal } from '../format/finished.js'
import { FileKind, RecordKind } from '../format/format.js'
import { encodeRecord } from '../format/record.js'
import { JournalFile } from './journal-file.js'

/**
 * The file of a journal with only the records that each begins with, all of it on disk. One thread may begin it and another
 * continue: at the start, files are created by a user with the permission, before there are threads to write to them.
 */
export interface BegunJournal {
  readonly generation: number
  readonly seed: number
  readonly length: number
  /** Versions of its worker are reserved up to here. */
  readonly reservedTo: number
  /** The latest flush, and the latest delayed one, that older files or this one record. */
  readonly flushBoundary: number
  readonly flushDueVersion: number
}

export interface BeginningParts {
  readonly files: Files
  readonly directory: string
  /** The identity of the directory; undefined if it cannot be replaced by another one. */
  readonly identity?: string | undefined
  readonly worker: number
  readonly store: Pick<Store, 'clock' | 'latestVersion'> & {
    readonly restoring: Pick<Restoring, 'flushBoundary' | 'flushDueVersion'>
  }
}

/**
 * The file gets its name when it is complete, and only in the directory of this identity. If another directory is in its place,
 * none of its files is named so: a file that was created there cannot be renamed here, nor the other way round.
 *
 * `promised` is how far versions have been reserved already. With `hasFlushed` the flush that became due meanwhile is
 * recorded. `finished` are older journals that are on disk.
 */
export async function beginJournal(
  parts: BeginningParts,
  generation: number,
  promised = 0,
  hasFlushed = false,
  finished: readonly FinishedJournal[] = [],
): Promise<BegunJournal> {
  const { worker, store } = parts
  const { flushBoundary, flushDueVersion } = store.restoring
  const reservedTo = Math.max(promised, store.latestVersion + RESERVED_AHEAD)
  const header: FileHeader = { kind: FileKind.JOURNAL, generation, worker, seed: newSeed() }
  const flushed = { kind: RecordKind.FLUSHED, version: flushBoundary }
  const records = [
    ...(hasFlushed ? [flushed] : []),
    { kind: RecordKind.TIME, version: 0, time: store.clock.now },
    { kind: RecordKind.RESERVED, version: reservedTo },
  ]
  const body = Buffer.concat([...records.map(encodeRecord), ...finished.map(encodeFinished)])
  const length = await createNamed(parts, header, body)
  return { generation, seed: header.seed, length, reservedTo, flushBoundary, flushDueVersion }
}

/** Returns the length of the file. */
async function createNamed(
  { files, directory, identity }: BeginningParts,
  header: FileHeader,
  body: Buffer,
): Promise<number> {
  const name = journalName(header.generation, header.worker)
  const path = pathIn(directory, name)
  try {
    // A failed attempt leaves no file, unless the removal fails too.
    await files.remove(path + NEW_SUFFIX)
    const file = await JournalFile.create(files, directory, name + NEW_SUFFIX, header, body)
    file.retire()
    if (identity !== undefined) await assertIsThere(files, directory, identity)
    await files.rename(path + NEW_SUFFIX, path)
    await files.syncDirectory(directory)
    return file.length
  } catch (error) {
    await files.remove(path + NEW_SUFFIX).catch(() => undefined)
    throw error
  }
}

/** Continues such a file. */
export function openJournal(
  { files, directory, worker }: Pick<BeginningParts, 'files' | 'directory' | 'worker'>,
  { generation, seed, length }: BegunJournal,
): Promise<JournalFile> {
  return JournalFile.open(files, directory, journalName(generation, worker), seed, length)
}

/** The file will not be continued. */
export function removeBegun(
  { files, directory, worker }: Pick<BeginningParts, 'files' | 'directory' | 'worker'>,
  { generation }: Pick<BegunJournal, 'generation'>,
): Promise<void> {
  return files.remove(pathIn(directory, journalName(generation, worker)))
}

/** Versions are reserved this far ahead: more are not used before the record is on disk. */
export const RESERVED_AHEAD = 2 ** 34
