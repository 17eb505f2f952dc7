import type { Arena } from '../../../arena/arena.js'
import type { Mapping } from './mapping.js'
import type { SystemCalls } from './system-calls.js'

const NUMBER_COUNT = 5

/**
 * What the ring of a worker has open, in its memory, where other threads find it. If its thread dies, the kernel keeps the ring, and
 * its connections with it, until another thread closes it.
 *
 *     number   0            1         2        3         4
 *             ┌────────────┬─────────┬────────┬─────────┬────────┐
 *             │ descriptor │ address │ length │ address │ length │     0 is no ring
 *             └────────────┴─────────┴────────┴─────────┴────────┘
 */
export class RingRecord {
  private readonly doubles: Float64Array
  private readonly start: number

  static readonly LENGTH = NUMBER_COUNT * Float64Array.BYTES_PER_ELEMENT

  constructor(arena: Arena, start: number) {
    this.doubles = arena.doubles
    this.start = start / Float64Array.BYTES_PER_ELEMENT
  }

  note(fd: number, queues: Mapping, entries: Mapping): void {
    this.doubles.set([fd, queues.address, queues.length, entries.address, entries.length], this.start)
  }

  get isOpen(): boolean {
    return this.doubles[this.start] !== 0
  }

  /** Only the thread of the ring may call this, or another after its end. */
  close(system: Pick<SystemCalls, 'close' | 'munmap'>): void {
    const [fd, ...mapped] = this.doubles.slice(this.start, this.start + NUMBER_COUNT)
    this.doubles[this.start] = 0
    system.close(fd!)
    for (let index = 0; index < mapped.length; index += 2) system.munmap(mapped[index]!, mapped[index + 1]!)
  }
}
