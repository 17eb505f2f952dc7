import type { Pieces } from '../../lib/request/reply.js'
import type { Random } from '../support/random.js'
import { Finding } from './finding.js'
import type { SimulatedWorker } from './simulated-worker.js'

interface Reading {
  readonly expected: Buffer
  readonly starts: readonly number[]
  readonly lengths: readonly number[]
}

/** Shorter values are copied into replies. */
const PINNED_LENGTH_MIN = 256

/** Clients of a worker that take long values slowly: until they have one, it is pinned in the store. */
export class SlowReaders {
  private readonly worker: SimulatedWorker
  private readings: Reading[] = []

  constructor(worker: SimulatedWorker) {
    this.worker = worker
  }

  /** The value that has just been found, before it is released. */
  begin(value: Pieces, expected: Buffer): void {
    const { store } = this.worker
    if (expected.length < PINNED_LENGTH_MIN || !store.pins.mayPin) return
    const starts = [...value.starts.slice(0, value.count)]
    const lengths = [...value.lengths.slice(0, value.count)]
    for (const start of starts) store.pins.pin(start)
    this.readings.push({ expected, starts, lengths })
  }

  /** One of them has all of its value. */
  endOne(random: Random): void {
    const [reading] = this.readings.splice(random.below(this.readings.length), 1)
    if (reading !== undefined) this.end(reading)
  }

  endAll(): void {
    for (const reading of this.readings.splice(0)) this.end(reading)
  }

  private end({ expected, starts, lengths }: Reading): void {
    const { arena, store } = this.worker
    let done = 0
    for (const [index, start] of starts.entries()) {
      const end = start + lengths[index]!
      if (!arena.view(start, end).equals(expected.subarray(done, done + lengths[index]!)))
        throw new Finding('a value changes while a client takes it')
      done += lengths[index]!
      store.pins.unpin(start)
    }
  }
}
