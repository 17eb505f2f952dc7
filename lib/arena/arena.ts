import { type Kernel, kernelOver } from './kernel.js'
import { randomSource } from './random-source.js'

/** The number of a worker and the count of workers. */
export interface WorkerSlot {
  readonly worker: number
  readonly workerCount: number
}

/**
 * One shared block of memory with all data of clients. Places in it are offsets.
 *
 *     0        16        64
 *     ┌────────┬─────────┬──────────┬──────────┬─ ─ ─┬──────┐
 *     │hash key│ unused  │ region 1 │ region 2 │     │ slack│
 *     └────────┴─────────┴──────────┴──────────┴─ ─ ─┴──────┘
 *
 * Regions are allocated once, at start-up, by `reserve`, and never freed. Every worker reserves the same ones in the
 * same order, so all know their offsets; the first one initializes them. The memory is that of a
 * `WebAssembly.Memory`, because then the kernel can access it; it is shared, because workers map it; it does not grow,
 * because a grown memory is a new buffer, and sockets keep the old one. Pages never touched cost no RSS.
 */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly byteLength: number
  /** The same memory as bytes, as 32-bit words, and as doubles. */
  readonly bytes: Buffer
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly move: Kernel['move']
  readonly equal: Kernel['equal']
  readonly hash: Kernel['hash']
  readonly leaseStripe: Kernel['leaseStripe']
  readonly claimStripe: Kernel['claimStripe']
  readonly giveBack: Kernel['giveBack']
  /** False for a view of an arena that another worker has made: its regions are initialized already. */
  readonly isNew: boolean
  /** The worker of this view. */
  readonly workerSlot: WorkerSlot
  private reservedEnd = FIRST_REGION

  private constructor(memory: WebAssembly.Memory, workerSlot: WorkerSlot, isNew: boolean) {
    this.memory = memory
    this.workerSlot = workerSlot
    this.isNew = isNew
    this.byteLength = memory.buffer.byteLength
    this.bytes = Buffer.from(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.doubles = new Float64Array(memory.buffer)
    const kernel = kernelOver(memory)
    this.move = kernel.move
    this.equal = kernel.equal
    this.hash = kernel.hash
    this.leaseStripe = kernel.leaseStripe
    this.claimStripe = kernel.claimStripe
    this.giveBack = kernel.giveBack
  }

  /** Makes an arena with room for regions of `byteLength` bytes in all, for this many workers: the first one's view. */
  static create(byteLength: number, workerCount = 1): Arena {
    const pages = pageCountFor(byteLength)
    if (!Arena.canHold(byteLength)) throw new RangeError('an arena holds at most 4 GiB')
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    const arena = new Arena(memory, { worker: 0, workerCount }, true)
    // Not into `bytes`: getRandomValues refuses shared memory.
    const hashKey = new Uint8Array(HASH_KEY_LENGTH)
    randomSource.fill(hashKey)
    arena.bytes.set(hashKey, 0)
    return arena
  }

  /** Whether regions of `byteLength` bytes in all fit into one. */
  static canHold(byteLength: number): boolean {
    return pageCountFor(byteLength) <= PAGE_COUNT_MAX
  }

  /** Another worker's view of an arena. */
  static attach(memory: WebAssembly.Memory, workerSlot: WorkerSlot): Arena {
    return new Arena(memory, workerSlot, false)
  }

  /** Allocates the next region. Its bytes are zero, and it begins at a multiple of `alignment`, a power of two. */
  reserve(byteLength: number, alignment = CACHE_LINE_LENGTH): number {
    const start = Math.ceil(this.reservedEnd / alignment) * alignment
    if (start + byteLength + SLACK > this.byteLength)
      throw new RangeError('the arena has no such region left')
    this.reservedEnd = start + byteLength
    return start
  }

  /** A Buffer over a range of the arena, for sockets. It allocates: not for the path of a request. */
  view(start: number, end: number): Buffer {
    return this.bytes.subarray(start, end)
  }
}

const pageCountFor = (byteLength: number): number =>
  Math.ceil((FIRST_REGION + byteLength + REGION_ALIGNMENT + SLACK) / PAGE_LENGTH)

/** Words that two workers write should not share one. */
export const CACHE_LINE_LENGTH = 64

const PAGE_LENGTH = 65536
const PAGE_COUNT_MAX = 65536
const HASH_KEY_LENGTH = 16
const FIRST_REGION = 64
/** The largest alignment of a region: one such step is added to the length given to `create`. */
const REGION_ALIGNMENT = 1 << 20
/** The kernel reads beyond the last byte of its range: up to 8, and a key's length if another worker writes there. */
const SLACK = 512
