import type { Cleaning } from './cleaning/cleaning.js'
import type { PrefixSweep } from './cleaning/prefix-sweep.js'
import type { PrefixFlush } from './expiry/prefix-flushes.js'
import type { StoreParts } from './parts.js'
import type { Versions } from './version.js'

/** A memory whose items are restored. */
export interface RestoredMemory extends Pick<StoreParts, 'segments' | 'versions' | 'expiry'> {
  readonly cleaning: Cleaning
}

/** What is known about an item that is restored. */
export interface Past {
  readonly version: number
  /** Absolute seconds. */
  readonly accessTime: number
  /** How often it was read, as far as the counter goes. */
  readonly frequency: number
}

/**
 * State that is restored after a restart in addition to the items: which versions were used and which of them are dead, and
 * how the items were used. The writer of the state reads it here; recovery sets it here.
 */
export class Restoring {
  private readonly memories: readonly RestoredMemory[]
  /** What does not belong to one memory is read and set through the first. */
  private readonly first: RestoredMemory
  private readonly versions: Versions
  private readonly sweep: PrefixSweep

  constructor(memories: readonly [RestoredMemory, ...RestoredMemory[]], sweep: PrefixSweep) {
    this.sweep = sweep
    this.memories = memories
    this.first = memories[0]
    this.versions = this.first.versions
  }

  // ─── to be saved ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Every item up to this version is dead. */
  get flushBoundary(): number {
    return this.versions.boundary
  }

  /** When all items will be dead, in absolute seconds; 0: never. */
  get flushDueTime(): number {
    return this.first.expiry.dueTime
  }

  /** The version of that delayed flush; 0 if there was none since the start. */
  get flushDueVersion(): number {
    return this.first.expiry.dueVersion
  }

  /** The prefixes whose items are dead up to a version, and not buried yet. */
  get prefixFlushes(): readonly PrefixFlush[] {
    return this.first.expiry.prefixes.list()
  }

  /** The latest version of each worker: memory has all changes up to it. */
  get latestVersions(): number[] {
    return this.versions.latestOfEach
  }

  // ─── to be restored ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Items follow, until `end`. Memory that was nearly full when the items were saved is full to its last segment when they are
   * back: the cleaning that is done ahead for clients would evict items for which there is room.
   */
  begin(): void {
    for (const { cleaning } of this.memories) cleaning.keepsStep = false
  }

  end(): void {
    for (const { cleaning } of this.memories) cleaning.keepsStep = true
  }

  /** Versions up to this one are not used any more. */
  raiseVersion(version: number): void {
    this.versions.raise(version)
  }

  /** Every item up to this version is dead, and all will be at `dueTime`, unless that is 0. */
  restoreFlush(boundary: number, dueTime: number): void {
    this.first.expiry.restore(boundary, dueTime)
  }

  /** All items that were restored up to now are dead by such a boundary. */
  noteFlush(): void {
    for (const { segments } of this.memories) segments.pool.noteFlush()
  }

  /** Every item up to this version whose key begins so is dead. */
  restorePrefixFlush(start: number, length: number, version: number): void {
    const { expiry } = this.first
    if (expiry.restorePrefix(start, length, version)) return
    this.buryFlushed()
    expiry.restorePrefix(start, length, version)
  }

  /** Buries all items that flushes of prefixes have made dead. No worker may be running. */
  buryFlushed(): void {
    this.sweep.finish()
  }

  /** Items written from now on count as written at this time or before, so that older accesses can be stored. */
  writeAsOf(time: number): void {
    for (const { cleaning } of this.memories) cleaning.bornAtMost = time
  }

  /** Recovery is complete: a worker in another thread takes over this worker slot. */
  handOver(): void {
    for (const { cleaning } of this.memories) cleaning.rest()
  }
}

/** The use of an item that was just restored under the key with this hash. */
export function restoreUse(
  { index, items }: Pick<StoreParts, 'index' | 'items'>,
  hash: number,
  item: number,
  { accessTime, frequency }: Past,
): void {
  items.setAccessTime(item, accessTime)
  if (frequency === 0 || !index.findItem(hash, item)) return
  for (let hits = 0; hits < frequency; hits++) index.hitAt(index.slot)
}
