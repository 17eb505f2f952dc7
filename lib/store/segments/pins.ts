import type { Arena } from '../../arena/arena.js'
import type { Segments } from './segments.js'

/** A memory, as far as its bytes are pinned. */
export interface PinnedMemory {
  readonly arena: Pick<Arena, 'base'>
  readonly segments: Segments
}

/** Bytes that are read in place: they do not change until they are unpinned, whatever happens to their item. */
export class Pins {
  private readonly memories: readonly PinnedMemory[]
  private readonly first: PinnedMemory

  /** The memories are in the order of their addresses. */
  constructor(memories: readonly [PinnedMemory, ...PinnedMemory[]]) {
    this.memories = memories
    this.first = memories[0]
  }

  /** Pins the bytes at this address. */
  pin(start: number): void {
    const { arena, segments } = this.memoryOf(start)
    segments.pin(segments.of((start - arena.base) / 4))
  }

  unpin(start: number): void {
    const { arena, segments } = this.memoryOf(start)
    const segment = segments.of((start - arena.base) / 4)
    segments.unpin(segment)
    segments.freeIfEmpty(segment)
  }

  /** As `unpin`, without waiting for a lock: a segment without live items is found when room is made. */
  unpinOnlooking(start: number): void {
    const { arena, segments } = this.memoryOf(start)
    segments.unpin(segments.of((start - arena.base) / 4))
  }

  /** Readers may pin a quarter of all segments. Segments that hold arriving values have a limit of their own. */
  get mayPin(): boolean {
    return this.memories.every(({ segments }) => {
      const { pinnedCount, arrivingCount, memberCount } = segments.pool
      return pinnedCount - arrivingCount < Math.max(1, memberCount >>> 2)
    })
  }

  private memoryOf(start: number): PinnedMemory {
    return this.memories.findLast(({ arena }) => arena.base <= start) ?? this.first
  }
}
