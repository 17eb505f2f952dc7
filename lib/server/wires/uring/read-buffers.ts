import { IO_URING_REGISTER, putAddress, REGISTER_BUFFER_RING } from './layout.js'
import { Mapping } from './mapping.js'
import type { RingMemory } from './ring-memory.js'
import type { SystemCalls } from './system-calls.js'

/**
 * The buffers that the kernel reads into. It takes the next one when bytes have come, so a connection that waits for its client has
 * none. It writes to no other memory of clients.
 *
 *     ring   ┌────┬────┬────┬─ ─ ─┐    of the buffers that the kernel may take; the tail is in the first entry:
 *            │ 17 │  3 │  8 │     │    address (8 bytes), length (4), number (2), tail (2)
 *            └────┴────┴────┴─ ─ ─┘
 */
export class ReadBuffers {
  private readonly memory: RingMemory
  private readonly arenaAddress: number
  private readonly length: number
  private readonly mask: number
  private readonly ring: Mapping
  private readonly words: Int32Array
  private readonly halves: Uint16Array
  private tail = 0

  private constructor(system: SystemCalls, memory: RingMemory, arenaAddress: number, length: number) {
    const count = memory.readBufferCount
    this.memory = memory
    this.arenaAddress = arenaAddress
    this.length = length
    this.mask = count - 1
    this.ring = Mapping.anonymous(system, count * ENTRY_LENGTH)
    this.words = new Int32Array(this.ring.memory)
    this.halves = new Uint16Array(this.ring.memory)
  }

  /** Gives all buffers of the memory to the ring of this descriptor. Each read has at most `length` bytes. */
  static open(
    system: SystemCalls,
    fd: number,
    memory: RingMemory,
    arenaAddress: number,
    length: number,
  ): ReadBuffers {
    const count = memory.readBufferCount
    const buffers = new ReadBuffers(system, memory, arenaAddress, length)
    const isRegistered = Mapping.lend(system, REGISTRATION_LENGTH, ({ address }, registration) => {
      registration.setBigUint64(0, BigInt(buffers.ring.address), true)
      registration.setUint32(8, count, true)
      return system.callWith(IO_URING_REGISTER, fd, REGISTER_BUFFER_RING, address, 1) >= 0
    })
    if (!isRegistered) {
      buffers.close()
      throw new Error('this kernel has no rings of buffers')
    }
    for (let index = 0; index < count; index++) buffers.give(index)
    buffers.publish()
    return buffers
  }

  /** The bytes of the buffer have been used. */
  give(index: number): void {
    const entry = this.tail & this.mask
    const at = entry * (ENTRY_LENGTH / 4)
    putAddress(this.words, at, this.arenaAddress + this.memory.readBufferStart(index))
    this.words[at + 2] = this.length
    this.halves[entry * (ENTRY_LENGTH / 2) + 6] = index
    this.tail = (this.tail + 1) & 0xffff
  }

  /** The kernel may take the buffers that were given back. */
  publish(): void {
    Atomics.store(this.halves, TAIL_HALF, this.tail)
  }

  /** After the ring of queues is closed, and nothing is being read. */
  close(): void {
    this.ring.unmap()
  }
}

const ENTRY_LENGTH = 16
const REGISTRATION_LENGTH = 40
/** The place of the tail, in units of 16 bits. */
const TAIL_HALF = 7
