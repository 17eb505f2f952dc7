import { type Arena, CACHE_LINE_LENGTH } from './arena.js'

/** A range of the arena with a cursor: an incomplete request, or replies that are being sent. */
export class Window {
  readonly start: number
  readonly end: number
  cursor: number
  /** The count of its holders: replies of several connections may share a window. */
  holderCount = 1

  constructor(start: number, end: number) {
    this.start = start
    this.end = end
    this.cursor = start
  }
}

/**
 * All the windows of a worker. The one that was freed last is used first, so windows that were never needed
 * at the same time are never touched, and cost no RSS.
 */
export class WindowPool {
  readonly windowLength: number
  readonly windowCount: number
  /** Called when all are in use: may free some. */
  onEmpty: () => void = () => undefined
  private readonly idle: Window[] = []
  private readonly firstStart: number
  private readonly words: Int32Array
  /** For each worker the count of windows that it has made, and of those that are idle. */
  private readonly counts: number
  private readonly own: number
  private readonly workerCount: number

  /** Reserves this many windows for each worker. */
  constructor(arena: Arena, windowLength: number, windowCount: number) {
    const { worker, workerCount } = arena.workerSlot
    const length = windowLength * windowCount
    this.windowLength = windowLength
    this.windowCount = windowCount
    this.workerCount = workerCount
    this.words = arena.words
    this.counts = arena.reserve(workerCount * CACHE_LINE_LENGTH) >>> 2
    this.own = this.counts + worker * LINE_WORDS
    this.firstStart = arena.reserve(workerCount * length, PAGE_LENGTH) + worker * length
  }

  static regionLength(windowLength: number, windowCount: number, workerCount: number): number {
    return workerCount * (windowCount * windowLength + CACHE_LINE_LENGTH) + PAGE_LENGTH
  }

  /** Undefined if all are in use. */
  take(): Window | undefined {
    const window = this.idle.pop() ?? this.make() ?? this.recover()
    if (window !== undefined) {
      window.cursor = window.start
      window.holderCount = 1
    }
    this.words[this.own + IDLE] = this.idle.length
    return window
  }

  /** Adds a holder. */
  share(window: Window): void {
    window.holderCount++
  }

  give(window: Window): void {
    if (--window.holderCount > 0) return
    this.idle.push(window)
    this.words[this.own + IDLE] = this.idle.length
  }

  /** The count of windows that this worker uses. */
  get ownTakenCount(): number {
    return this.words[this.own + MADE]! - this.idle.length
  }

  /** The count of windows that all workers use. */
  get takenCount(): number {
    return this.touchedCount - this.sum(IDLE)
  }

  /** The most that each has ever used at once, as a sum. */
  get touchedCount(): number {
    return this.sum(MADE)
  }

  private recover(): Window | undefined {
    this.onEmpty()
    return this.idle.pop()
  }

  /** True if no window is free. */
  get isEmpty(): boolean {
    return this.idle.length === 0 && this.words[this.own + MADE]! === this.windowCount
  }

  private make(): Window | undefined {
    const madeCount = this.words[this.own + MADE]!
    if (madeCount === this.windowCount) return undefined
    const start = this.firstStart + madeCount * this.windowLength
    this.words[this.own + MADE] = madeCount + 1
    return new Window(start, start + this.windowLength)
  }

  private sum(count: number): number {
    let sum = 0
    for (let worker = 0; worker < this.workerCount; worker++) {
      sum += this.words[this.counts + worker * LINE_WORDS + count]!
    }
    return sum
  }
}

const PAGE_LENGTH = 4096
const LINE_WORDS = CACHE_LINE_LENGTH / 4
const MADE = 0
const IDLE = 1
