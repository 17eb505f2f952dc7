import type { Arena } from '../../arena/arena.js'
import { Counter } from '../../metrics/counters.js'
import type { Store } from '../../store/store.js'
import { type Contents, inspect } from '../directory/directory.js'
import { type Files, pathIn } from '../disk/files.js'
import { type FinishedJournal, type FoundJournal, LACKS_END, lacksEnd } from '../format/finished.js'
import { RecordKind } from '../format/format.js'
import type { JournalRecord } from '../format/record.js'
import { settled } from '../writing/journal-file.js'
import { Chain, DamageError } from './chain.js'
import { Restorer } from './restorer.js'
import { Scratch } from './scratch.js'
import { SnapshotReader } from './snapshot-reader.js'

/** What recovery found. */
export interface Recovered {
  readonly contents: Contents
  readonly itemCount: number
  readonly recordCount: number
  /** Bytes read. */
  readonly byteLength: number
  /** The part of them in journals that the next snapshot replaces. */
  readonly journalLength: number
  readonly milliseconds: number
  /** Torn ends of files, which were cut off. */
  readonly torn: readonly { readonly name: string; readonly offset: number; readonly length: number }[]
  /** The journals that were found, now on disk: the next journals record that. */
  readonly finished: readonly FinishedJournal[]
  /** How many items were left out because memory had no room for them, or were evicted for others. */
  readonly leftOutCount: number
  /** A flush became due while no server ran. */
  readonly hasFlushed: boolean
  /** Items were removed that have expired by the clock of an earlier server, and not by the present one. */
  readonly wasClockAhead: boolean
}

export interface RecoveryParts {
  readonly files: Files
  readonly directory: string
  readonly arena: Arena
  /** `Scratch.LENGTH` bytes of the arena. */
  readonly scratch: number
  readonly store: Store
}

/**
 * Restores the contents of a directory: the newest snapshot first, then the journals after it, in the order of versions.
 *
 *     snapshot ─────────────────────▶ ┐
 *     journals of worker 0 ──▶ ┐      ├──▶ store
 *     journals of worker 1 ──▶ ┴ ───▶ ┘
 *                             the lowest version first
 *
 * Each worker's versions rise, so this is the order of the changes to each key, and only the store's item has to be compared.
 * A snapshot may have changes that the journals have too: these are older than the store's item, or the same, and are
 * skipped. Throws a sentence, and changes nothing on the disk, if something is damaged.
 */
export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const { files, directory, store } = parts
  const begunMs = performance.now()
  const contents = inspect(files, directory)
  const restorer = new Restorer(parts.arena, new Scratch(parts.arena, parts.scratch), store)
  const chains = contents.chains.map((files_) => new Chain(files, directory, files_))
  const snapshotLength = replay(parts, contents, chains, restorer)
  const found = chains.flatMap((chain) => chain.found)
  const known = chains.flatMap((chain) => chain.finished)
  const cutOff = found.find((each) => lacksEnd(each, known))
  if (cutOff !== undefined)
    throw new DamageError(directory, cutOff.name, { offset: cutOff.length, reason: LACKS_END })
  restorer.finish(latestTimeOf(chains))
  const { hasFlushed, wasClockAhead } = restorer
  store.restoring.raiseVersion(Math.max(restorer.version, ...chains.map(({ version }) => version)))
  const leftOutCount = restorer.leftOutCount + store.counters.read(Counter.evictions)
  store.counters.reset()
  const torn = chains.flatMap((chain) => chain.torn)
  for (const { name, offset } of torn) {
    if (offset === 0) await files.remove(pathIn(directory, name))
    else files.truncate(pathIn(directory, name), offset)
  }
  const left = inspect(files, directory)
  await syncAll(parts, left)
  for (const name of contents.leftovers) await files.remove(pathIn(directory, name))
  const journalLength = chains.reduce((sum, chain) => sum + chain.byteLength, 0)
  return {
    // Without files that a crash had left empty: if there are no others, the first generation begins again.
    contents: { ...contents, nextGeneration: left.nextGeneration },
    itemCount: store.itemCount,
    recordCount: restorer.recordCount,
    byteLength: snapshotLength + journalLength,
    journalLength,
    milliseconds: Math.round(performance.now() - begunMs),
    torn,
    finished: found.filter(isFinished),
    leftOutCount,
    hasFlushed,
    wasClockAhead,
  }
}

/**
 * A killed server may have left data in the kernel only. From now on clients see it, and their changes depend
 * on it: so it has to be on disk first.
 */
async function syncAll({ files, directory }: RecoveryParts, { chains }: Contents): Promise<void> {
  for (const { name } of chains.flat()) {
    const file = await files.append(pathIn(directory, name))
    try {
      await settled((done) => file.sync(done))
    } finally {
      file.close()
    }
  }
  // Before older files are removed: the snapshot's rename may not be on disk yet.
  await files.syncDirectory(directory)
}

/** Applies all records: those of the snapshot, then those of the chains. Returns the length of the snapshot. */
function replay(
  { files, directory }: RecoveryParts,
  { snapshot }: Contents,
  chains: readonly Chain[],
  restorer: Restorer,
): number {
  try {
    const open = chains.filter((chain) => chain.next())
    restorer.showTime(earliestTimeOf(open))
    const length =
      snapshot === undefined ? 0 : new SnapshotReader(files, directory, snapshot).restore(restorer)
    merge(open, restorer)
    return length
  } finally {
    for (const chain of chains) chain.close()
  }
}

/**
 * The clock of the last server. Its journals are the newest: those of workers that it did not have may be of an earlier server,
 * whose clock was ahead.
 */
function latestTimeOf(chains: readonly Chain[]): number {
  const newest = Math.max(0, ...chains.map(({ generation }) => generation))
  return Math.max(0, ...chains.map(({ generation, time }) => (generation === newest ? time : 0)))
}

const isFinished = (found: FoundJournal): found is FinishedJournal => found.seed !== undefined

/** Applies the records of all chains, the lowest version first. Each chain is at its first record. */
function merge(chains: readonly Chain[], restorer: Restorer): void {
  let open = chains
  while (open.length > 0) {
    const chain = open.length === 1 ? open[0]! : lowest(open)
    const { earliestTime } = chain
    if (!restorer.hasSeen(chain.worker, chain.reader.record)) restorer.apply(chain.reader)
    const goesOn = chain.next()
    if (!goesOn) open = open.filter((other) => other !== chain)
    if (!goesOn || chain.earliestTime !== earliestTime) restorer.showTime(earliestTimeOf(open))
  }
}

/** All remaining records were written at this time or later. */
const earliestTimeOf = (open: readonly Chain[]): number =>
  Math.min(...open.map((chain) => chain.earliestTime))

function lowest(chains: readonly Chain[]): Chain {
  let found = chains[0]!
  for (const chain of chains) {
    if (isBefore(chain.reader.record, found.reader.record)) found = chain
  }
  return found
}

/** A flush of all items has the version of the latest change before it, and follows that. */
function isBefore(one: JournalRecord, other: JournalRecord): boolean {
  if (one.version !== other.version) return one.version < other.version
  return one.kind !== RecordKind.FLUSHED && other.kind === RecordKind.FLUSHED
}
