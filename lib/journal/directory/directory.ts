import { type Files, pathIn } from '../disk/files.js'
import { DAMAGED_SUFFIX, type NamedFile, NEW_SUFFIX, parseName, SPARE_NAME } from '../format/file-header.js'
import { FileKind } from '../format/format.js'
import { isLockName } from './lock-names.js'

/** The contents of a data directory. */
export interface Contents {
  /** The newest snapshot, from which recovery begins. */
  readonly snapshot: NamedFile | undefined
  /** The journals that follow it, those of each worker in the order of generations. */
  readonly chains: readonly (readonly NamedFile[])[]
  /** Files that are not needed any more, or were never completed. */
  readonly leftovers: readonly string[]
  /** Higher than the generation of any file. */
  readonly nextGeneration: number
}

/** Reads the names in a directory. Throws a sentence if a file is foreign, or one is missing. */
export function inspect(files: Files, directory: string): Contents {
  const names = files.list(directory).filter((name) => !isIgnored(name))
  const named = names.filter((name) => !name.endsWith(NEW_SUFFIX)).map((name) => nameOf(name, directory))
  const unfinished = names.filter((name) => name.endsWith(NEW_SUFFIX))
  for (const name of unfinished) nameOf(name.slice(0, -NEW_SUFFIX.length), directory)
  const snapshot = newest(named.filter(({ kind }) => kind === FileKind.SNAPSHOT))
  const first = snapshot?.generation ?? 0
  const journals = named.filter(({ kind, generation }) => kind === FileKind.JOURNAL && generation >= first)
  const needed = new Set(snapshot === undefined ? journals : [snapshot, ...journals])
  const oldest = Math.min(...journals.map(({ generation }) => generation))
  if (snapshot === undefined && journals.length > 0 && oldest > FIRST_GENERATION) {
    throw new Error(`${directory}: the snapshot before the journals of generation ${oldest} is missing`)
  }
  return {
    snapshot,
    chains: chainsOf(journals),
    leftovers: [...unfinished, ...named.filter((file) => !needed.has(file)).map(({ name }) => name)],
    nextGeneration: Math.max(FIRST_GENERATION - 1, ...named.map(({ generation }) => generation)) + 1,
  }
}

/** Whether a directory holds neither snapshots nor journals. Those that were never completed do not count. */
export function isBare(files: Files, directory: string): boolean {
  return files.list(directory).every((name) => parseName(name) === undefined)
}

/** Removes the files of earlier generations, also those that were never completed. */
export async function removeOlder(files: Files, directory: string, generation: number): Promise<void> {
  for (const name of files.list(directory)) {
    const named = parseName(name.endsWith(NEW_SUFFIX) ? name.slice(0, -NEW_SUFFIX.length) : name)
    if (named !== undefined && named.generation < generation) await files.remove(pathIn(directory, name))
  }
}

/**
 * Throws a sentence unless a server that had lost its directory may continue, after its own generation, in this
 * one. The server writes all items of memory there: so the directory may hold nothing that they would replace. Files that were
 * never completed may be there: those that the server began when the directory was replaced.
 */
export function assertCanGoOn(files: Files, directory: string, generation: number, isKnown: boolean): void {
  const names = files.list(directory).filter((name) => !isIgnored(name))
  if (!isKnown && names.some((name) => !isUnfinished(name)))
    throw new Error(`${directory}: another directory is in its place, with files`)
  const latest = Math.max(0, ...names.map((name) => parseName(name)?.generation ?? 0))
  if (latest > generation)
    throw new Error(`${directory}: another server has gone on in it, up to generation ${latest}`)
}

const isUnfinished = (name: string): boolean =>
  name.endsWith(NEW_SUFFIX) && parseName(name.slice(0, -NEW_SUFFIX.length)) !== undefined

const isIgnored = (name: string): boolean =>
  isLockName(name) || name === 'lost+found' || name === SPARE_NAME || name.endsWith(DAMAGED_SUFFIX)

function nameOf(name: string, directory: string): NamedFile {
  const named = parseName(name)
  if (named === undefined) {
    throw new Error(
      `${directory}: ${name} is not a file of keepcached; give a directory that holds nothing else`,
    )
  }
  return named
}

function newest(snapshots: readonly NamedFile[]): NamedFile | undefined {
  return snapshots.reduce<NamedFile | undefined>(
    (best, file) => (best === undefined || file.generation > best.generation ? file : best),
    undefined,
  )
}

function chainsOf(journals: readonly NamedFile[]): NamedFile[][] {
  const workers = [...new Set(journals.map(({ worker }) => worker))]
  return workers.map((worker) =>
    journals.filter((file) => file.worker === worker).sort((a, b) => a.generation - b.generation),
  )
}

const FIRST_GENERATION = 1
