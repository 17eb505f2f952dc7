/** Where a watcher's lines go. */
export interface Sink {
  /** True when all of it was taken at once; else the bytes have to stay until `Subscription.drained`. */
  send(bytes: Buffer): boolean
}

/**
 * What waits for one watcher, in a buffer that does not grow:
 *
 *     ┌───────────────────┬──────────────────┬──────────┐
 *     │ is being sent     │ lines that wait  │ free     │
 *     └───────────────────┴──────────────────┴──────────┘
 *                         ▲ sentEnd          ▲ end
 *
 * A line for which there is no room is left out and counted, and the watcher is told so when there is room again.
 */
export class Subscription {
  readonly kinds: number
  /** Events with lower numbers were before its time. */
  readonly firstGid: number
  private readonly sink: Sink
  private readonly buffer: Buffer
  private sentEnd = 0
  private end = 0
  private skippedCount = 0

  constructor(kinds: number, firstGid: number, bufferLength: number, sink: Sink) {
    this.kinds = kinds
    this.firstGid = firstGid
    this.sink = sink
    // Not from the common pool, which a small one would keep alive.
    this.buffer = Buffer.allocUnsafeSlow(bufferLength)
  }

  /** A line for the watcher. False when it had to be left out. */
  add(line: string): boolean {
    const notice = this.skippedCount === 0 ? '' : noticeOf(this.skippedCount)
    if (!this.hasRoom(notice.length + line.length)) this.flush()
    if (!this.hasRoom(notice.length + line.length)) {
      this.skippedCount++
      return false
    }
    this.skippedCount = 0
    this.write(notice + line)
    return true
  }

  /** Sends what waits, unless the socket is still busy with what was sent before. */
  flush(): void {
    if (this.sentEnd > 0 || this.end === 0) return
    this.sentEnd = this.end
    if (this.sink.send(this.buffer.subarray(0, this.end))) this.clear()
  }

  /** The socket has taken all. */
  drained(): void {
    if (this.sentEnd === 0) return
    this.buffer.copyWithin(0, this.sentEnd, this.end)
    this.end -= this.sentEnd
    this.sentEnd = 0
    if (this.skippedCount > 0 && this.hasRoom(NOTICE_LENGTH_MAX)) {
      this.write(noticeOf(this.skippedCount))
      this.skippedCount = 0
    }
    this.flush()
  }

  private clear(): void {
    this.sentEnd = 0
    this.end = 0
  }

  private hasRoom(length: number): boolean {
    return this.end + length <= this.buffer.length
  }

  private write(text: string): void {
    this.end += this.buffer.write(text, this.end, 'latin1')
  }
}

const noticeOf = (count: number): string => `skipped=${count}\n`
const NOTICE_LENGTH_MAX = 32
