import { putAddress, SEND_FLAGS } from './layout.js'
import { Mapping } from './mapping.js'
import type { SystemCalls } from './system-calls.js'

/**
 * Sends on sockets at once, as much as the kernel takes, with one message header for all connections of a worker:
 *
 *     header   ┌──────┬─────────────┬────────┬────────────┬─ ─ ─ ─ ─┐   pieces  ┌─────────┬────────┬─ ─ ─┐
 *              │ name │ name length │ pieces │ piece count│ control │           │ address │ length │     │
 *              └──────┴─────────────┴────────┴────────────┴─ ─ ─ ─ ─┘           └─────────┴────────┴─ ─ ─┘
 */
export class Message {
  private readonly system: SystemCalls
  private readonly mapping: Mapping
  private readonly words: Int32Array
  private readonly sendmsg: (fd: number, flags: number) => number
  /** Almost all replies are of one memory, the arena. */
  private lastMemory: ArrayBufferLike
  private lastAddress: number

  constructor(system: SystemCalls) {
    this.system = system
    this.mapping = Mapping.anonymous(system, PIECES_AT + PIECE_COUNT_MAX * PIECE_LENGTH)
    this.words = new Int32Array(this.mapping.memory)
    this.sendmsg = system.sender(this.mapping.address)
    putAddress(this.words, PIECES_WORD, this.mapping.address + PIECES_AT)
    this.lastMemory = this.mapping.memory
    this.lastAddress = this.mapping.address
  }

  /** Returns how many bytes the kernel has taken, or -1 if it has not taken any. */
  send(fd: number, bytes: Buffer): number {
    this.put(0, bytes)
    this.words[PIECE_COUNT_WORD] = 1
    return this.sendmsg(fd, SEND_FLAGS)
  }

  /** Likewise. It may stop between two pieces though the kernel would take more. */
  sendAll(fd: number, pieces: readonly Buffer[]): number {
    const count = Math.min(pieces.length, PIECE_COUNT_MAX)
    for (let index = 0; index < count; index++) this.put(index, pieces[index]!)
    this.words[PIECE_COUNT_WORD] = count
    return this.sendmsg(fd, SEND_FLAGS)
  }

  close(): void {
    this.mapping.unmap()
  }

  private put(index: number, bytes: Buffer): void {
    const memory = bytes.buffer
    if (memory !== this.lastMemory) {
      this.lastMemory = memory
      this.lastAddress = this.system.addressOf(memory)
    }
    const at = (PIECES_AT + index * PIECE_LENGTH) >>> 2
    putAddress(this.words, at, this.lastAddress + bytes.byteOffset)
    this.words[at + 2] = bytes.length
  }
}

const HEADER_LENGTH = 56
const PIECES_WORD = 4
const PIECE_COUNT_WORD = 6
const PIECES_AT = HEADER_LENGTH + 8
const PIECE_LENGTH = 16
const PIECE_COUNT_MAX = 64
