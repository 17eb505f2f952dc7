import type { Arena } from './arena.js'
import type { Window, WindowPool } from './window.js'

/**
 * The replies of one batch, in the order of the wire: bytes in windows, and between them ranges of the arena that are
 * sent in place.
 *
 *     pieces   ┌─ window 1 ─────────┐ ┌─ a long value ──┐ ┌─ window 1 ──┐ ┌─ window 2 ─ ─
 *              │ replies            │ │ linked, pinned  │ │ replies     │ │ replies  ▲ cursor
 *              └────────────────────┘ └─────────────────┘ └─────────────┘ └─ ─ ─ ─ ─ ─
 *
 * An encoder calls `ensure`, writes at `cursor` and moves it. There is always room: if the pool has no
 * window left, the last one is overwritten, and `isBroken` tells the connection that its replies are lost.
 *
 * Bytes that cannot be sent at once stay where they are, and the next batch follows them in the same window. That window
 * is then shared, and is not overwritten before all holders have released it. So either the current window has no other
 * holder, or there is a spare one.
 */
export class Output {
  cursor: number
  isBroken = false
  /** The complete pieces before the bytes at the cursor. */
  readonly pieceStarts: number[] = []
  readonly pieceEnds: number[] = []
  private readonly windows: Window[] = []
  /** Buffers of ranges that begin at one place, by their length. */
  private keptViews: (Buffer | undefined)[] = []
  private keptStart: number
  private readonly links: number[] = []
  private window: Window
  private spare: Window | undefined
  /** Where the batch begins in the current window. */
  private batchStart: number
  /** The beginning of the bytes before the cursor that are in no piece yet. */
  private openStart: number
  private sealedLength = 0
  private readonly pool: WindowPool

  constructor(pool: WindowPool) {
    const window = pool.take()
    if (window === undefined) throw new RangeError('no window is left for the replies of a worker')
    this.pool = pool
    this.window = window
    this.spare = pool.take()
    this.keptStart = window.start
    this.batchStart = window.start
    this.openStart = window.start
    this.cursor = window.start
  }

  get byteLength(): number {
    return this.sealedLength + this.cursor - this.openStart
  }

  get windowLength(): number {
    return this.pool.windowLength
  }

  /** True while all bytes are in one range, up to `cursor`. */
  get isOneStretch(): boolean {
    return this.pieceStarts.length === 0
  }

  /** That range, for a socket. Short ones are cached: replies of the same length are frequent. */
  view(arena: Arena): Buffer {
    const start = this.openStart
    const length = this.cursor - start
    if (length > KEPT_VIEW_LENGTH_MAX || start !== this.keptStart) return arena.view(start, this.cursor)
    let view = this.keptViews[length]
    if (view === undefined) {
      view = arena.view(start, this.cursor)
      this.keptViews[length] = view
    }
    return view
  }

  /** All bytes, for a socket: one Buffer if possible. */
  replies(arena: Arena): Buffer | Buffer[] {
    return this.isOneStretch ? this.view(arena) : this.views(arena)
  }

  /** All pieces, for a socket. */
  views(arena: Arena): Buffer[] {
    this.seal()
    return this.pieceStarts.map((start, index) => arena.view(start, this.pieceEnds[index]!))
  }

  /** The count of ranges linked since the last `takeLinks`. */
  get linkCount(): number {
    return this.links.length
  }

  /** The beginning of each of them. */
  takeLinks(): number[] {
    return this.links.splice(0)
  }

  /** Removes the ranges linked since the last `takeLinks`, and the bytes after them. */
  cutLinks(arena: Arena): Buffer {
    const [first] = this.takeLinks()
    const index = this.pieceStarts.lastIndexOf(first!)
    const tail = Buffer.from(arena.view(this.openStart, this.cursor))
    this.cursor = this.openStart
    this.pieceStarts.length = index
    this.pieceEnds.length = index
    this.sealedLength = this.pieceStarts.reduce(
      (sum, start, piece) => sum + this.pieceEnds[piece]! - start,
      0,
    )
    return tail
  }

