import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'
import { randomSource } from '../../lib/arena/random-source.js'
import type { Random } from '../support/random.js'

interface Timer {
  dueMs: number
  readonly intervalMs: number
  /** It repeats, and its runs are ticks of the keeper. */
  readonly isTick: boolean
  readonly action: () => void
}

/** The real event loop, for the promises of the simulated code: a turn of it runs all that are ready. */
const realSetImmediate = globalThis.setImmediate
export const settlePromises = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve))

/**
 * The event loop and the clocks of a simulated process. Nothing runs by itself: the simulation decides when the next
 * immediate runs and how far the time jumps. While it is installed it replaces Node's own, in the whole program.
 */
export class EventLoop {
  /** Milliseconds since 1970. */
  ms: number
  private readonly random: Random
  private readonly lookMs: number
  private immediates: (() => void)[] = []
  private timers: Timer[] = []
  private areTicks = true

  /** `lookMs` passes at most whenever code reads the clock. */
  constructor(random: Random, ms: number, lookMs: number) {
    this.random = random
    this.ms = ms
    this.lookMs = lookMs
  }

  get seconds(): number {
    return Math.floor(this.ms / 1000)
  }

  /** From now on lib's immediates, timers, clock and random numbers are those of this loop. */
  install(): void {
    const globals = globalThis as unknown as Record<string, unknown>
    globals['setImmediate'] = (action: () => void) => void this.immediates.push(action)
    globals['setTimeout'] = (action: () => void, ms: number) => this.addTimer(action, ms, 0)
    globals['clearTimeout'] = (timer: Timer | undefined) => this.removeTimer(timer)
    globals['setInterval'] = (action: () => void, ms: number) => this.addTimer(action, ms, ms)
    globals['clearInterval'] = (timer: Timer) => this.removeTimer(timer)
    // Code that reads the clock twice sees that a little time has passed.
    performance.now = () => {
      this.ms += (this.random.below(100) / 100) * this.lookMs
      return this.ms
    }
    crypto.getRandomValues = (array) => {
      // The seed of a file.
      if (array instanceof Uint32Array) array[0] = this.random.below(0x1_0000_0000)
      return array
    }
    // The hash keys of arenas, one for each server, stay zero.
    randomSource.fill = () => undefined
    const sleep = (ms: number) => new Promise<void>((resolve) => void this.addTimer(resolve, ms, 0))
    const nextTurn = () => new Promise<void>((resolve) => void this.immediates.push(resolve))
    Object.assign(timersPromises, { setTimeout: sleep, setImmediate: nextTurn })
    syncBuiltinESMExports()
  }

  /** The process has ended. */
  clear(): void {
    this.immediates = []
    this.timers = []
  }

  /** Runs a function in a turn of its own. */
  later(action: () => void): void {
    this.immediates.push(action)
  }

  get hasImmediates(): boolean {
    return this.immediates.length > 0
  }

  /** Runs the immediate that has waited longest. */
  runImmediate(): void {
    this.immediates.shift()?.()
  }

  /** When the next timer is due; infinity when there is none. */
  get nextDueMs(): number {
    return this.timers.reduce((earliest, { dueMs }) => Math.min(earliest, dueMs), Number.POSITIVE_INFINITY)
  }

  /** Repeating timers that are begun in it are not the keeper's. */
  withoutTicks(action: () => void): void {
    this.areTicks = false
    action()
    this.areTicks = true
  }

  /** Lets time pass. Timers that are due run once each, the earliest first. Returns true if the keeper's was due. */
  advance(ms: number): boolean {
    this.ms += ms
    const due = this.timers.filter(({ dueMs }) => dueMs <= this.ms).sort((a, b) => a.dueMs - b.dueMs)
    for (const timer of due) {
      if (timer.intervalMs === 0) this.removeTimer(timer)
      else timer.dueMs = this.ms + timer.intervalMs
      timer.action()
    }
    return due.some(({ isTick }) => isTick)
  }

  private addTimer(action: () => void, ms: number, intervalMs: number): Timer & { unref(): Timer } {
    const isTick = intervalMs > 0 && this.areTicks
    const timer = { dueMs: this.ms + ms, intervalMs, isTick, action, unref: (): Timer => timer }
    this.timers.push(timer)
    return timer
  }

  private removeTimer(timer: Timer | undefined): void {
    this.timers = this.timers.filter((other) => other !== timer)
  }
}
