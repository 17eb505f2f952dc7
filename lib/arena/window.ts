import type { Arena } from './arena.js'

/** A stretch of the arena with a cursor: received bytes that wait for their rest, or replies on their way out. */
export class Window {
  readonly start: number
  readonly end: number
  cursor: number

  constructor(start: number, end: number) {
    this.start = start
    this.end = end
    this.cursor = start
  }
}

/**
 * All the windows of a worker. The one that was given back last is taken first, so that windows which were never needed
 * at the same time are never touched, and cost no RSS.
 */
export class WindowPool {
  readonly windowLength: number
  readonly windowCount: number
  private readonly idle: Window[] = []
  private readonly firstStart: number
  private madeCount = 0

  constructor(arena: Arena, windowLength: number, windowCount: number) {
    this.windowLength = windowLength
    this.windowCount = windowCount
    this.firstStart = arena.reserve(windowLength * windowCount, PAGE_LENGTH)
  }

  /** Undefined when all are in use. */
  take(): Window | undefined {
    const window = this.idle.pop() ?? this.make()
    if (window !== undefined) window.cursor = window.start
    return window
  }

  give(window: Window): void {
    this.idle.push(window)
  }

  get takenCount(): number {
    return this.madeCount - this.idle.length
  }

  /** How many have ever been in use at once. */
  get touchedCount(): number {
    return this.madeCount
  }

  private make(): Window | undefined {
    if (this.madeCount === this.windowCount) return undefined
    const start = this.firstStart + this.madeCount * this.windowLength
    this.madeCount++
    return new Window(start, start + this.windowLength)
  }
}

const PAGE_LENGTH = 4096
