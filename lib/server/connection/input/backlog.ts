import type { Arena } from '../../../arena/arena.js'
import type { Window, WindowPool } from '../../../arena/window.js'

/** Bytes that have arrived and cannot be answered yet, in windows of the pool, in order. */
export class Backlog {
  length = 0
  private readonly pool: WindowPool
  /** Of each window, the bytes from the first offset up to its cursor wait. */
  private readonly windows: Window[] = []
  private readonly firsts: number[] = []

  constructor(pool: WindowPool) {
    this.pool = pool
  }

  /** Appends bytes. False if no window is free. */
  add(arena: Arena, start: number, end: number): boolean {
    for (let at = start; at < end; ) {
      const window = this.windowWithRoom()
      if (window === undefined) return false
      const part = Math.min(end - at, window.end - window.cursor)
      arena.move(window.cursor, at, part)
      window.cursor += part
      this.length += part
      at += part
    }
    return true
  }

  /** Moves at most this many bytes from the beginning to `target`, and returns how many. Some must wait. */
  take(arena: Arena, target: number, lengthMax: number): number {
    const window = this.windows[0]!
    const first = this.firsts[0]!
    const length = Math.min(lengthMax, window.cursor - first)
    arena.move(target, first, length)
    this.length -= length
    this.firsts[0] = first + length
    if (this.firsts[0] === window.cursor) {
      this.windows.shift()
      this.firsts.shift()
      this.pool.give(window)
    }
    return length
  }

  /** The bytes of another backlog follow those of this one. */
  append(other: Backlog): void {
    this.windows.push(...other.windows.splice(0))
    this.firsts.push(...other.firsts.splice(0))
    this.length += other.length
    other.length = 0
  }

  get windowCount(): number {
    return this.windows.length
  }

  release(): void {
    for (const window of this.windows.splice(0)) this.pool.give(window)
    this.firsts.length = 0
    this.length = 0
  }

  private windowWithRoom(): Window | undefined {
    const last = this.windows.at(-1)
    if (last !== undefined && last.cursor < last.end) return last
    // Lines that never end must not take the windows that others need for their replies.
    const isScarce = this.pool.ownTakenCount * 2 > this.pool.windowCount
    const window = isScarce ? undefined : this.pool.take()
    if (window === undefined) return undefined
    this.windows.push(window)
    this.firsts.push(window.start)
    return window
  }
}
