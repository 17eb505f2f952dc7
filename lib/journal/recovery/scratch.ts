import type { Arena } from '../../arena/arena.js'
import type { RecordReader } from './record-reader.js'

/** Room in the arena for keys and values of records, since a store takes nothing from elsewhere. */
export class Scratch {
  private readonly arena: Arena
  private readonly start: number
  /** What of a frame was copied last: of whose, and from where to where in its bytes. */
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

  /** Copies the key of the record, and as many bytes behind it. Returns where they lie. */
  copyKey({ bytes, record }: RecordReader, valueLength: number): number {
    const { keyStart, keyLength } = record
    return this.copy(bytes, keyStart, keyStart + keyLength + valueLength, 0)
  }

  /** The same with the whole value, and has more of the frame copied: the next records are as a rule there, too. */
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

  /** Copies bytes to an offset of the scratch. Returns where they lie. */
  copy(bytes: Buffer, start: number, end: number, offset: number): number {
    this.copiedFrom = undefined
    this.arena.bytes.set(bytes.subarray(start, end), this.start + offset)
    return this.start + offset
  }
}

/** Not much more than a record, since those of other workers may come in between (bench journal --part recovery). */
const COPIED_AHEAD = 4096