  /** The count of windows that the batch has filled. */
  get windowCount(): number {
    return this.windows.length
  }

  /** Makes room for `length` bytes at the cursor, at most a window's. */
  ensure(length: number): void {
    if (this.cursor + length > this.window.end) this.nextWindow()
  }

  /** Copies bytes of any length, a window's worth at a time. */
  copy(arena: Arena, start: number, length: number): void {
    let done = 0
    while (done < length) {
      if (this.cursor === this.window.end) this.nextWindow()
      const part = Math.min(length - done, this.window.end - this.cursor)
      arena.move(this.cursor, start + done, part)
      this.cursor += part
      done += part
    }
  }

  /** Writes bytes from outside the arena, of any length. */
  write(target: Uint8Array, source: Uint8Array): void {
    for (let done = 0; done < source.length; ) {
      if (this.cursor === this.window.end) this.nextWindow()
      const part = source.subarray(done, done + this.window.end - this.cursor)
      target.set(part, this.cursor)
      this.cursor += part.length
      done += part.length
    }
  }

  /** Links a range of the arena. The caller must ensure that its bytes do not change. */
  link(start: number, length: number): void {
    this.seal()
    this.pieceStarts.push(start)
    this.pieceEnds.push(start + length)
    this.sealedLength += length
    this.links.push(start)
  }

  /** Ends the list of pieces: they cover everything up to the cursor. */
  seal(): void {
    if (this.cursor === this.openStart) return
    this.pieceStarts.push(this.openStart)
    this.pieceEnds.push(this.cursor)
    this.sealedLength += this.cursor - this.openStart
    this.openStart = this.cursor
  }

  /** All bytes were sent, or will not be: starts again where the batch did. */
  clear(): void {
    if (this.windows.length > 0) for (const window of this.windows.splice(0)) this.pool.give(window)
    this.cursor = this.batchStart
    this.begin()
    this.rewind()
    this.keepViewsFrom(this.batchStart)
  }

  /** The same, in any state, even if the links were not taken. */
  discard(): void {
    if (this.links.length > 0) this.links.length = 0
    this.isBroken = false
    this.clear()
  }

  /** Between two batches: returns to the beginning of the window, unless it has another holder. */
  rewind(): void {
    if (this.window.holderCount > 1 || this.byteLength > 0) return
    this.cursor = this.window.start
    this.begin()
  }

  /** Adds the windows of the batch to those held until it is sent; the next batch follows it. */
  handOver(held: Window[]): void {
    this.spare ??= this.pool.take()
    if (this.spare === undefined) {
      this.isBroken = true
      return
    }
    held.push(...this.windows.splice(0))
    if (held.at(-1) !== this.window) {
      this.pool.share(this.window)
      held.push(this.window)
    }
    this.begin()
  }

  /** A batch, at the cursor. V8 sets the length of an array in its runtime, which takes 50 ns: most batches have no pieces. */
  private begin(): void {
    this.batchStart = this.cursor
    if (this.pieceStarts.length > 0) {
      this.pieceStarts.length = 0
      this.pieceEnds.length = 0
    }
    this.sealedLength = 0
    this.openStart = this.cursor
  }

  private nextWindow(): void {
    const next = this.pool.take() ?? this.spare
    if (next === undefined) {
      this.isBroken = true
      this.cursor = this.window.start
      this.begin()
      return
    }
    if (next === this.spare) this.spare = undefined
    this.leaveWindow()
    this.window = next
    this.keepViewsFrom(next.start)
    this.batchStart = next.start
    this.openStart = next.start
    this.cursor = next.start
  }

  private keepViewsFrom(start: number): void {
    if (start === this.keptStart) return
    this.keptStart = start
    this.keptViews = []
  }

  private leaveWindow(): void {
    const isPartOfBatch = this.cursor > this.batchStart
    this.seal()
    if (isPartOfBatch) this.windows.push(this.window)
    else this.pool.give(this.window)
  }
}

/** A view costs some 150 bytes and 70 ns to make. */
const KEPT_VIEW_LENGTH_MAX = 4096
