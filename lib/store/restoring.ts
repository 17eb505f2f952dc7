import type { Cleaning } from './cleaning.js'
import { Queue, queueOf } from './lanes.js'
import type { StoreParts } from './parts.js'
import type { Versions } from './version.js'

/** What an item that comes back had been before. */
export interface Past {
  readonly version: number
  /** Absolute seconds. */
  readonly accessTime: number
  /** How often it was read, as far as that was counted. */
  readonly frequency: number
}

/**
 * What comes back after a restart beside the items: which versions have been given away and which of them are dead, and
 * how the items were used. Whoever writes it down asks here; whoever reads it again tells it here.
 */
export class Restoring {
  private readonly parts: StoreParts
  private readonly versions: Versions
  private readonly cleaning: Cleaning

  constructor(parts: StoreParts, versions: Versions, cleaning: Cleaning) {
    this.parts = parts
    this.versions = versions
    this.cleaning = cleaning
  }

  // ─── to be written down ────────────────────────────────────────────────────────────────────────────────────────────

  /** Every item up to this version is dead. */
  get flushBoundary(): number {
    return this.versions.boundary
  }

  /** When all will be, in absolute seconds; 0 for never. */
  get flushDueTime(): number {
    return this.parts.expiry.dueTime
  }

  /** Which version asked for that; 0 when none did since the start. */
  get flushDueVersion(): number {
    return this.parts.expiry.dueVersion
  }

  /** The latest version of each worker: all that has been changed up to it is to be seen in memory. */
  get latestVersions(): number[] {
    return this.versions.latestOfEach
  }

  /** True of an item that has been asked for again after it was new. */
  isInMainQueue(item: number): boolean {
    const { segments } = this.parts
    return queueOf(segments.lane(segments.of(item))) === Queue.MAIN
  }

  // ─── to be told ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** No version up to this one is given away any more. */
  raiseVersion(version: number): void {
    this.versions.raise(version)
  }

  /** Every item up to this version is dead, and all will be at `dueTime`, if that is not 0. */
  restoreFlush(boundary: number, dueTime: number): void {
    this.parts.expiry.restore(boundary, dueTime)
  }

  /** What is written from now on counts as written at this time or before it, so that older accesses can be told. */
  writeAsOf(time: number): void {
    this.cleaning.bornAtMost = time
  }

  /** Everything is back: a worker in another thread goes on in this worker slot. */
  handOver(): void {
    this.cleaning.rest()
  }

  /** How an item was used that has just come back under the key with this hash. */
  restoreUse(hash: number, item: number, { accessTime, frequency }: Past): void {
    const { index, items } = this.parts
    items.setAccessTime(item, accessTime)
    if (frequency === 0 || !index.findItem(hash, item)) return
    for (let hits = 0; hits < frequency; hits++) index.hitAt(index.slot)
  }
}
