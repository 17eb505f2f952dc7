import { PARKED_CONNECTION_COUNT_MAX } from '../request/limits.js'
import { type History, SharedCount } from './history/history.js'

/** Waits for a change of a key. It is removed before it is woken. */
export interface KeyWaiter {
  /** A character for each byte. */
  readonly key: string
  /** By the steady clock; earlier, if the time is moved. */
  deadlineMs: number
  /** The key may have changed, or time is up. */
  wake(isTimeUp: boolean): void
}

/** Those who wait for changes of keys, by key. They have no timers of their own. */
export class Waiters {
  private readonly byKey = new Map<string, Set<KeyWaiter>>()
  private woken: KeyWaiter[] = []
  private isWakingSoon = false
  /** How many wait, or are to be woken. */
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
    this.history.count(SharedCount.PARKED, -1)
    this.size--
    return true
  }

  /** The key has changed: those who wait for it are woken by `wakeNoted`. */
  noteChange(key: string): void {
    const waiters = this.byKey.get(key)
    if (waiters === undefined) return
    this.byKey.delete(key)
    this.history.count(SharedCount.PARKED, -waiters.size)
    this.woken.push(...waiters)
  }

  /** Any key that begins so may have changed. */
  noteAll(prefix = ''): void {
    for (const key of [...this.byKey.keys()]) if (key.startsWith(prefix)) this.noteChange(key)
  }

  /** Wakes some, and the others soon: between them the thread serves its sockets. */
  wakeNoted(): void {
    const present = this.woken
    if (present.length === 0) return
    this.woken = []
    const startMs = performance.now()
    let nowMs = startMs
    let count = 0
    while (count < present.length && nowMs - startMs < WAKING_MS) {
      const waiter = present[count++]!
      this.size--
      waiter.wake(waiter.deadlineMs <= nowMs)
      nowMs = performance.now()
    }
    if (count === present.length) return
    this.woken = present.slice(count).concat(this.woken)
    this.wakeSoon()
  }

  private wakeSoon(): void {
    if (this.isWakingSoon) return
    this.isWakingSoon = true
    setImmediate(() => {
      this.isWakingSoon = false
      this.wakeNoted()
    })
  }

  /** Their time is up so much earlier. */
  hasten(ms: number): void {
    for (const waiters of this.byKey.values()) for (const waiter of waiters) waiter.deadlineMs -= ms
  }

  /** Wakes all whose time is up. */
  sweep(nowMs: number): void {
    const late = [...this.byKey.values()].flatMap((waiters) =>
      [...waiters].filter(({ deadlineMs }) => deadlineMs <= nowMs),
    )
    for (const waiter of late) {
      this.remove(waiter)
      this.size++
      this.woken.push(waiter)
    }
    this.wakeNoted()
  }
}

/** Waking takes so long at a time. */
const WAKING_MS = 1
