import type { Subscription } from '../feed/subscriptions/subscription.js'
import { changeLine } from './change-line.js'
import type { Sink } from './subscription.js'

/**
 * Sends changes to a connection, as lines. While the socket is busy, they wait in the queue of the subscription and then in the
 * history, so nothing is left out before that is overwritten.
 */
export class ChangeLines {
  private readonly subscription: Subscription
  private readonly sink: Sink
  private readonly onStuck: () => void
  /** What the socket has not taken yet. A wire does not keep the bytes that it sends alive. */
  private sent: Buffer | undefined = undefined
  /** Ends a client that takes nothing any more. */
  private patience: NodeJS.Timeout | undefined = undefined

  constructor(subscription: Subscription, sink: Sink, onStuck: () => void) {
    this.subscription = subscription
    this.sink = sink
    this.onStuck = onStuck
    subscription.onReadable = () => this.send()
  }

  /** The socket has taken all bytes. */
  drained(): void {
    clearTimeout(this.patience)
    this.sent = undefined
    this.send()
  }

  end(): void {
    clearTimeout(this.patience)
    this.subscription.close()
  }

  private send(): void {
    if (this.sent !== undefined) return
    for (;;) {
      const lines = this.nextLines()
      if (lines === '') return
      this.sent = Buffer.from(lines, 'latin1')
      if (!this.sink.send(this.sent)) break
      this.sent = undefined
    }
    this.patience = setTimeout(this.onStuck, 2 * this.subscription.heartbeatMs).unref()
  }

  private nextLines(): string {
    let lines = ''
    while (lines.length < LINES_LENGTH) {
      const change = this.subscription.next()
      if (change === undefined) break
      lines += changeLine(change)
    }
    return lines
  }
}

/** As much is sent at once, or one line more. */
const LINES_LENGTH = 64 * 1024
