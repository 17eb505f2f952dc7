import { Counter } from '../../../metrics/counters.js'
import { BROKEN, NEED_MORE } from '../../../protocol/protocol.js'
import { LongKeysLine } from '../../../protocol/text/long-line.js'
import { text } from '../../../protocol/text/text.js'
import { KEYS_LINE_LENGTH_MAX } from '../../../request/limits.js'
import type { Worker } from '../worker.js'
import { Backlog } from './backlog.js'

/**
 * A line of keys that is too long for a window, collected until its end arrives: it is answered, or refused, as a
 * whole.
 */
export class ArrivingLine {
  /** The line after its verb, and the bytes after the line. */
  readonly gathered: Backlog
  /** Where the first bytes to collect are among those received. */
  readonly keysStart: number
  private readonly worker: Worker
  private readonly line: LongKeysLine

  constructor(worker: Worker, start: number, end: number) {
    this.worker = worker
    this.line = new LongKeysLine(worker.arena.bytes, start, end)
    this.keysStart = this.line.keysStart
    this.gathered = new Backlog(worker.pool)
  }

  /**
   * Takes more. Returns NEED_MORE before the end of the line, then how many of the bytes came after it; or
   * BROKEN if there is no window for it, or it is too long.
   */
  take(start: number, end: number): number {
    const { arena, counters } = this.worker
    const lineEnd = this.line.look(arena.bytes, start, end)
    if (!this.gathered.add(arena, start, end)) {
      counters.count(Counter.read_buf_oom)
      return BROKEN
    }
    if (lineEnd >= 0) return end - lineEnd
    return this.gathered.length > KEYS_LINE_LENGTH_MAX ? BROKEN : NEED_MORE
  }

  /** Begins to request the keys, which are in the session from now on. False if the line was refused instead. */
  answer(): boolean {
    if (this.line.open(this.worker.request)) return true
    this.worker.answer(text)
    return false
  }
}
