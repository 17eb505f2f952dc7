/** Longer than any key that servers accept. A key that is hashed before it is sent may be longer: then the bytes grow. */
const FIRST_LENGTH = 512

/** The bytes of one key at a time, in a place that is used again. */
export class KeyBytes {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_LENGTH)

  /** Writes the key at the beginning, with room for so many bytes behind it. Returns its length in bytes. */
  write(key: string | Uint8Array, roomBehind: number): number {
    if (typeof key !== 'string') {
      this.ensure(key.length + roomBehind)
      this.bytes.set(key)
      return key.length
    }
    const { length } = key
    // No character takes more than three bytes of UTF-8 for each of its UTF-16 units.
    this.ensure(3 * length + roomBehind)
    const { bytes } = this
    for (let index = 0; index < length; index++) {
      const unit = key.charCodeAt(index)
      if (unit > 0x7f) return index + bytes.write(key.slice(index), index)
      bytes[index] = unit
    }
    return length
  }

  private ensure(length: number): void {
    if (length > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(length)
  }
}
