import { type Kernel, kernelOver } from './kernel.js'

/** Which of how many workers looks at an arena. */
export interface WorkerSlot {
  readonly worker: number
  readonly workerCount: number
}

/**
 * One shared block of memory. Everything that the server holds for its users lies in it, and is known by its offset.
 *
 *     0        16        64
 *     ┌────────┬─────────┬──────────┬──────────┬─ ─ ─┬──────┐
 *     │hash key│ unused  │ region 1 │ region 2 │     │ slack│
 *     └────────┴─────────┴──────────┴──────────┴─ ─ ─┴──────┘
 *
 * Regions are handed out once, at start-up, by `reserve`, and never given back. Every worker reserves the same ones in the
 * same order, so that all know where they lie; the first one sets them up. The memory is that of a
 * `WebAssembly.Memory`, because then the kernel reaches it; it is shared, because workers map it; it does not grow,
 * because a grown memory is a new buffer, and sockets hold on to the old one. Pages never touched cost no RSS.
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
  /** False for a view of an arena that another worker has made: what lies in its regions is set up already. */
  readonly isNew: boolean
  /** Whose view it is. */
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

  /** Makes an arena with room for regions of `byteLength` bytes in all, for so many workers: the first one's view. */
  static create(byteLength: number, workerCount = 1): Arena {
    const pages = Math.ceil((FIRST_REGION + byteLength + REGION_ALIGNMENT + SLACK) / PAGE_LENGTH)
    if (pages > PAGE_COUNT_MAX) throw new RangeError('an arena holds at most 4 GiB')
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    const arena = new Arena(memory, { worker: 0, workerCount }, true)
    // Not through `bytes`: getRandomValues refuses shared memory.
    arena.bytes.set(crypto.getRandomValues(new Uint8Array(HASH_KEY_LENGTH)), 0)
    return arena
  }

  /** Another worker's view of an arena. */
  static attach(memory: WebAssembly.Memory, workerSlot: WorkerSlot): Arena {
    return new Arena(memory, workerSlot, false)
  }

  /** Takes the next region. Its bytes are zero, and it begins at a multiple of `alignment`, a power of two. */
  reserve(byteLength: number, alignment = CACHE_LINE_LENGTH): number {
    const start = Math.ceil(this.reservedEnd / alignment) * alignment
    if (start + byteLength + SLACK > this.byteLength)
      throw new RangeError('the arena has no such region left')
    this.reservedEnd = start + byteLength
    return start
  }

  /** A Buffer over a stretch of the arena, for sockets. It allocates: not for the path of a request. */
  view(start: number, end: number): Buffer {
    return this.bytes.subarray(start, end)
  }
}

/** What two workers write should not share one. */
export const CACHE_LINE_LENGTH = 64

const PAGE_LENGTH = 65536
const PAGE_COUNT_MAX = 65536
const HASH_KEY_LENGTH = 16
const FIRST_REGION = 64
/** The largest alignment that a region asks for: room for one such step is added to what `create` is told. */
const REGION_ALIGNMENT = 1 << 20
/** The kernel reads behind the last byte it was asked for: up to 8, and a key's length where another worker writes. */
const SLACK = 512
