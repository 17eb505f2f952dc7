import type { Random } from '../support/random.js'

/** A stretch of a file that was written and may not be on the disk itself yet. */
interface Extent {
  readonly start: number
  readonly end: number
  /** A sync of it has failed: no other one can be relied on. */
  isDoubtful: boolean
}

/** How the disk treated what was not synced, when the power was lost. */
export const Loss = { NOTHING: 0, EVERYTHING: 1, TAIL: 2, SOME: 3, SECTORS: 4 } as const
export type Loss = (typeof Loss)[keyof typeof Loss]

const CAPACITY_MIN = 1024
/** The least that a disk writes as a whole. */
const SECTOR_LENGTH = 512

/** The content of a file, and what of it a loss of power may take. */
export class SimulatedFile {
  length = 0
  private bytes = Buffer.alloc(CAPACITY_MIN)
  /** In the order of their places. */
  private unsynced: Extent[] = []

  view(start: number, end: number): Buffer {
    return this.bytes.subarray(start, Math.min(end, this.length))
  }

  append(bytes: Uint8Array): void {
    const start = this.length
    this.reach(start + bytes.length)
    this.bytes.set(bytes, start)
    this.length = start + bytes.length
    if (bytes.length > 0) this.unsynced.push({ start, end: this.length, isDoubtful: false })
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length)
    this.unsynced = []
  }

  /** All that was there so far is on the disk. */
  secure(length: number): void {
    this.unsynced = this.unsynced.filter(({ end, isDoubtful }) => isDoubtful || end > length)
  }

  /** A sync of what was there so far has failed. */
  doubt(length: number): void {
    for (const extent of this.unsynced) if (extent.end <= length) extent.isDoubtful = true
  }

  /** A new process cannot know, and is let off: the next sync writes everything. */
  trust(): void {
    for (const extent of this.unsynced) extent.isDoubtful = false
  }

  /** What is left after a loss of power. */
  losePower(random: Random, loss: Loss): void {
    const { unsynced } = this
    if (unsynced.length === 0 || loss === Loss.NOTHING) return
    const lostFrom = loss === Loss.TAIL ? random.below(unsynced.length) : 0
    let length = unsynced[0]!.start
    for (const [index, extent] of unsynced.entries()) {
      const end = this.keptEnd(random, loss, extent, index < lostFrom)
      if (loss === Loss.TAIL && index > lostFrom) this.bytes.fill(0, extent.start, extent.end)
      else length = Math.max(length, end)
    }
    this.bytes.fill(0, length, this.length)
    this.length = length
    this.unsynced = []
  }

  /** Where the last byte of an extent ends that is kept, and zeros for those that are not. */
  private keptEnd(random: Random, loss: Loss, extent: Extent, isBeforeTail: boolean): number {
    const { start, end } = extent
    if (isBeforeTail) return end
    if (loss === Loss.EVERYTHING) return start
    if (loss === Loss.TAIL || loss === Loss.SOME) {
      // A write is kept in part only where nothing behind it is: else what is missing are sectors.
      const cut = loss === Loss.TAIL ? start + random.below(end - start) : start
      const keptEnd = loss === Loss.SOME && random.below(2) === 0 ? end : cut
      this.bytes.fill(0, keptEnd, end)
      return keptEnd
    }
    let keptEnd = start
    for (let sector = start - (start % SECTOR_LENGTH); sector < end; sector += SECTOR_LENGTH) {
      const [from, to] = [Math.max(start, sector), Math.min(end, sector + SECTOR_LENGTH)]
      if (random.below(2) === 0) keptEnd = to
      else this.bytes.fill(0, from, to)
    }
    return keptEnd
  }

  private reach(length: number): void {
    if (length <= this.bytes.length) return
    const grown = Buffer.alloc(Math.max(length, 4 * this.bytes.length))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }
}
