import type { Sink, Subscription } from '../../watch/subscription.js'
import type { Outbox } from './outbox.js'
import type { Worker } from './worker.js'

/** A connection that watches, and sends no more requests: lines follow the replies to its earlier requests. */
export class Watching implements Sink {
  private readonly worker: Worker
  private readonly outbox: Outbox
  private readonly subscription: Subscription
  /** Lines that must not overtake replies that wait for the journal. */
  private heldLines: Buffer | undefined = undefined

  constructor(worker: Worker, kinds: number, outbox: Outbox) {
    this.worker = worker
    this.outbox = outbox
    this.subscription = worker.watchers.watch(kinds, this)
  }

  send(lines: Buffer): boolean {
    if (!this.outbox.isHeld) return this.outbox.send(lines)
    this.heldLines = lines
    return false
  }

  /** No reply is held any more. */
  sendHeldLines(): void {
    const { heldLines } = this
    this.heldLines = undefined
    if (heldLines !== undefined && this.send(heldLines)) this.subscription.drained()
  }

  /** The socket has taken all. */
  drained(): void {
    this.subscription.drained()
  }

  end(): void {
    this.worker.watchers.leave(this.subscription)
  }
}
