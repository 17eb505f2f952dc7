import { setTimeout as sleep } from 'node:timers/promises'
import type { KeyList, ListedKey } from './key-list.js'

export interface FlightOptions {
  /** Keys under way at a time. */
  readonly countMax: number
  /** Keys begun in a second; undefined: no limit. */
  readonly rate: number | undefined
  readonly ending: AbortSignal
}

/**
 * Handles the keys of a list, many at a time, within bounds of count, bytes and rate. An error of the handler ends it, once
 * the others under way have ended; so does the signal.
 */
export class Flight {
  doneCount: number
  private readonly list: KeyList
  private readonly options: FlightOptions
  /** The places of the keys under way, in the order of the list. */
  private readonly places = new Set<number>()
  private length = 0
  private error: unknown = undefined
  private failedPlace: number | undefined = undefined
  private wake: () => void = () => undefined
  private savedMs = performance.now()

  constructor(list: KeyList, options: FlightOptions) {
    this.list = list
    this.options = options
    this.doneCount = list.doneCount
  }

  /** Returns whether all keys were handled. */
  async run(handle: (key: ListedKey) => Promise<void>): Promise<boolean> {
    const startMs = performance.now()
    const { rate, ending } = this.options
    let begun = 0
    let isWhole = true
    const wake = () => this.wake()
    ending.addEventListener('abort', wake)
    let nextPlace: number | undefined
    for await (const key of this.list.keys()) {
      nextPlace = key.place
      while (!this.isOver && !this.hasRoom(key.size)) await this.change()
      if (rate !== undefined) await untilDue(startMs + (begun * 1000) / rate, ending)
      isWhole = !this.isOver
      if (!isWhole) break
      begun++
      void this.begin(key, handle)
      await this.save(key.place)
    }
    while (this.places.size > 0) await this.change()
    ending.removeEventListener('abort', wake)
    isWhole &&= this.error === undefined
    await this.list.saveProgress(isWhole ? undefined : (this.failedPlace ?? nextPlace), this.doneCount)
    if (this.error !== undefined) throw this.error
    return isWhole
  }

  private get isOver(): boolean {
    return this.error !== undefined || this.options.ending.aborted
  }

  /** One key always has room, however long its value is. */
  private hasRoom(size: number): boolean {
    if (this.places.size === 0) return true
    return this.places.size < this.options.countMax && this.length + size <= LENGTH_MAX
  }

  private async begin(
    { name, size, place }: ListedKey,
    handle: (key: ListedKey) => Promise<void>,
  ): Promise<void> {
    this.places.add(place)
    this.length += size
    try {
      await handle({ name, size, place })
      this.doneCount++
    } catch (error) {
      this.error ??= error
      this.failedPlace = Math.min(this.failedPlace ?? place, place)
    }
    this.places.delete(place)
    this.length -= size
    this.wake()
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }

  /** A set has its members in the order in which they were added: the first one is the earliest that is not done. */
  private async save(lastPlace: number): Promise<void> {
    const nowMs = performance.now()
    if (nowMs - this.savedMs < SAVE_MS) return
    this.savedMs = nowMs
    const [first = lastPlace] = this.places
    await this.list.saveProgress(Math.min(first, this.failedPlace ?? first), this.doneCount)
  }
}

async function untilDue(dueMs: number, ending: AbortSignal): Promise<void> {
  const waitMs = dueMs - performance.now()
  if (waitMs > 0) await sleep(waitMs, undefined, { signal: ending }).catch(() => undefined)
}

/** Bytes of the items under way, as they were listed. */
const LENGTH_MAX = 16 * 1024 * 1024
const SAVE_MS = 1000
