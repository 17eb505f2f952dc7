import { READ_LENGTH } from '../../request/limits.js'
import type { Inbox } from './input/inbox.js'
import type { Outbox, OutboxOwner } from './output/outbox.js'
import type { Worker } from './worker.js'

/**
 * How the server closes a connection: pending replies are still sent. A socket that is closed with unread bytes
 * resets its peer, which may then lose the last replies: so bytes are read for a while. Not for long, so that the client
 * sees the end of the connection.
 */
export class ConnectionCloser {
  private readonly worker: Worker
  private readonly owner: Pick<OutboxOwner, 'wire'>
  private readonly inbox: Inbox
  private readonly outbox: Outbox
  /** It counts as a connection of the server. */
  private isCounted = true
  private hasBegun = false
  private mayBeUnread = false
  private lingering: NodeJS.Timeout | undefined = undefined

  constructor(worker: Worker, owner: Pick<OutboxOwner, 'wire'>, inbox: Inbox, outbox: Outbox) {
    this.worker = worker
    this.owner = owner
    this.inbox = inbox
    this.outbox = outbox
  }

  /** Nothing more will be answered. With `mayBeUnread` the client may have sent bytes that were not read. */
  begin(mayBeUnread: boolean): void {
    this.hasBegun = true
    this.mayBeUnread = mayBeUnread
    if (!this.outbox.isHeld) this.finishWhenSent()
  }

  /** The client has sent everything, so nothing is unread. */
  peerEnded(): void {
    this.mayBeUnread = false
    if (!this.outbox.isHeld && !this.outbox.isDeferring) this.owner.wire.finish()
  }

  /** No reply is held any more. */
  released(): void {
    if (this.hasBegun) this.finishWhenSent()
  }

  private finishWhenSent(): void {
    // Deferred values were not given to the socket yet.
    if (!this.outbox.isSending) this.finish()
    else if (!this.outbox.isDeferring) this.owner.wire.endSending()
  }

  /** The kernel has taken all. */
  finish(): void {
    const { wire } = this.owner
    if (!this.mayBeUnread) {
      this.decrementCount()
      wire.finish()
      return
    }
    wire.endSending()
    wire.resume()
    this.lingering ??= setTimeout(() => wire.destroy(), LINGER_MS).unref()
  }

  /**
   * Bytes that arrive now are skipped. If nothing had to wait, a short read shows that all earlier bytes were read,
   * unless the length of the request is unknown. Returns false to pause reading.
   */
  discard(length: number, isBroken: boolean): boolean {
    const { inbox, outbox } = this
    const isAll = inbox.skip(length) && length < READ_LENGTH
    if (isAll && !outbox.hasWaited && !outbox.isHeld && !isBroken) this.owner.wire.finish()
    return !outbox.isSending
  }

  /** The connection is closed. */
  end(): void {
    clearTimeout(this.lingering)
    this.decrementCount()
  }

  private decrementCount(): void {
    if (this.isCounted) this.worker.table.counts.decrement()
    this.isCounted = false
  }
}

/** How long a peer may keep sending after the server has ended the connection. */
const LINGER_MS = 1000
