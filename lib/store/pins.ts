import type { Segments } from './segments.js'

/** Bytes that somebody reads from where they lie: they stay as they are until they are unpinned, whatever becomes of their item. */
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

  /** As `unpin`, without waiting for a lock: a segment without live items is left to those who look for such. */
  unpinOnlooking(start: number): void {
    this.segments.unpin(this.segments.of(start / 4))
  }

  /** Readers may hold a quarter of all segments. Those that hold arriving values have a bound of their own. */
  get mayPin(): boolean {
    const { pinnedCount, arrivingCount, memberCount } = this.segments.pool
    return pinnedCount - arrivingCount < Math.max(1, memberCount >>> 2)
  }
}
