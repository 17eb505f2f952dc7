import type { Arena } from '../../arena/arena.js'
import { crc32 } from '../format/crc32.js'
import { durableWords, FRAME_CHECKED, FRAME_HEADER_LENGTH, frameMagic } from '../format/format.js'

/**
 * A range of the arena that fills with frames. Records are written at `cursor`, which then moves; `seal` makes a frame of
 * the records after the last one.
 *
 *     ┌────────┬─────────┬─────────┬────────┬─────────┬─ ─ ─ ─ ─ ─ ─ ─
 *     │ header │ records │ records │ header │ records │ room
 *     └────────┴─────────┴─────────┴────────┴─────────┴─ ─ ─ ─ ─ ─ ─ ─
 *      ▲ start                      ▲ frame             ▲ cursor
 */
export class FrameBuffer {
  readonly start: number
  readonly end: number
  cursor: number
  private readonly arena: Arena
  private frame: number
  /** Views of the first frame and of its checked part, by their length: batches of the same length are frequent. */
  private readonly frameViews: (Buffer | undefined)[] = []
  private readonly checkedViews: (Buffer | undefined)[] = []

  constructor(arena: Arena, start: number, length: number) {
    this.arena = arena
    this.start = start
    this.end = start + length
    this.frame = start
    this.cursor = start + FRAME_HEADER_LENGTH
  }

  get isFrameEmpty(): boolean {
    return this.cursor === this.frame + FRAME_HEADER_LENGTH
  }

  get isEmpty(): boolean {
    return this.frame === this.start && this.isFrameEmpty
  }

  /** Where the open frame begins, and the last sealed one ends. */
  get sealedEnd(): number {
    return this.frame
  }

  get room(): number {
    return this.end - this.cursor
  }

  /** Makes a frame of the records after the last one. */
  seal(flags: number, seed: number, durable: number): void {
    if (this.isFrameEmpty) return
    const { arena, frame, cursor } = this
    const word = frame >>> 2
    arena.words[word] = frameMagic(seed)
    arena.words[word + 2] = (cursor - frame - FRAME_HEADER_LENGTH) | flags
    arena.words[word + 3] = durableWords(durable)
    arena.words[word + 1] = crc32(this.view(frame + FRAME_CHECKED, cursor), seed)
    this.frame = cursor
    this.cursor = cursor + FRAME_HEADER_LENGTH
  }

  clear(): void {
    this.frame = this.start
    this.cursor = this.start + FRAME_HEADER_LENGTH
  }

  /** A range of the buffer, for the disk. Short ones at the beginning are cached. */
  view(start: number, end: number): Buffer {
    const offset = start - this.start
    const length = end - start
    const isKept = length <= KEPT_VIEW_LENGTH_MAX && (offset === 0 || offset === FRAME_CHECKED)
    if (!isKept) return this.arena.view(start, end)
    const views = offset === 0 ? this.frameViews : this.checkedViews
    let view = views[length]
    if (view === undefined) {
      view = this.arena.view(start, end)
      views[length] = view
    }
    return view
  }
}

/** A view costs some 150 bytes and 70 ns to make. */
const KEPT_VIEW_LENGTH_MAX = 4096
