import type { Connection } from '../../../lib/server/connection/connection.js'
import { freeWindow } from '../../../lib/server/connection/free-window.js'
import type { Worker } from '../../../lib/server/connection/worker.js'

export interface WindowJudgeParts {
  readonly worker: Worker
  connections(): readonly Connection[]
  /** A connection has been closed, or is going to be, because others had the windows. */
  refused(): void
  /** Something is wrong. */
  report(message: string): void
}

/**
 * Judges which connection has to go when a worker has no window left: the one that holds most, never one that holds less.
 * Every refusal of a window is counted.
 */
export class WindowJudge {
  private readonly parts: WindowJudgeParts
  private isFreeing = false

  constructor(parts: WindowJudgeParts) {
    this.parts = parts
    const { pool } = parts.worker
    pool.onEmpty = () => {
      this.isFreeing = true
      freeWindow(parts.worker, parts.connections())
      this.isFreeing = false
    }
    const takeWindow = pool.take.bind(pool)
    pool.take = () => {
      const window = takeWindow()
      if (window === undefined) this.judgeRefusal()
      return window
    }
    this.countRefusedLines()
  }

  /** A connection is about to be closed, so that others get what it holds. */
  judgeDrop(dropped: Connection): void {
    const { parts } = this
    parts.refused()
    if (!this.isFreeing) return
    const { windowCount, lastTime } = dropped
    if (this.isServed(dropped)) parts.report('the connection that is served is closed for want of a window')
    if (windowCount <= this.servedCount)
      parts.report(`a connection with ${windowCount} windows is closed for one with ${this.servedCount}`)
    for (const other of parts.connections()) {
      if (other === dropped || this.isServed(other)) continue
      if (other.windowCount > windowCount)
        parts.report(
          `a connection with ${windowCount} windows is closed, and another holds ${other.windowCount}`,
        )
      if (other.windowCount === windowCount && other.lastTime < lastTime)
        parts.report(
          'of two connections with as many windows the one is closed that was silent for less time',
        )
    }
  }

  /** The connection that is served gets no window, and is closed. */
  private judgeRefusal(): void {
    const { parts, servedCount } = this
    parts.refused()
    const most = Math.max(0, ...this.others.map(({ windowCount }) => windowCount))
    if (most > servedCount)
      parts.report(`a connection with ${servedCount} windows gets no other, and another one holds ${most}`)
  }

  /** Lines that arrive get windows only as long as half of them are free. Nobody else looks at this count. */
  private countRefusedLines(): void {
    const { parts } = this
    const { pool } = parts.worker
    const count = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(pool), 'ownTakenCount')!
    Object.defineProperty(pool, 'ownTakenCount', {
      get: () => {
        const takenCount = count.get!.call(pool) as number
        if (takenCount * 2 > pool.windowCount) parts.refused()
        return takenCount
      },
    })
  }

  private get servedCount(): number {
    const served = this.parts.connections().find((connection) => this.isServed(connection))
    return this.parts.worker.output.windowCount + (served?.windowCount ?? 0)
  }

  private get others(): readonly Connection[] {
    return this.parts.connections().filter((connection) => !this.isServed(connection))
  }

  private isServed({ session }: Connection): boolean {
    return session === this.parts.worker.request.session
  }
}
