import type { Random } from '../support/random.js'

/** A range of a file that was written and may not be on the disk itself yet. */
interface Extent {
  readonly start: number
  readonly end: number
  /** The rest of a write that was short. */
  readonly isRest: boolean
  /** A sync of it has failed: no later one is reliable. */
  isDoubtful: boolean
}

/** How the disk treated what was not synced, when the power was lost. */
export const Loss = { NOTHING: 0, EVERYTHING: 1, TAIL: 2, SOME: 3, SECTORS: 4, HEADERS: 5 } as const
export type Loss = (typeof Loss)[keyof typeof Loss]

const CAPACITY_MIN = 1024
/** The least that a disk writes as a whole. */
const SECTOR_LENGTH = 512
/** Of a write, these bytes have its length and checksum. */
const HEADER_LENGTH = 16

/** The content of a file, and what of it a loss of power may take. */
export class SimulatedFile {
  length = 0
  private bytes = Buffer.alloc(CAPACITY_MIN)
  /** In the order of their places. */
  private unsynced: Extent[] = []

  view(start: number, end: number): Buffer {
    return this.bytes.subarray(start, Math.min(end, this.length))
  }

  append(bytes: Uint8Array, isRest: boolean): void {
    const start = this.length
    this.reach(start + bytes.length)
    this.bytes.set(bytes, start)
    this.length = start + bytes.length
    if (bytes.length > 0) this.unsynced.push({ start, end: this.length, isRest, isDoubtful: false })
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

  /** A new process cannot know that: its next sync writes everything. */
  trust(): void {
    for (const extent of this.unsynced) extent.isDoubtful = false
  }

  /** What is left after a loss of power. */
  losePower(random: Random, loss: Loss): void {
    const { unsynced } = this
    this.unsynced = []
    if (unsynced.length === 0 || loss === Loss.NOTHING) return
    let length = unsynced[0]!.start
    if (loss === Loss.TAIL) length = cutTail(random, unsynced)
    else if (loss === Loss.SOME) length = this.loseSome(random, unsynced, length)
    else if (loss === Loss.SECTORS) length = this.loseSectors(random, unsynced, length)
    else if (loss === Loss.HEADERS) length = this.loseHeader(random, unsynced)
    this.bytes.fill(0, length, this.length)
    this.length = length
  }

  /** Everything is kept but the end of a sector, preferably of one that ends in the first bytes of a write. */
  private loseHeader(random: Random, unsynced: readonly Extent[]): number {
    const isCut = ({ start, end }: Extent): boolean => {
      const sectorEnd = sectorEndOf(start)
      return start + HEADER_LENGTH > sectorEnd && end > sectorEnd
    }
    const cut = unsynced.filter(isCut)
    const { start } = random.pick(cut.length > 0 ? cut : unsynced)
    this.bytes.fill(0, start, Math.min(this.length, sectorEndOf(start)))
    return this.length
  }

  /** Whole writes are missing, except those that share a sector with a later one that is there, or are its beginning. */
  private loseSome(random: Random, unsynced: readonly Extent[], length: number): number {
    let keptEnd = length
    let later: Extent | undefined
    for (const extent of unsynced.toReversed()) {
      const { start, end } = extent
      const isWithLater = later !== undefined && (later.isRest || sectorOf(later.start) === sectorOf(end - 1))
      const isKept = isWithLater || random.chance(0.5)
      if (isKept) keptEnd = Math.max(keptEnd, end)
      else this.bytes.fill(0, start, end)
      later = isKept ? extent : undefined
    }
    return keptEnd
  }

  /** Each sector that was written to has the content after one of its writes, or the old one. */
  private loseSectors(random: Random, unsynced: readonly Extent[], length: number): number {
    let keptEnd = length
    const wholeShare = random.pick([0, 0.9, 0.98])
    for (let sector = length - (length % SECTOR_LENGTH); sector < this.length; sector += SECTOR_LENGTH) {
      const sectorEnd = Math.min(this.length, sector + SECTOR_LENGTH)
      const ends = unsynced
        .filter(({ start, end }) => start < sectorEnd && end > sector)
        .map(({ end }) => end)
      // The content after the last write but one cuts a frame in two.
      const left = [Math.max(sector, length), ...ends].filter((end) => end < sectorEnd)
      const broken = random.chance(0.5) ? Math.max(...left) : random.pick([sectorEnd, ...left])
      const kept = random.chance(wholeShare) ? sectorEnd : broken
      this.bytes.fill(0, kept, sectorEnd)
      if (kept > sector) keptEnd = Math.max(keptEnd, kept)
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

const sectorEndOf = (offset: number): number => (sectorOf(offset) + 1) * SECTOR_LENGTH
const sectorOf = (offset: number): number => Math.floor(offset / SECTOR_LENGTH)

/** Cuts the file off somewhere. Returns its new end. */
function cutTail(random: Random, unsynced: readonly Extent[]): number {
  const { start, end } = random.pick(unsynced)
  return start + random.below(end - start + 1)
}
