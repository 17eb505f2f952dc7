import type { Segments } from './segments.js'

/** Bytes that are read in place: they do not change until they are unpinned, whatever happens to their item. */
export class Pins {
  private readonly segments: Segments

  constructor(segments: Segments) {
    this.segments = segments
  }

  /** Pins the bytes at this offset. */
  pin(start: number): void {
    this.segments.pin(this.segments.of(start / 4))
  }

  unpin(start: number): void {
    const segment = this.segments.of(start / 4)
    this.segments.unpin(segment)
    this.segments.freeIfEmpty(segment)
  }

  /** As `unpin`, without waiting for a lock: a segment without live items is found when room is made. */
  unpinOnlooking(start: number): void {
    this.segments.unpin(this.segments.of(start / 4))
  }

  /** Readers may pin a quarter of all segments. Segments that hold arriving values have a limit of their own. */
  get mayPin(): boolean {
    const { pinnedCount, arrivingCount, memberCount } = this.segments.pool
    return pinnedCount - arrivingCount < Math.max(1, memberCount >>> 2)
  }
}
