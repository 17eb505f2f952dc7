/** Bytes that arrive in chunks and are read from the front. Numbers are read in the byte order of the file. */
export class ByteQueue {
  isLittleEndian = true
  private bytes: Buffer = Buffer.alloc(0)
  private cursor = 0
  private takenLength = 0

  get length(): number {
    return this.bytes.length - this.cursor
  }

  /** The offset of the next byte in the stream. */
  get offset(): number {
    return this.takenLength + this.cursor
  }

  push(chunk: Buffer): void {
    const rest = this.bytes.subarray(this.cursor)
    this.takenLength += this.cursor
    this.cursor = 0
    this.bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
  }

  uint16(place: number): number {
    const at = this.cursor + place
    return this.isLittleEndian ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at)
  }

  uint32(place: number): number {
    const at = this.cursor + place
    return this.isLittleEndian ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at)
  }

  /** A view of the next bytes. */
  slice(start: number, end: number): Buffer {
    return this.bytes.subarray(this.cursor + start, this.cursor + end)
  }

  take(length: number): void {
    this.cursor += length
  }
}
