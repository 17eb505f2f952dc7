import { type Files, pathIn, type ReadFile } from '../disk/files.js'
import { crc32 } from '../format/crc32.js'
import { decodeFileHeader, type FileHeader, type NamedFile } from '../format/file-header.js'
import {
  FILE_HEADER_LENGTH,
  FRAME_CHECKED,
  FRAME_CHECKSUM,
  FRAME_DURABLE,
  FRAME_FLAGS,
  FRAME_HEADER_LENGTH,
  FRAME_LENGTH,
  FRAME_LENGTH_MAX,
  frameMagic,
} from '../format/format.js'

/**
 * Where the sound frames of a file end, and why. `offset` counts from the beginning of the file, to the first frame
 * that is not sound; 0 is the file's header, and the length of the file means that its end is missing. A start, `check`,
 * `dump` and `repair` all report this place as the place of the damage.
 */
export type Ending =
  | { readonly kind: 'whole' }
  /** A torn end, left by a crash: no bytes that were known to be on disk are missing. */
  | { readonly kind: 'torn'; readonly offset: number }
  /** Bytes that were on disk have changed or are missing. */
  | { readonly kind: 'damaged'; readonly offset: number; readonly reason: string }

/** Reads the frames of a file in order. Distinguishes damaged frames from those that were never completed. */
export class FrameReader {
  readonly name: string
  readonly length: number
  readonly header: FileHeader | undefined
  /** The offset in the file of the frame that was read last, and its body, in `bytes`. */
  offset = 0
  bodyStart = 0
  bodyEnd = 0
  flags = 0
  /** The checksum over those of all frames before the last one. */
  checksumBefore = 0
  /** Known once `next` has returned false. */
  ending: Ending = { kind: 'whole' }
  private readonly file: ReadFile
  private readonly magic: number
  private readonly magicBytes = Buffer.alloc(MAGIC_LENGTH)
  private buffer: Buffer = Buffer.allocUnsafe(BUFFER_LENGTH)
  /** The part of the file in the buffer. */
  private bufferOffset = 0
  private bufferLength = 0
  private nextOffset = FILE_HEADER_LENGTH
  private hasEnded = false
  private checksum = 0

  constructor(files: Files, directory: string, named: NamedFile) {
    this.name = named.name
    this.file = files.open(pathIn(directory, named.name))
    this.length = this.file.length
    const header = this.readHeader(named)
    this.header = typeof header === 'string' ? undefined : header
    this.magic = frameMagic(this.header?.seed ?? 0)
    this.magicBytes.writeUInt32LE(this.magic)
    if (this.header !== undefined) return
    this.hasEnded = true
    this.ending =
      header === '' ? { kind: 'torn', offset: 0 } : { kind: 'damaged', offset: 0, reason: header as string }
  }

  /** The buffer of `bodyStart` and `bodyEnd`. May change with each frame. */
  get bytes(): Buffer {
    return this.buffer
  }

  /** Reads the next frame. False at the end of the sound frames: then `ending` has the reason. */
  next(): boolean {
    if (this.hasEnded) return false
    const length = this.soundLength(this.nextOffset)
    if (length === NOT_SOUND) {
      this.hasEnded = true
      this.ending = this.judge(this.nextOffset)
      return false
    }
    const start = this.nextOffset - this.bufferOffset
    this.offset = this.nextOffset
    this.bodyStart = start + FRAME_HEADER_LENGTH
    this.bodyEnd = start + length
    this.flags = this.buffer.readUInt32LE(start + FRAME_LENGTH) & FRAME_FLAGS
    this.nextOffset += length
    this.checksumBefore = this.checksum
    this.checksum = addChecksum(this.checksum, this.buffer.readUInt32LE(start + FRAME_CHECKSUM))
    return true
  }

  /** Continues with the frame at this offset. */
  seek(offset: number): void {
    if (this.header === undefined) return
    this.nextOffset = offset
    this.checksum = 0
    this.hasEnded = false
    this.ending = { kind: 'whole' }
  }

  /** Skips to the next sound frame. False if there is none. For repairs. */
  skip(): boolean {
    const found = this.findSound(this.nextOffset + 4)
    if (this.header === undefined || found === NOT_SOUND) return false
    this.nextOffset = found
    this.hasEnded = false
    this.ending = { kind: 'whole' }
    return true
  }

  /** The records of the last frame are malformed. */
  reject(reason: string): void {
    this.hasEnded = true
    this.ending = { kind: 'damaged', offset: this.offset, reason }
  }

  close(): void {
    this.file.close()
  }

  /** The header, the reason why there is none, or an empty reason for a file that was never begun. */
  private readHeader(named: NamedFile): FileHeader | string {
    if (!this.load(0, FILE_HEADER_LENGTH)) return ''
    const bytes = this.buffer.subarray(0, FILE_HEADER_LENGTH)
    if (this.length <= NEVER_BEGUN_LENGTH_MAX && this.isZero(0, this.length)) return ''
    const header = decodeFileHeader(bytes)
    if (typeof header === 'string') return header
    const { kind, generation, worker } = named
    const isNamed = header.kind === kind && header.generation === generation && header.worker === worker
    return isNamed ? header : 'has the name of another file'
  }

  /** The length of the frame at this offset of the file, if it is sound. */
  private soundLength(offset: number): number {
    const length = this.claimedLength(offset)
    if (length === NOT_SOUND || !this.load(offset, length)) return NOT_SOUND
    const start = offset - this.bufferOffset
    const checked = this.buffer.subarray(start + FRAME_CHECKED, start + length)
    const isSound = crc32(checked, this.header!.seed) === this.buffer.readUInt32LE(start + FRAME_CHECKSUM)
    return isSound ? length : NOT_SOUND
  }

