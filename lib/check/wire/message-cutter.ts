import {
  BODY_LENGTH,
  DATA_TYPE,
  EXTRAS_LENGTH,
  KEY_LENGTH,
  MAGIC,
  OPCODE,
  STATUS,
} from '../../protocol/binary/header.js'
import {
  decodeFrame,
  FrameError,
  HEADER_LENGTH,
  opcodeName,
  REPLY_MAGIC,
  REQUEST_MAGIC,
  statusName,
} from '../../protocol/index.js'
import type { Message } from './message.js'
import { LINE_RULES } from './words.js'

/** A frame or a block of data up to this length is kept until it is complete. Of a longer one only the beginning is kept. */
const HELD_LENGTH_MAX = 64 * 1024
/** memcached accepts get lines of any length; real clients send none longer than this. */
const LINE_LENGTH_MAX = 256 * 1024
const LF = 0x0a
const CR = 0x0d

/**
 * Cuts one direction of a connection into messages: frames of the binary protocol, lines of text and meta with the data
 * that follow them. The first byte of a message shows its kind. Broken bytes are reported once, and then the next message
 * is searched.
 *
 * Memory is bounded: a long value is skipped as it arrives (`skipLength`).
 */
export class MessageCutter {
  private readonly heldLengthMax: number
  private bytes: Buffer = Buffer.alloc(0)
  /** The offset of `bytes` when they were joined. */
  private room: Buffer = Buffer.alloc(0)
  /** How much of `bytes` was consumed. */
  private cursor = 0
  /** The offset of `bytes` in the stream. */
  private base = 0
  private skipLength = 0
  private isSeeking = false
  private hasSeenFrames = false

  constructor(heldLengthMax = HELD_LENGTH_MAX) {
    this.heldLengthMax = heldLengthMax
  }

  push(chunk: Buffer): void {
    const rest = this.bytes.subarray(this.cursor)
    this.base += this.cursor
    this.cursor = 0
    this.bytes = rest.length === 0 ? chunk : this.joined(rest, chunk)
  }

  /** The stream is joined in its middle: the first bytes may be the rest of a message. */
  joinLate(): void {
    this.isSeeking = true
  }

  /** The stream lost bytes here: the next message is searched after them. */
  lose(length: number): void {
    this.base += this.bytes.length + length
    this.bytes = Buffer.alloc(0)
    this.cursor = 0
    this.isSeeking = length > this.skipLength
    this.skipLength = this.isSeeking ? 0 : this.skipLength - length
  }

  /** The next message, or undefined if there is no complete one. */
  read(): Message | undefined {
    this.skip()
    if (this.isSeeking && !this.seek()) return undefined
    if (this.cursor === this.bytes.length) return undefined
    const first = this.bytes[this.cursor]!
    if (first === REQUEST_MAGIC || first === REPLY_MAGIC) return this.readFrame()
    if (!this.hasSeenFrames) return this.readLine()
    // Text among frames is accepted only if its first word belongs to the protocol.
    if (!hasWholeWord(this.bytes, this.cursor)) return undefined
    return isKnownWord(this.bytes, this.cursor) ? this.readLine() : this.breakOff(MAGIC, NO_FRAME)
  }

  /** The rest at the end of the stream. */
  readEnd(): Message | undefined {
    const heldLength = this.bytes.length - this.cursor
    if (this.skipLength === 0 && (heldLength === 0 || this.isSeeking)) return undefined
    const breakOffset = this.base + this.bytes.length
    const offset = this.skipLength > 0 ? breakOffset : this.base + this.cursor
    const reason =
      this.skipLength > 0
        ? `${this.skipLength} bytes of the last value are missing`
        : 'the last message is cut off'
    this.cursor = this.bytes.length
    this.skipLength = 0
    return { kind: 'broken', offset, breakOffset, reason }
  }

  /**
   * Waiting bytes are copied, with room for as much again once they are longer than a chunk: so a message in many
   * chunks is not copied at each of them. Bytes that were passed on are never overwritten.
   */
  private joined(rest: Buffer, chunk: Buffer): Buffer {
    const length = rest.length + chunk.length
    const start = rest.byteOffset - this.room.byteOffset
    const isInRoom = rest.buffer === this.room.buffer && start >= 0 && start + length <= this.room.length
    if (isInRoom) {
      this.room.set(chunk, start + rest.length)
      return this.room.subarray(start, start + length)
    }
    this.room = Buffer.allocUnsafeSlow(rest.length < chunk.length ? length : 2 * length)
    this.room.set(rest)
    this.room.set(chunk, rest.length)
    return this.room.subarray(0, length)
  }

  private skip(): void {
    const length = Math.min(this.skipLength, this.bytes.length - this.cursor)
    this.cursor += length
    this.skipLength -= length
  }

  /** Moves to the next place where a message seems to begin. False if there is none. */
  private seek(): boolean {
    for (; this.cursor < this.bytes.length; this.cursor++) {
      const likely = isLikelyStart(this.bytes, this.cursor)
      if (likely === undefined) return false
      if (!likely) continue
      this.isSeeking = false
      return true
    }
    return false
  }

  private readFrame(): Message | undefined {
    this.hasSeenFrames = true
    const start = this.cursor
    try {
      const decoded = decodeFrame(this.bytes, start)
      if (decoded === undefined) return this.readLongFrame(start)
      this.cursor = decoded.end
      const { frame } = decoded
      return { kind: 'frame', offset: this.base + start, frame, valueLength: frame.value.length }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      return this.breakOff(KEY_LENGTH, error.message)
    }
  }

