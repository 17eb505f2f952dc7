import { Input } from '../codecs/input.js'

/**
 * The received bytes of one connection, and the memory that they are read into.
 *
 * A plain socket reads into `readBuffer()`, as a rule again and again the same memory. Other sockets bring chunks of their
 * own: `add` takes a chunk as it is if nothing waits. Bytes are copied only if a message is cut: its begin moves to the
 * front of the memory, or into larger memory if the message is long.
 */
export class Inbox {
  readonly input = new Input(NO_BYTES)
  /** The memory for reading; it comes with the first need. */
  private own: Buffer = NO_BYTES
  /** Whether `input.bytes` is a chunk of the socket, which nothing is written to. */
  private isChunk = false
  /** What `readBuffer` returned last, and where in `input.bytes` it began. */
  private lastBuffer: Buffer = NO_BYTES
  private lastStart = 0
  private lastBytes: Buffer = NO_BYTES

  /** Where the socket reads the next bytes to. Afterwards, `input.end` is moved. */
  readBuffer(): Buffer {
    const { input } = this
    const missing = input.neededLength - (input.end - input.start)
    this.makeRoom(missing > 0 ? Math.min(missing, READ_LENGTH_MIN) : READ_LENGTH_MIN)
    const { bytes, end } = input
    if (end !== this.lastStart || bytes !== this.lastBytes) {
      this.lastBuffer = end === 0 ? bytes : bytes.subarray(end)
      this.lastBytes = bytes
      this.lastStart = end
    }
    return this.lastBuffer
  }

  /** Adds bytes that the socket brings in its own memory. */
  add(chunk: Buffer): void {
    const { input } = this
    if (input.start === input.end) {
      input.bytes = chunk
      input.start = 0
      input.end = chunk.length
      this.isChunk = true
      return
    }
    this.makeRoom(chunk.length)
    chunk.copy(input.bytes, input.end)
    input.end += chunk.length
  }

  /** Makes room for `length` bytes behind `input.end`. */
  private makeRoom(length: number): void {
    const { input } = this
    const heldLength = input.end - input.start
    // A peer that only says that its message is long gets memory as its bytes arrive.
    const promised = Math.min(input.neededLength, Math.max(2 * heldLength, PROMISE_LENGTH_MAX))
    const wanted = Math.max(heldLength + length, promised)
    if (heldLength === 0) {
      this.useOwn(wanted)
      return
    }
    const { bytes, start, end } = input
    if (!this.isChunk && bytes.length - end >= length && bytes.length - start >= wanted) return
    const source = bytes
    if (!this.isChunk && bytes.length >= wanted) bytes.copyWithin(0, start, end)
    else {
      const own = this.own.length >= wanted && bytes !== this.own
      input.bytes = own ? this.own : Buffer.allocUnsafeSlow(Math.max(wanted, 2 * heldLength, READ_LENGTH))
      source.copy(input.bytes, 0, start, end)
    }
    this.isChunk = false
    input.start = 0
    input.end = heldLength
  }

  /** Nothing is held. Memory for a long message is not kept. */
  private useOwn(wanted: number): void {
    const { input } = this
    if (this.own.length === 0) this.own = Buffer.allocUnsafeSlow(READ_LENGTH)
    input.bytes = wanted > this.own.length ? Buffer.allocUnsafeSlow(wanted) : this.own
    input.start = 0
    input.end = 0
    this.isChunk = false
  }
}

const NO_BYTES = Buffer.alloc(0)
const READ_LENGTH = 64 * 1024
/** Reading in smaller parts costs more calls of the system than moving the begin of a message. */
const READ_LENGTH_MIN = 16 * 1024
/** Memory that a peer gets for a message of which nothing has arrived but its length. */
const PROMISE_LENGTH_MAX = 1024 * 1024
