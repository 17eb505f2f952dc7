import { setImmediate as othersTurn } from 'node:timers/promises'

/**
 * Long work in slices: the thread may be that of a worker, whose clients are served between two slices.
 *
 *     while (…) {
 *       …
 *       if (slices.isOver) await slices.pause()
 *     }
 */
export class Slices {
  private beginMs = performance.now()

  get isOver(): boolean {
    return performance.now() - this.beginMs >= SLICE_MS
  }

  async pause(): Promise<void> {
    await othersTurn()
    this.beginMs = performance.now()
  }
}

/** A client with one request waits for so long: longer slices make lists hardly faster. */
const SLICE_MS = 0.25
