import type { Arena } from './arena.js'
import type { Window, WindowPool } from './window.js'

/**
 * The replies of one batch, in the order of the wire: bytes in windows, and between them stretches of the arena that are
 * sent from where they lie.
 *
 *     pieces   ┌─ window 1 ─────────┐ ┌─ a long value ──┐ ┌─ window 1 ──┐ ┌─ window 2 ─ ─
 *              │ replies            │ │ linked, pinned  │ │ replies     │ │ replies  ▲ cursor
 *              └────────────────────┘ └─────────────────┘ └─────────────┘ └─ ─ ─ ─ ─ ─
 *
 * An encoder asks for room with `ensure`, writes at `cursor` and moves it on. There is always room: when the pool has no
 * window left, the last one is written over, and `isBroken` tells the connection that its replies are lost.
 *
 * What cannot be sent at once stays where it is, and the next batch goes on behind it, in the same window: that one is
 * shared then, and nobody writes over it before all who hold on to it have let go. So either no other holds on to the
 * current window, or there is a spare one.
 */
export class Output {
  cursor: number
  isBroken = false
  /** What is complete before the bytes at the cursor. */
  readonly pieceStarts: number[] = []
  readonly pieceEnds: number[] = []
  private readonly windows: Window[] = []
  /** Of stretches that begin at one place, by their length. */
  private keptViews: (Buffer | undefined)[] = []
  private keptStart: number
  private readonly links: number[] = []
  private window: Window
  private spare: Window | undefined
  /** Where in the current window the batch begins. */
  private batchStart: number
  /** Where the bytes begin that lie before the cursor and are in no piece yet. */
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

  /** True while everything lies in one stretch, up to `cursor`. */
  get isOneStretch(): boolean {
    return this.pieceStarts.length === 0
  }

  /** That one stretch, for a socket. Short ones are kept: replies of the same length come again and again. */
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

  /** What there is, for a socket: one Buffer where that does. */
  replies(arena: Arena): Buffer | Buffer[] {
    return this.isOneStretch ? this.view(arena) : this.views(arena)
  }

  /** All pieces, for a socket. */
  views(arena: Arena): Buffer[] {
    this.seal()
    return this.pieceStarts.map((start, index) => arena.view(start, this.pieceEnds[index]!))
  }

  /** How many stretches have been linked since `takeLinks` was called last. */
  get linkCount(): number {
    return this.links.length
  }

  /** Where each of them begins. */
  takeLinks(): number[] {
    return this.links.splice(0)
  }

  /** Takes back what has been linked since `takeLinks` was called last, and the bytes behind it, which are answered. */
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

  /** How many windows the batch has filled. */
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

  /** Writes bytes from elsewhere, of any length. */
  write(target: Uint8Array, source: Uint8Array): void {
    for (let done = 0; done < source.length; ) {
      if (this.cursor === this.window.end) this.nextWindow()
      const part = source.subarray(done, done + this.window.end - this.cursor)
      target.set(part, this.cursor)
      this.cursor += part.length
      done += part.length
    }
  }

  /** Lets a stretch of the arena follow as it lies. Whoever links it sees to it that it stays so. */
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

  /** All has been sent, or shall not be: begins anew where the batch did. */
  clear(): void {
    if (this.windows.length > 0) for (const window of this.windows.splice(0)) this.pool.give(window)
    this.cursor = this.batchStart
    this.begin()
    this.rewind()
    this.keepViewsFrom(this.batchStart)
  }

  /** The same, whatever has become of it, and though nobody has taken the links. */
  discard(): void {
    this.links.length = 0
    this.isBroken = false
    this.clear()
  }

  /** Between two batches: goes back to where the window begins, unless somebody holds on to it. */
  rewind(): void {
    if (this.window.holderCount > 1 || this.byteLength > 0) return
    this.cursor = this.window.start
    this.begin()
  }

  /** Adds the windows of the batch to those that somebody holds on to until it is sent; the next one goes on behind it. */
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

  /** A batch, at the cursor. */
  private begin(): void {
    this.batchStart = this.cursor
    this.pieceStarts.length = 0
    this.pieceEnds.length = 0
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
