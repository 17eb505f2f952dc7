import { bridgeBetween } from './bridge.js'
import { ADDRESS_STEP, moveBetween, moveInto, numberOf } from './item-memory.js'
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
  /** The address of its first byte; 0, except for an item memory. */
  readonly base: number
  /** The same memory as bytes, as 32-bit words, and as doubles. */
  readonly bytes: Buffer
  readonly words: Int32Array
  readonly doubles: Float64Array
  /** Takes addresses, which are offsets if there are no item memories. In an item memory: takes its own offsets. */
  readonly move: Kernel['move']
  readonly equal: Kernel['equal']
  readonly hash: Kernel['hash']
  /** From an address in it, or in the arena of an item memory, to an offset. */
  readonly moveIn: Kernel['move']
  /** From an offset to one in the arena. */
  readonly moveOut: Kernel['move']
  /** The second range, or the only one, is in the arena. */
  readonly equalKey: Kernel['equal']
  readonly hashKey: Kernel['hash']
  readonly leaseStripe: Kernel['leaseStripe']
  readonly claimStripe: Kernel['claimStripe']
  readonly giveBack: Kernel['giveBack']
  /** False for a view of an arena that another worker has made: its regions are initialized already. */
  readonly isNew: boolean
  /** The worker of this view. */
  readonly workerSlot: WorkerSlot
  /** Memories for items, with regions of their own; none if items are in the arena itself. */
  readonly itemMemories: readonly Arena[]
  private reservedEnd = FIRST_REGION

  private constructor(
    memory: WebAssembly.Memory,
    workerSlot: WorkerSlot,
    isNew: boolean,
    itemMemories: readonly WebAssembly.Memory[] = [],
    host?: Arena,
    base = 0,
  ) {
    this.memory = memory
    this.workerSlot = workerSlot
    this.isNew = isNew
    this.base = base
    this.byteLength = memory.buffer.byteLength
    this.bytes = Buffer.from(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.doubles = new Float64Array(memory.buffer)
    const kernel = kernelOver(memory)
    const bridge = host && bridgeBetween(host.memory, memory)
    this.equal = kernel.equal
    this.hash = kernel.hash
    this.moveIn = bridge === undefined ? kernel.move : moveInto(kernel.move, bridge.moveIn)
    this.moveOut = bridge?.moveOut ?? kernel.move
    this.equalKey = bridge?.equal ?? kernel.equal
    this.hashKey = host?.hash ?? kernel.hash
    this.leaseStripe = kernel.leaseStripe
    this.claimStripe = kernel.claimStripe
    this.giveBack = kernel.giveBack
    this.itemMemories = itemMemories.map(
      (items, index) => new Arena(items, workerSlot, isNew, [], this, (index + 1) * ADDRESS_STEP),
    )
    this.move = itemMemories.length === 0 ? kernel.move : moveBetween(kernel.move, this.itemMemories)
  }

  /**
   * Makes an arena with room for regions of `byteLength` bytes in all, for this many workers: the first one's view. With item
   * memories that have room for regions of these lengths.
   */
  static create(byteLength: number, workerCount = 1, itemLengths: readonly number[] = []): Arena {
    const memories = [byteLength, ...itemLengths].map(memoryFor)
    const [memory, ...itemMemories] = memories as [WebAssembly.Memory, ...WebAssembly.Memory[]]
    const arena = new Arena(memory, { worker: 0, workerCount }, true, itemMemories)
    // Not into `bytes`: getRandomValues refuses shared memory.
    const hashKey = new Uint8Array(HASH_KEY_LENGTH)
    randomSource.fill(hashKey)
    for (const { bytes } of [arena, ...arena.itemMemories]) bytes.set(hashKey, 0)
    return arena
  }

  /** The most that regions may have in all. */
  static get lengthMax(): number {
    return PAGE_COUNT_MAX * PAGE_LENGTH - OVERHEAD
  }

  /** Another worker's view of an arena. */
  static attach(
    memory: WebAssembly.Memory,
    workerSlot: WorkerSlot,
    itemMemories: readonly WebAssembly.Memory[] = [],
  ): Arena {
    return new Arena(memory, workerSlot, false, itemMemories)
  }

  /** Allocates the next region. Its bytes are zero, and it begins at a multiple of `alignment`, a power of two. */
  reserve(byteLength: number, alignment = CACHE_LINE_LENGTH): number {
    const start = Math.ceil(this.reservedEnd / alignment) * alignment
    if (start + byteLength + SLACK > this.byteLength)
      throw new RangeError('the arena has no such region left')
    this.reservedEnd = start + byteLength
    return start
  }

  /** A Buffer over a range between two addresses, for sockets. It allocates: not for the path of a request. */
  view(start: number, end: number): Buffer {
    if (start < ADDRESS_STEP) return this.bytes.subarray(start, end)
    const { bytes, base } = this.itemMemories[numberOf(start) - 1]!
    return bytes.subarray(start - base, end - base)
  }
}

function memoryFor(byteLength: number): WebAssembly.Memory {
  const pages = pageCountFor(byteLength)
  if (byteLength > Arena.lengthMax) throw new RangeError('an arena holds at most 4 GiB')
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

const pageCountFor = (byteLength: number): number => Math.ceil((byteLength + OVERHEAD) / PAGE_LENGTH)

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
const OVERHEAD = FIRST_REGION + REGION_ALIGNMENT + SLACK
