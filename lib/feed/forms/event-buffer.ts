/**
 * Events as bytes, behind each other. An event is written behind `keptEnd`, and is there once it is kept: what was written of a
 * change that was overwritten meanwhile is overwritten by the next one.
 *
 *     ┌─────────────────┬──────────────────┬──────┐
 *     │ events          │ being written    │ free │
 *     └─────────────────┴──────────────────┴──────┘
 *                       ▲ keptEnd          ▲ end
 */
export class EventBuffer {
  bytes: Buffer = EMPTY
  end = 0
  keptEnd = 0
  private capacity = CAPACITY_MIN

  get isEmpty(): boolean {
    return this.keptEnd === 0
  }

  /** Makes room for an event of at most this length. Returns where it begins. */
  reserve(length: number): number {
    if (this.bytes.length - this.keptEnd < length) this.grow(this.keptEnd + length)
    return this.keptEnd
  }

  writeText(text: string): void {
    const start = this.reserve(text.length * UTF8_LENGTH_MAX)
    this.end = start + this.bytes.write(text, start)
  }

  keep(): void {
    this.keptEnd = this.end
  }

  /** All events. They do not change any more. */
  take(): Buffer {
    const { bytes, keptEnd } = this
    this.end = 0
    this.keptEnd = 0
    if (keptEnd <= COPIED_LENGTH_MAX && bytes.length <= 2 * COPIED_LENGTH_MAX)
      return Buffer.from(bytes.subarray(0, keptEnd))
    this.bytes = EMPTY
    // As many events will come again.
    this.capacity = keptEnd > bytes.length / 2 ? bytes.length : CAPACITY_MIN
    const taken = bytes.subarray(0, keptEnd)
    return keptEnd > bytes.length / 2 ? taken : Buffer.from(taken)
  }

  private grow(length: number): void {
    let capacity = Math.max(this.capacity, 2 * this.bytes.length)
    while (capacity < length) capacity *= 2
    const bytes = Buffer.allocUnsafeSlow(capacity)
    this.bytes.copy(bytes, 0, 0, this.keptEnd)
    this.bytes = bytes
  }
}

const EMPTY = Buffer.alloc(0)
const CAPACITY_MIN = 1024
/** A few events are copied, which costs less than another buffer for the next ones. */
const COPIED_LENGTH_MAX = 2048
/** A character of a string takes at most so many bytes. */
const UTF8_LENGTH_MAX = 3
