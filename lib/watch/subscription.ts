/** The destination of a watcher's lines. */
export interface Sink {
  /** True if all bytes were taken at once; otherwise they must stay, and not change, until `Subscription.drained`. */
  send(bytes: Buffer): boolean
}

/**
 * The lines that wait for one watcher, in a buffer that does not grow:
 *
 *     ┌───────────────────┬──────────────────┬──────────┐
 *     │ is being sent     │ lines that wait  │ free     │
 *     └───────────────────┴──────────────────┴──────────┘
 *                         ▲ sentEnd          ▲ end
 *
 * From the first line that does not fit until the socket has taken the bytes that it was given, lines are left out and
 * counted; then the watcher receives the count.
 */
export class Subscription {
  readonly kinds: number
  /** Events with lower numbers are from before its start. */
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
    // Not from the common pool, which a small buffer would keep alive.
    this.buffer = Buffer.allocUnsafeSlow(Math.max(bufferLength, LINE_LENGTH_MAX))
  }

  /** Lines are left out. */
  get isStuck(): boolean {
    return this.skippedCount > 0
  }

  /** Adds a line for the watcher. False if it was left out. */
  add(line: string): boolean {
    if (!this.isStuck && !this.hasRoom(line.length)) this.flush()
    if (this.isStuck || !this.hasRoom(line.length)) {
      this.skip()
      return false
    }
    this.write(line)
    return true
  }

  /** Counts a line that is left out. */
  skip(): void {
    this.skippedCount++
  }

  /** Sends the waiting lines, unless the socket is still busy with earlier bytes. */
  flush(): void {
    if (this.sentEnd > 0 || this.end === 0) return
    this.sentEnd = this.end
    if (!this.sink.send(this.buffer.subarray(0, this.end))) return
    this.sentEnd = 0
    this.end = 0
  }

  /** The socket has taken all bytes. */
  drained(): void {
    if (this.sentEnd === 0) return
    this.buffer.copyWithin(0, this.sentEnd, this.end)
    this.end -= this.sentEnd
    this.sentEnd = 0
    // The sent bytes were longer than this.
    if (this.isStuck) this.write(`skipped=${this.skippedCount}\n`)
    this.skippedCount = 0
    this.flush()
  }

  private hasRoom(length: number): boolean {
    return this.end + length <= this.buffer.length
  }

  private write(text: string): void {
    this.end += this.buffer.write(text, this.end, 'latin1')
  }
}

/** One line always fits, whatever the size of the buffer. */
const LINE_LENGTH_MAX = 2048
