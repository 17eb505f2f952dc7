import { PARKED_CONNECTION_COUNT_MAX } from '../request/limits.js'
import { type History, SharedCount } from './history.js'

/** Waits for a change of a key. It is removed before it is woken. */
export interface KeyWaiter {
  /** A character for each byte. */
  readonly key: string
  /** By the steady clock. */
  readonly deadlineMs: number
  /** The key may have changed, or time is up. */
  wake(isTimeUp: boolean): void
}

/** Those who wait for changes of keys, by key. They have no timers of their own. */
export class Waiters {
  private readonly byKey = new Map<string, Set<KeyWaiter>>()
  private woken: KeyWaiter[] = []
  /** How many wait. */
  size = 0
  private readonly history: History

  constructor(history: History) {
    this.history = history
  }

  /** False if as many wait already as may, with all workers. */
  get mayAdd(): boolean {
    return this.history.countOf(SharedCount.PARKED) < PARKED_CONNECTION_COUNT_MAX
  }

  /** Nobody waits, nor is noted and still to be woken. */
  get isIdle(): boolean {
    return this.size === 0 && this.woken.length === 0
  }

  add(waiter: KeyWaiter): void {
    this.history.count(SharedCount.PARKED, 1)
    const waiters = this.byKey.get(waiter.key)
    if (waiters === undefined) this.byKey.set(waiter.key, new Set([waiter]))
    else waiters.add(waiter)
    this.size++
  }

  /** Returns false if it does not wait. */
  remove(waiter: KeyWaiter): boolean {
    const waiters = this.byKey.get(waiter.key)
    if (waiters?.delete(waiter) !== true) return false
    if (waiters.size === 0) this.byKey.delete(waiter.key)
    this.leave(1)
    return true
  }

  /** The key has changed: those who wait for it are woken by `wakeNoted`. */
  noteChange(key: string): void {
    const waiters = this.byKey.get(key)
    if (waiters === undefined) return
    this.byKey.delete(key)
    this.leave(waiters.size)
    this.woken.push(...waiters)
  }

  /** Any key may have changed. */
  noteAll(): void {
    for (const key of [...this.byKey.keys()]) this.noteChange(key)
  }

  wakeNoted(): void {
    if (this.woken.length === 0) return
    const { woken } = this
    this.woken = []
    for (const waiter of woken) waiter.wake(false)
  }

  /** Wakes all whose time is up. */
  sweep(nowMs: number): void {
    const late = [...this.byKey.values()].flatMap((waiters) =>
      [...waiters].filter(({ deadlineMs }) => deadlineMs <= nowMs),
    )
    for (const waiter of late) this.remove(waiter)
    for (const waiter of late) waiter.wake(true)
  }

  private leave(count: number): void {
    this.size -= count
    this.history.count(SharedCount.PARKED, -count)
  }
}
