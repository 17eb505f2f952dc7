import type { Arena } from '../../../arena/arena.js'
import { READ_LENGTH } from '../../../request/limits.js'
import { RingRecord } from './ring-record.js'

/** What the user of a server wants of its rings. */
export interface RingWishes {
  /** The arena is to have large pages. */
  readonly largePages?: boolean
  /** The rings themselves: it matters where they cannot be used. */
  readonly isAskedFor?: boolean
}

/**
 * The memory that the kernel reads from and writes to for a ring: a region of the arena that nothing else uses. At its end is what
 * the ring has open.
 *
 *     region   ┌─ read buffer 0 ─┬─ read buffer 1 ─┬─ ─ ─┬─ replies to be sent ─┬─ record ─┐
 *              └─────────────────┴─────────────────┴─ ─ ─┴──────────────────────┴──────────┘
 */
export class RingMemory {
  readonly arena: Arena
  readonly wishes: RingWishes
  readonly readBufferCount: number
  /** Where replies begin, and end. */
  readonly repliesStart: number
  readonly repliesEnd: number
  /** Asking a Buffer for it is a call into the runtime. */
  private readonly arenaBuffer: ArrayBufferLike
  private readonly start: number
  private readonly regionStart: number

  /** Reserves the regions of all workers. */
  constructor(arena: Arena, wishes: RingWishes = {}, readBufferCount: number = READ_BUFFER_COUNT) {
    const { worker, workerCount } = arena.workerSlot
    const length = ownLength(readBufferCount)
    this.arena = arena
    this.arenaBuffer = arena.bytes.buffer
    this.wishes = wishes
    this.readBufferCount = readBufferCount
    this.regionStart = arena.reserve(workerCount * length, PAGE_LENGTH)
    this.start = this.regionStart + worker * length
    this.repliesStart = this.start + readBufferCount * STRIDE
    this.repliesEnd = this.repliesStart + REPLIES_LENGTH
  }

  static regionLength(workerCount: number, readBufferCount: number = READ_BUFFER_COUNT): number {
    return workerCount * ownLength(readBufferCount) + PAGE_LENGTH
  }

  readBufferStart(index: number): number {
    return this.start + index * STRIDE
  }

  /** Of the ring of any worker. */
  recordOf(worker: number): RingRecord {
    const length = ownLength(this.readBufferCount)
    return new RingRecord(this.arena, this.regionStart + (worker + 1) * length - RingRecord.LENGTH)
  }

  /** Whether the bytes are in the arena. Then `byteOffset` is their place. */
  isInArena(bytes: Buffer): boolean {
    return bytes.buffer === this.arenaBuffer
  }
}

const PAGE_LENGTH = 4096
/** Buffers whose beginnings are a power of two apart would share a few lines of the cache. */
const STRIDE = READ_LENGTH + 3 * 64
/** A power of two. A turn that needs more receives the rest in the next one. */
const READ_BUFFER_COUNT = 256
/** What a turn sends: 1,000 values of 256 bytes. A turn that sends more calls the kernel more often. */
const REPLIES_LENGTH = 256 * 1024

const ownLength = (readBufferCount: number): number =>
  Math.ceil((readBufferCount * STRIDE + REPLIES_LENGTH + RingRecord.LENGTH) / PAGE_LENGTH) * PAGE_LENGTH
