import { type Codec, NEED_MORE } from '../codecs/codec.js'
import { NetError } from '../net-error.js'
import { Inbox } from './inbox.js'

/** What becomes of received bytes. */
export interface DeliveryOwner<Incoming> {
  onDecoded(message: Incoming): void
  /** The bytes are no message. */
  onBadBytes(error: unknown): void
  /** The peer has ended, and everything before that is delivered. */
  onDelivered(): void
}

/** Delivers the messages of one connection, as far as it is open and not paused. */
export class Delivery<Incoming> {
  isPaused = false
  private readonly owner: DeliveryOwner<Incoming>
  private readonly messageLengthMax: number
  private codec: Codec<Incoming, never> | undefined = undefined
  private inbox = new Inbox()
  private isOpen = false
  private canDeliver = false
  private hasPeerEnded = false

  constructor(owner: DeliveryOwner<Incoming>, messageLengthMax: number) {
    this.owner = owner
    this.messageLengthMax = messageLengthMax
  }

  /** A socket is there, which reads into this inbox. */
  begin(codec: Codec<Incoming, never>, inbox: Inbox): void {
    this.codec = codec
    this.inbox = inbox
    this.hasPeerEnded = false
  }

  open(): void {
    this.isOpen = true
    this.canDeliver = !this.isPaused
  }

  /** The socket is gone, and what it brought with it. */
  close(): void {
    this.isOpen = false
    this.canDeliver = false
  }

  pause(): void {
    this.isPaused = true
    this.canDeliver = false
  }

  /** Delivers what a pause held back. Returns whether the socket may go on to read. */
  resume(): boolean {
    if (this.isPaused || !this.isOpen) return false
    this.canDeliver = true
    this.deliver()
    if (!this.canDeliver) return false
    if (this.hasPeerEnded) this.endIfDelivered()
    return !this.hasPeerEnded
  }

  onPeerEnd(): void {
    this.hasPeerEnded = true
    if (this.canDeliver) this.endIfDelivered()
  }

  /** Delivers the whole messages in the inbox. */
  deliver(): void {
    const { input } = this.inbox
    const { codec, owner, messageLengthMax } = this
    if (codec === undefined) return
    try {
      while (this.canDeliver) {
        const { start, end } = input
        if (start === end || end - start < input.neededLength) return
        input.neededLength = 0
        const message = codec.decode(input)
        if (message === NEED_MORE) {
          if (end - start >= messageLengthMax || input.neededLength > messageLengthMax) throw this.tooLong()
          return
        }
        if (input.start - start > messageLengthMax) throw this.tooLong()
        owner.onDecoded(message)
      }
    } catch (error) {
      owner.onBadBytes(error)
    }
  }

  private endIfDelivered(): void {
    const { input } = this.inbox
    if (input.end === input.start) this.owner.onDelivered()
    else this.owner.onBadBytes(new NetError('INCOMPLETE', 'The peer has ended in the middle of a message'))
  }

  private tooLong(): NetError {
    return new NetError('MESSAGE_TOO_LONG', `A message is longer than ${this.messageLengthMax} bytes`)
  }
}
