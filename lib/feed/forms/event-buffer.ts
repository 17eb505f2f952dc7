import { SUBSCRIBERS_BATCH_LENGTH_MAX } from '../../request/limits.js'

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
  /** The same bytes. */
  view: DataView = NO_VIEW
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
    const taken = bytes.subarray(0, keptEnd)
    const isShort = bytes.length <= 2 * COPIED_LENGTH_MAX && keptEnd <= COPIED_LENGTH_MAX
    if (!isShort) this.setBytes(EMPTY)
    // As many events may come again.
    this.capacity = Math.max(CAPACITY_MIN, Math.min(bytes.length, 2 * keptEnd))
    return keptEnd > bytes.length / 2 && !isShort ? taken : Buffer.from(taken)
  }

  private grow(length: number): void {
    const wanted = Math.max(this.capacity, 2 * this.bytes.length)
    if (this.isEmpty && spare !== undefined && wanted >= SPARE_LENGTH_MIN && spare.length >= length) {
      this.setBytes(spare)
      spare = undefined
      return
    }
    const capacity = Math.max(length, Math.min(wanted, CAPACITY_MAX))
    const bytes = Buffer.allocUnsafeSlow(capacity)
    this.bytes.copy(bytes, 0, 0, this.keptEnd)
    this.setBytes(bytes)
  }

  private setBytes(bytes: Buffer): void {
    this.bytes = bytes
    this.view = bytes.length === 0 ? NO_VIEW : new DataView(bytes.buffer)
  }
}

/** Nobody reads these events any more: others may be written in their place. Fresh memory costs a page fault for each 4 KB. */
export function reuse(taken: Buffer): void {
  if (taken.length >= SPARE_LENGTH_MIN) spare = Buffer.from(taken.buffer as ArrayBuffer)
}

/** For the next buffer of this thread. */
let spare: Buffer | undefined

const EMPTY = Buffer.allocUnsafeSlow(0)
const NO_VIEW = new DataView(EMPTY.buffer)
const CAPACITY_MIN = 1024
/** A batch, and the event that makes it whole; larger ones come from values. */
const CAPACITY_MAX = SUBSCRIBERS_BATCH_LENGTH_MAX + 1024
/** Shorter ones may be parts of Node's pool of buffers. */
const SPARE_LENGTH_MIN = 32 * 1024
/** A few events are copied, which costs less than another buffer for the next ones. */
const COPIED_LENGTH_MAX = 2048
/** A character of a string takes at most so many bytes. */
const UTF8_LENGTH_MAX = 3
