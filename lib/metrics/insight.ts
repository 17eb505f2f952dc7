import type { Arena } from '../arena/arena.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { HotKeys, type SecondsClock } from './hot-keys/hot-keys.js'
import { Latency } from './latency/latency.js'
import { STATUS_BITS, seriesTable } from './latency/series.js'

/** The clock of the store. */
export interface InsightClock extends SecondsClock {
  /** When it was read for the batch, in milliseconds of a monotonic clock; and the same clock now. */
  readonly readMs: number
  steadyMs(): number
}

/** What the requests of a worker are observed for: how long they take, and which keys they are about. */
export class Insight {
  readonly latency: Latency
  readonly hotKeys: HotKeys
  private readonly clock: InsightClock
  private readonly series = seriesTable()
  /** How many more requests are executed until one is sampled. */
  private untilSample = 1
  private second: number

  /** `seed` makes the choice of samples repeatable. */
  constructor(arena: Arena, clock: InsightClock, delimiter: string, seed?: number) {
    this.clock = clock
    this.second = clock.now
    this.latency = new Latency(arena)
    this.hotKeys = new HotKeys(arena, clock, delimiter, seed)
  }

  static readonly regionLength = (workerCount: number): number =>
    Latency.regionLength(workerCount) + HotKeys.regionLength(workerCount)

  /** The clock was read for a batch of requests. */
  beginBatch(): void {
    if (this.clock.now !== this.second) this.passSeconds()
  }

  /** A request was executed. On the path of every request. */
  note(request: Request, reply: Reply): void {
    this.latency.note(this.series[(request.command << STATUS_BITS) | reply.status]!)
    if (--this.untilSample === 0) this.untilSample = this.hotKeys.sample(request, reply)
  }

  /** The replies to all requests noted since the clock was read are on their way. */
  endBatch(): void {
    if (this.latency.isPending) this.latency.record(this.clock.steadyMs() - this.clock.readMs)
  }

  reset(): void {
    this.latency.reset()
    this.hotKeys.reset()
  }

  private passSeconds(): void {
    const { now } = this.clock
    this.untilSample = this.hotKeys.passSeconds(Math.max(1, now - this.second)) ?? this.untilSample
    this.second = now
  }
}