  /** A frame whose value is too long to be kept: it is read as if its value ended early, and the rest of it is skipped. */
  private readLongFrame(start: number): Message | undefined {
    if (this.bytes.length < start + HEADER_LENGTH) return undefined
    const bodyLength = this.bytes.readUInt32BE(start + BODY_LENGTH)
    if (bodyLength <= this.heldLengthMax) return undefined
    if (!isLikelyHeader(this.bytes, start)) return this.breakOff(MAGIC, NO_HEADER)
    const valueStart = this.bytes[start + EXTRAS_LENGTH]! + this.bytes.readUInt16BE(start + KEY_LENGTH)
    const heldLength = Math.min(valueStart + SHOWN_LENGTH_MAX, bodyLength)
    const end = start + HEADER_LENGTH + heldLength
    if (this.bytes.length < end) return undefined
    const head = Buffer.from(this.bytes.subarray(start, end))
    head.writeUInt32BE(heldLength, BODY_LENGTH)
    const { frame } = decodeFrame(head)!
    this.cursor = end
    this.skipLength = bodyLength - heldLength
    return { kind: 'frame', offset: this.base + start, frame, valueLength: bodyLength - valueStart }
  }

  private readLine(): Message | undefined {
    const start = this.cursor
    const lineEnd = this.bytes.indexOf(LF, start)
    if (lineEnd === -1) {
      if (this.bytes.length - start <= LINE_LENGTH_MAX) return undefined
      return this.breakOff(0, `no line ends within ${LINE_LENGTH_MAX} bytes`)
    }
    const textEnd = lineEnd > start && this.bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
    const words = this.bytes.toString('latin1', start, textEnd).split(' ').filter(isNotEmpty)
    const dataLength = dataLengthOf(words)
    if (dataLength === undefined) {
      this.cursor = lineEnd + 1
      return {
        kind: 'line',
        offset: this.base + start,
        words,
        data: undefined,
        dataLength: 0,
        wrongEndOffset: undefined,
      }
    }
    return this.readData(start, lineEnd + 1, words, dataLength)
  }

  private readData(
    start: number,
    dataStart: number,
    words: string[],
    dataLength: number,
  ): Message | undefined {
    const heldLength = dataLength > this.heldLengthMax ? SHOWN_LENGTH_MAX : dataLength + LINE_END.length
    if (this.bytes.length < dataStart + heldLength) return undefined
    const data = this.bytes.subarray(dataStart, dataStart + Math.min(dataLength, heldLength))
    this.cursor = dataStart + heldLength
    this.skipLength = dataLength + LINE_END.length - heldLength
    const isWrong = this.skipLength === 0 && !this.endsLine(this.cursor)
    // As in the server, the next line is searched where these data should have ended.
    if (isWrong) this.cursor = dataStart + dataLength
    const wrongEndOffset = isWrong ? this.base + this.cursor : undefined
    return { kind: 'line', offset: this.base + start, words, data, dataLength, wrongEndOffset }
  }

  private endsLine(end: number): boolean {
    return this.bytes[end - 2] === CR && this.bytes[end - 1] === LF
  }

  private breakOff(place: number, reason: string): Message {
    const offset = this.base + this.cursor
    this.cursor += 1
    this.isSeeking = true
    return { kind: 'broken', offset, breakOffset: offset + place, reason }
  }
}

/** How much of a long value is kept. */
export const SHOWN_LENGTH_MAX = 1024
const LINE_END = '\r\n'
const WORD_LENGTH_MAX = 20
const NO_HEADER = 'a frame with an invalid header begins here'
const NO_FRAME = 'neither a frame nor a line begins with this byte'

const isNotEmpty = (word: string): boolean => word !== ''

/** The length of the data that follow a line, or undefined if there are none. */
function dataLengthOf(words: readonly string[]): number | undefined {
  const rule = LINE_RULES.get(words[0] ?? '')
  if (rule === undefined || rule.lengthIndex === 0) return undefined
  const word = words[rule.lengthIndex]
  // After a line with an impossible length, servers read the next line.
  return word !== undefined && /^\d{1,10}$/.test(word) ? Number(word) : undefined
}

/** Whether a message seems to begin here; undefined if that is not known yet. A line counts if its word is known. */
function isLikelyStart(bytes: Buffer, start: number): boolean | undefined {
  const first = bytes[start]!
  if (first === REQUEST_MAGIC || first === REPLY_MAGIC) {
    if (bytes.length < start + HEADER_LENGTH) return undefined
    return isLikelyHeader(bytes, start)
  }
  if (start > 0 && bytes[start - 1] !== LF) return false
  return hasWholeWord(bytes, start) ? isKnownWord(bytes, start) : undefined
}

const hasWholeWord = (bytes: Buffer, start: number): boolean =>
  bytes.length >= start + WORD_LENGTH_MAX || bytes.indexOf(LF, start) !== -1

function isKnownWord(bytes: Buffer, start: number): boolean {
  const text = bytes.toString('latin1', start, start + WORD_LENGTH_MAX)
  return LINE_RULES.has(/^\w*/.exec(text)![0])
}

function isLikelyHeader(bytes: Buffer, start: number): boolean {
  const bodyLength = bytes.readUInt32BE(start + BODY_LENGTH)
  const partsLength = bytes[start + EXTRAS_LENGTH]! + bytes.readUInt16BE(start + KEY_LENGTH)
  const isReply = bytes[start + MAGIC] === REPLY_MAGIC
  return (
    opcodeName(bytes[start + OPCODE]!) !== undefined &&
    bytes[start + DATA_TYPE] === 0 &&
    partsLength <= bodyLength &&
    (!isReply || statusName(bytes.readUInt16BE(start + STATUS)) !== undefined)
  )
}
