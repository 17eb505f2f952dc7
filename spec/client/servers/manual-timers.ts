import type { Timers } from '../../../lib/client/servers/polled-servers.js'

interface Timer {
  readonly ms: number
  readonly act: () => void
}

/** Timers that pass when a spec says so. */
export class ManualTimers implements Timers {
  chance = 0.5
  private readonly waiting = new Set<Timer>()

  after(ms: number, act: () => void): () => void {
    const timer = { ms, act }
    this.waiting.add(timer)
    return () => this.waiting.delete(timer)
  }

  random(): number {
    return this.chance
  }

  /** How long each waits. */
  get waits(): number[] {
    return Array.from(this.waiting, ({ ms }) => ms)
  }

  /** Lets the one timer that waits pass, and what follows from it as far as it needs no other event. */
  async pass(): Promise<void> {
    const [timer, ...others] = this.waiting
    if (timer === undefined || others.length > 0) throw new Error(`${this.waiting.size} timers wait`)
    this.waiting.delete(timer)
    timer.act()
    await settled()
  }
}

/** All promises that can settle have settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
