/**
 * How long the feed may work before the thread serves its clients again: a short while, or as long as others have taken since
 * the slice was asked for, if that is more.
 *
 *     ask ──▶ sockets, requests ──▶ measure ──▶ begin ──▶ work, until it is over ──▶ ask ──▶ …
 *
 * A client that sends one request waits for a short slice only. Clients that load the thread make changes, and the feed gets
 * enough time to keep up with them. The event loop does not wait after `ask`, so no idle time is counted.
 */
export class Slice {
  private askedMs = Number.POSITIVE_INFINITY
  private othersMs = 0
  private endMs = 0

  /** The feed wants to work in this round of the event loop. */
  ask(): void {
    this.askedMs = performance.now()
  }

  /** The round of the feed has come. Each of its tasks begins a slice of its own. */
  measure(): void {
    this.othersMs = Math.max(0, performance.now() - this.askedMs)
    this.askedMs = Number.POSITIVE_INFINITY
  }

  /** To list items, or to send. */
  begin(): void {
    this.beginWith(SLICE_MS_MIN)
  }

  /** To read changes, which others make at the same time. */
  beginReading(): void {
    this.beginWith(READING_MS_MIN)
  }

  private beginWith(msMin: number): void {
    const lengthMs = Math.min(SLICE_MS_MAX, Math.max(msMin, this.othersMs))
    this.endMs = performance.now() + lengthMs
  }

  get isOver(): boolean {
    return performance.now() >= this.endMs
  }
}

const SLICE_MS_MIN = 0.2
/** Subscribers that are behind must catch up, although other threads make changes all the time. */
const READING_MS_MIN = 1
const SLICE_MS_MAX = 2
