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
 * From the first line for which there is no room until the socket has taken what it was given, lines are left out and
 * counted; then the watcher is told how many.
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
    this.buffer = Buffer.allocUnsafeSlow(Math.max(bufferLength, LINE_LENGTH_MAX))
  }

  /** Lines are left out. */
  get isStuck(): boolean {
    return this.skippedCount > 0
  }

  /** A line for the watcher. False when it had to be left out. */
  add(line: string): boolean {
    if (!this.isStuck && !this.hasRoom(line.length)) this.flush()
    if (this.isStuck || !this.hasRoom(line.length)) {
      this.skip()
      return false
    }
    this.write(line)
    return true
  }

  /** A line is left out. */
  skip(): void {
    this.skippedCount++
  }

  /** Sends what waits, unless the socket is still busy with what was sent before. */
  flush(): void {
    if (this.sentEnd > 0 || this.end === 0) return
    this.sentEnd = this.end
    if (!this.sink.send(this.buffer.subarray(0, this.end))) return
    this.sentEnd = 0
    this.end = 0
  }

  /** The socket has taken all. */
  drained(): void {
    if (this.sentEnd === 0) return
    this.buffer.copyWithin(0, this.sentEnd, this.end)
    this.end -= this.sentEnd
    this.sentEnd = 0
    // What was sent was longer than this.
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

/** Whatever the buffer was to be, one line fits in. */
const LINE_LENGTH_MAX = 2048
