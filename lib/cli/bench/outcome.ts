import type { RecordableHistogram } from 'node:perf_hooks'
import { createLatencies, recordLatency, recordWaits, shareOf, type Waits } from './waits.js'

/** What became of the requests of one run. */
export class Outcome {
  /** Of replies, of requests without one in time, and of requests that were due and never sent. */
  readonly gets = createLatencies()
  readonly sets = createLatencies()
  getCount = 0
  setCount = 0
  hits = 0
  misses = 0
  /** By the code of the error. */
  readonly errors = new Map<string, number>()
  firstError = ''
  /** It ended early for want of a connection, or never had one. */
  isGone = false
  /** Due, but never sent: no connection had a place for them in time. */
  unsent = 0
  seconds = 0

  /** Those with a reply. */
  get requests(): number {
    return this.getCount + this.setCount
  }

  get failures(): number {
    return [...this.errors.values()].reduce((sum, count) => sum + count, this.unsent)
  }

  countReply(isGet: boolean, isHit: boolean, ms: number): void {
    if (isGet) this.getCount++
    else this.setCount++
    if (isGet && isHit) this.hits++
    else if (isGet) this.misses++
    this.countWait(isGet, ms)
  }

  /** Without it, percentiles would be better the longer a server stalls. */
  countWait(isGet: boolean, ms: number): void {
    recordLatency(isGet ? this.gets : this.sets, ms)
  }

  /** Those of requests that were never sent: so far, at least. A server that stalls to the end cannot hide them. */
  countWaits(waits: Waits, getShare: number): void {
    if (getShare > 0) recordWaits(this.gets, shareOf(waits, getShare))
    if (getShare < 1) recordWaits(this.sets, shareOf(waits, 1 - getShare))
  }

  countError(code: string, message: string): void {
    if (this.errors.size === 0) this.firstError = message
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
  }

  countGone(name: string): void {
    this.isGone = true
    this.countError('UNREACHABLE', `${name}: no connection can be made any more`)
  }

  add(other: Outcome): void {
    this.gets.add(other.gets)
    this.sets.add(other.sets)
    this.getCount += other.getCount
    this.setCount += other.setCount
    this.hits += other.hits
    this.misses += other.misses
    for (const [code, count] of other.errors) this.errors.set(code, (this.errors.get(code) ?? 0) + count)
    this.unsent += other.unsent
    this.seconds += other.seconds
  }

  /** Of gets and sets together. */
  all(): RecordableHistogram {
    const all = createLatencies()
    if (this.gets.count > 0) all.add(this.gets)
    if (this.sets.count > 0) all.add(this.sets)
    return all
  }
}
