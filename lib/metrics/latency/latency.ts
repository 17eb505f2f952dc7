import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { BUCKET_COUNT, bucketOf } from './buckets.js'
import { LatencyFigures } from './latency-figures.js'
import { SERIES_COUNT } from './series.js'

/**
 * How long requests take, by command and outcome: for each worker a block of histograms in the arena that only it writes.
 * A reset writes nothing into them: it stores the sums of all workers as a baseline, as that of the counters does.
 *
 *     ┌──────────┬──────────┬─ ─┬──────────┐      a block        ┌────┬──────────┬──────────┬─ ─┐
 *     │ worker 0 │ worker 1 │   │ baseline │      for each       │ ms │ bucket 0 │ bucket 1 │   │
 *     └──────────┴──────────┴─ ─┴──────────┘      series:        └────┴──────────┴──────────┴─ ─┘
 *
 * A request is noted when it was executed, and recorded with all others of its batch, when their replies have been sent: so one look
 * at the clock is enough for a batch.
 */
export class Latency {
  private readonly doubles: Float64Array
  private readonly first: number
  private readonly own: number
  private readonly workerCount: number
  /** How many requests of the batch belong to each series, and the series that have any. */
  private readonly pending = new Int32Array(SERIES_COUNT)
  private readonly touched = new Uint8Array(SERIES_COUNT)
  private touchedCount = 0

  constructor(arena: Arena) {
    const { worker, workerCount } = arena.workerSlot
    this.doubles = arena.doubles
    this.workerCount = workerCount
    this.first = arena.reserve((workerCount + 1) * BLOCK_DOUBLES * 8) / 8
    this.own = this.first + worker * BLOCK_DOUBLES
  }

  static readonly regionLength = (workerCount: number): number =>
    (workerCount + 1) * BLOCK_DOUBLES * 8 + CACHE_LINE_LENGTH

  get isPending(): boolean {
    return this.touchedCount > 0
  }

  note(series: number): void {
    if (this.pending[series]!++ === 0) this.touched[this.touchedCount++] = series
  }

  /** All requests noted since the last call have taken this long. A program may have replaced its clock: no time is below 0. */
  record(measuredMs: number): void {
    const { doubles, pending, touched } = this
    const ms = Math.max(0, measuredMs)
    const bucket = bucketOf(ms)
    for (let index = 0; index < this.touchedCount; index++) {
      const series = touched[index]!
      const count = pending[series]!
      const histogram = this.own + series * SERIES_DOUBLES
      doubles[histogram] = doubles[histogram]! + ms * count
      doubles[histogram + 1 + bucket] = doubles[histogram + 1 + bucket]! + count
      pending[series] = 0
    }
    this.touchedCount = 0
  }

  /** The figures of each series that has any, of all workers, since the start or the last reset. */
  figures(): LatencyFigures[] {
    const figures: LatencyFigures[] = []
    for (let series = 0; series < SERIES_COUNT; series++) {
      const buckets: number[] = []
      for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) buckets.push(this.read(series, 1 + bucket))
      const found = new LatencyFigures(series, buckets, this.read(series, 0))
      if (found.count > 0) figures.push(found)
    }
    return figures
  }

  reset(): void {
    const baseline = this.first + this.workerCount * BLOCK_DOUBLES
    for (let index = 0; index < BLOCK_DOUBLES; index++) this.doubles[baseline + index] = this.sum(index)
  }

  private read(series: number, place: number): number {
    const index = series * SERIES_DOUBLES + place
    return this.sum(index) - this.doubles[this.first + this.workerCount * BLOCK_DOUBLES + index]!
  }

  private sum(index: number): number {
    let sum = 0
    for (let worker = 0; worker < this.workerCount; worker++)
      sum += this.doubles[this.first + worker * BLOCK_DOUBLES + index]!
    return sum
  }
}

/** The sum of all times, and the buckets. */
const SERIES_DOUBLES = 1 + BUCKET_COUNT
/** Whole cache lines, because each block has another writer. */
const BLOCK_DOUBLES =
  Math.ceil((SERIES_COUNT * SERIES_DOUBLES * 8) / CACHE_LINE_LENGTH) * (CACHE_LINE_LENGTH / 8)
