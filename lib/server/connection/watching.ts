import { ChangeLines } from '../../watch/change-lines.js'
import type { Sink } from '../../watch/subscription.js'
import type { Outbox } from './output/outbox.js'
import type { Worker } from './worker.js'

/** The source of the lines. */
interface WatchedLines {
  /** The socket has taken all bytes. */
  drained(): void
  end(): void
}

/** A connection that watches, and sends no more requests: lines follow the replies to its earlier requests. */
export class Watching implements Sink {
  private readonly worker: Worker
  private readonly outbox: Outbox
  private readonly lines: WatchedLines | undefined
  /** Lines that must not overtake replies that wait for the journal. */
  private heldLines: Buffer | undefined = undefined

  /** What the session of the worker's request wants to watch. `onStuck` is called when the client takes nothing any more. */
  constructor(worker: Worker, outbox: Outbox, onStuck: () => void) {
    this.worker = worker
    this.outbox = outbox
    const { watches, watchedChanges } = worker.request.session
    if (watchedChanges === undefined) {
      this.lines = this.watchEvents(watches)
    } else {
      const subscription = worker.feed?.subscribe(watchedChanges)
      this.lines = subscription && new ChangeLines(subscription, this, onStuck)
    }
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
    if (heldLines !== undefined && this.send(heldLines)) this.lines?.drained()
  }

  /** The socket has taken all. */
  drained(): void {
    this.lines?.drained()
  }

  end(): void {
    this.lines?.end()
  }

  private watchEvents(kinds: number): WatchedLines {
    const { watchers } = this.worker
    const subscription = watchers.watch(kinds, this)
    return { drained: () => subscription.drained(), end: () => watchers.leave(subscription) }
  }
}
