import type { Index } from './index/index.js'
import type { Segments } from './segments/segments.js'
import { liveLengthOf, oldestTimeOf } from './segments/totals.js'

/** The parts of a memory that are counted. */
export interface CountedMemory {
  readonly segments: Segments
  readonly index: Index
}

/** What statistics say of the memory of a store: sums over all memories that hold its items. */
export class Figures {
  private readonly memories: readonly CountedMemory[]

  constructor(memories: readonly CountedMemory[]) {
    this.memories = memories
  }

  get memoryCount(): number {
    return this.memories.length
  }

  /** In one of the memories less than this share of the segments is free. */
  isShort(share: number): boolean {
    return this.memories.some(({ segments }) => segments.freeCount < segments.poolCount * share)
  }

  get itemCount(): number {
    return this.sum(({ index }) => index.itemCount)
  }

  /** Bytes of all items that are in memory; dead ones count until they are found. */
  get liveLength(): number {
    return this.sum(({ segments }) => liveLengthOf(segments))
  }

  /** When the oldest segment that holds items was opened, or `now`, in absolute seconds. */
  oldestTime(now: number): number {
    return this.memories.reduce((oldest, { segments }) => oldestTimeOf(segments, oldest), now)
  }

  /** Of each segment: it is the same in all memories. */
  get segmentLength(): number {
    return this.memories[0]!.segments.segmentLength
  }

  /** Segments that are free or in use. */
  get segmentCount(): number {
    return this.sum(({ segments }) => segments.poolCount)
  }

  get freeSegmentCount(): number {
    return this.sum(({ segments }) => segments.freeCount)
  }

  get indexSegmentCount(): number {
    return this.sum(({ index }) => index.segmentCount)
  }

  get indexLength(): number {
    return this.sum(({ index }) => index.byteLength)
  }

  /** The size of the index in memcached's terms: a table of 2 to this power. */
  get hashPower(): number {
    const [{ index }, ...others] = this.memories as [CountedMemory, ...CountedMemory[]]
    return index.power + Math.floor(Math.log2(1 + others.length))
  }

  private sum(count: (memory: CountedMemory) => number): number {
    return this.memories.reduce((sum, memory) => sum + count(memory), 0)
  }
}