  /** The length in a frame's header, if it is possible. */
  private claimedLength(offset: number): number {
    if (!this.load(offset, FRAME_HEADER_LENGTH)) return NOT_SOUND
    const start = offset - this.bufferOffset
    if (this.buffer.readUInt32LE(start) !== this.magic) return NOT_SOUND
    const length = (this.buffer.readUInt32LE(start + FRAME_LENGTH) & ~FRAME_FLAGS) + FRAME_HEADER_LENGTH
    return length > FRAME_LENGTH_MAX || offset + length > this.length ? NOT_SOUND : length
  }

  /**
   * Judges a frame that is not sound. If no sound frame follows, a crash has torn the file there.
   * Otherwise the disk may have written out of order, so a frame may be missing before a later one. It is damage if
   * a later frame says that this place had been on disk already, or if the frame is damaged rather than missing.
   */
  private judge(offset: number): Ending {
    if (offset === this.length) return { kind: 'whole' }
    const next = this.findSound(offset + 4)
    if (next === NOT_SOUND) return { kind: 'torn', offset }
    if (this.isKnownDurable(offset, next)) {
      return { kind: 'damaged', offset, reason: 'is damaged in a part that was on disk before' }
    }
    return this.isHole(offset, next)
      ? { kind: 'torn', offset }
      : { kind: 'damaged', offset, reason: 'is damaged before its end' }
  }

  /** The offset of the first sound frame from here on. */
  private findSound(from: number): number {
    for (let offset = from; offset + FRAME_HEADER_LENGTH <= this.length; ) {
      if (!this.load(offset, FRAME_HEADER_LENGTH)) return NOT_SOUND
      const end = this.bufferOffset + this.bufferLength
      const found = this.inBuffer.indexOf(this.magicBytes, offset - this.bufferOffset)
      if (found < 0) {
        offset = Math.max(offset + 1, end - MAGIC_LENGTH + 1)
        continue
      }
      offset = this.bufferOffset + found
      if (offset % 4 === 0 && this.soundLength(offset) !== NOT_SOUND) return offset
      offset++
    }
    return NOT_SOUND
  }

  /** True if one of the frames from `from` on says that `offset` was on disk. */
  private isKnownDurable(offset: number, from: number): boolean {
    for (let next = from; next !== NOT_SOUND; ) {
      const length = this.soundLength(next)
      if (length === NOT_SOUND) {
        next = this.findSound(next + 4)
        continue
      }
      const durable = this.buffer.readUInt32LE(next - this.bufferOffset + FRAME_DURABLE) * 4
      if (durable > offset) return true
      next += length
    }
    return false
  }

  /**
   * True if a part between two places was never written: zeros from a frame's beginning, or in a sector. A disk may keep what a
   * sector had after any write, also one that was short: then its end is zero.
   */
  private isHole(offset: number, next: number): boolean {
    if (this.isZero(offset, Math.min(next, offset + FRAME_HEADER_LENGTH))) return true
    const firstSector = Math.ceil((offset + 1) / SECTOR_LENGTH) * SECTOR_LENGTH
    for (let sector = firstSector; sector <= next; sector += SECTOR_LENGTH) {
      // Also the first part of a header that is in two sectors.
      if (this.isZero(Math.max(offset, sector - FRAME_HEADER_LENGTH), sector)) return true
      const end = Math.min(next, sector + SECTOR_LENGTH)
      if (end - sector >= FRAME_HEADER_LENGTH && this.isZero(sector, end)) return true
    }
    return false
  }

  private isZero(start: number, end: number): boolean {
    if (!this.load(start, end - start)) return false
    return this.buffer
      .subarray(start - this.bufferOffset, end - this.bufferOffset)
      .every((byte) => byte === 0)
  }

  private get inBuffer(): Buffer {
    return this.buffer.subarray(0, this.bufferLength)
  }

  /** Ensures that a range of the file is in the buffer. False if the file ends before. */
  private load(offset: number, length: number): boolean {
    if (offset + length > this.length) return false
    if (offset >= this.bufferOffset && offset + length <= this.bufferOffset + this.bufferLength) return true
    const known = offset >= this.bufferOffset ? this.inBuffer.subarray(offset - this.bufferOffset) : NOTHING
    if (length > this.buffer.length) this.buffer = Buffer.allocUnsafe(length + BUFFER_LENGTH)
    this.buffer.set(known)
    this.bufferOffset = offset
    this.bufferLength = known.length
    const wanted = Math.min(this.buffer.length, this.length - offset)
    while (this.bufferLength < wanted) {
      const { bufferLength } = this
      const read = this.file.read(this.buffer, bufferLength, wanted - bufferLength, offset + bufferLength)
      if (read === 0) break
      this.bufferLength += read
    }
    return this.bufferLength >= length
  }
}

/** One checksum over the checksums of many frames. */
export function addChecksum(sum: number, checksum: number): number {
  CHECKSUM_BYTES.writeUInt32LE(checksum, 0)
  return crc32(CHECKSUM_BYTES, sum)
}

const CHECKSUM_BYTES = Buffer.alloc(4)

const NOT_SOUND = -1
const NOTHING = Buffer.alloc(0)

const MAGIC_LENGTH = 4

/** The length of one read; longer for a frame that is longer. */
const BUFFER_LENGTH = 1024 * 1024
/** The smallest unit that a disk writes as a whole. */
const SECTOR_LENGTH = 512
const NEVER_BEGUN_LENGTH_MAX = 4096
