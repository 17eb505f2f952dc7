import type { Arena } from '../../arena/arena.js'
import type { RecordReader } from './record-reader.js'

/** Room in the arena for keys and values of records, because a store accepts only bytes of the arena. */
export class Scratch {
  readonly arena: Arena
  private readonly start: number
  /** The range of a frame's bytes that was copied last. */
  private copiedFrom: RecordReader | undefined = undefined
  private copiedFrame = 0
  private copiedStart = 0
  private copiedEnd = 0

  /** A key, and the value of a short item or a part of a long one. */
  static readonly LENGTH = 256 + 128 * 1024

  /** Over `Scratch.LENGTH` bytes of the arena. */
  constructor(arena: Arena, region: number) {
    this.arena = arena
    this.start = region
  }

  /** Copies the key of the record, and as many bytes after it. Returns their offset. */
  copyKey({ bytes, record }: RecordReader, valueLength: number): number {
    const { keyStart, keyLength } = record
    return this.copy(bytes, keyStart, keyStart + keyLength + valueLength, 0)
  }

  /** The same with the whole value, and copies more of the frame ahead: it usually has the next records. */
  copyOn(reader: RecordReader): number {
    const { bytes, record, frames } = reader
    const { keyStart, valueStart, valueLength } = record
    const end = valueStart + valueLength
    const isOfFrame = this.copiedFrom === reader && this.copiedFrame === frames.offset
    if (!isOfFrame || keyStart < this.copiedStart || end > this.copiedEnd) {
      const copiedEnd = Math.min(frames.bodyEnd, Math.max(end, keyStart + COPIED_AHEAD))
      this.copy(bytes, keyStart, copiedEnd, 0)
      this.copiedFrom = reader
      this.copiedFrame = frames.offset
      this.copiedStart = keyStart
      this.copiedEnd = copiedEnd
    }
    return this.start + keyStart - this.copiedStart
  }

  /** Copies bytes to an offset of the scratch. Returns their offset. */
  copy(bytes: Buffer, start: number, end: number, offset: number): number {
    this.copiedFrom = undefined
    this.arena.bytes.set(bytes.subarray(start, end), this.start + offset)
    return this.start + offset
  }
}

/** Not much more than a record, because other workers' records may be in between (bench journal --part recovery). */
const COPIED_AHEAD = 4096
