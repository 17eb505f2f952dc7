import { BUCKET_COUNT } from '../../metrics/latency/buckets.js'
import type { AdminAccess } from '../../server/admin-access.js'
import { FIGURE_NAMES, readFigures, readLatency } from './figures.js'
import { SampleRing } from './ring.js'

/** The figures of the last hour, so that the page has them from before it was opened. */
export class History {
  private readonly access: AdminAccess
  private readonly ring = new SampleRing(FIGURE_NAMES.length + BUCKET_COUNT, SAMPLE_COUNT_MAX)
  private readonly timer: NodeJS.Timeout

  constructor(access: AdminAccess) {
    this.access = access
    this.timer = setInterval(() => this.takeSample(), SAMPLE_SECONDS * 1000)
    this.timer.unref()
  }

  /** The samples later than this time: the time, the figures, the buckets of latency. The last one is of this moment, and is not kept. */
  after(sinceMs: number): (Float64Array | number[])[] {
    return [...this.ring.after(sinceMs), [Date.now(), ...this.read()]]
  }

  close(): void {
    clearInterval(this.timer)
  }

  private takeSample(): void {
    if (this.access.isServing) this.ring.add(Date.now(), this.read())
  }

  private read(): number[] {
    return [...readFigures(this.access), ...readLatency(this.access)]
  }
}

export const SAMPLE_SECONDS = 10
const SAMPLE_COUNT_MAX = 3600 / SAMPLE_SECONDS
