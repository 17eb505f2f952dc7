import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { RequestMessage } from '../../protocol/client/request-message.js'
import { ClientError } from '../client-error.js'
import { errorOf } from './error-of.js'

/**
 * One call of a program: the request, as the codecs read it, and the promise that its reply settles. One object for each
 * call, and no closure.
 *
 *     new ──▶ waiting ──▶ sent ──▶ settled      its reply was read
 *      │         │          └────▶ settled      abandoned: the reply is still to come, and will be dropped
 *      └─────────┴───────────────▶ settled      failed before it was sent
 *
 * A call that has spares is used again after its reply was read: nobody keeps it beyond that.
 */
export abstract class Call<Result = unknown> extends RequestMessage {
  isSettled = false
  /** When it fails if it is not settled, on the clock of `Deadlines`; the list that it is in there. */
  deadlineMs = 0
  nextTimed: Call | undefined = undefined
  previousTimed: Call | undefined = undefined
  /** Where it waits: for a connection, or for its reply. */
  carrier: CallCarrier | undefined = undefined
  /** Is told when the call is settled. */
  owner: CallOwner | undefined = undefined
  /** Of the breaker that let it pass. */
  breakerGeneration = 0
  /** Ends listening to the caller's signal. */
  unfollow: (() => void) | undefined = undefined
  /** The count of messages that its connection had received when it was sent. */
  messageCountBefore = 0
  /** Where a long value ends in the bytes of its connection. */
  sentEnd = 0
  /** Why it will fail when its reply is complete. */
  protected damage: Error | undefined = undefined
  private resolve: (result: unknown) => void = unset
  private reject: (error: unknown) => void = unset
  private readonly spares: CallStock | undefined

  constructor(spares?: CallStock) {
    super()
    this.spares = spares
  }

  /** The promise that the reply settles. Taken once. */
  promise(): Promise<Result> {
    const promise = new Promise<Result>(takeResolvers)
    this.resolve = takenResolve
    this.reject = takenReject
    return promise
  }

  /** Whether the message is the last one of the reply. */
  isLast(reply: ReplyMessage): boolean {
    return reply.kind === ReplyKind.RESULT || reply.kind === ReplyKind.END
  }

  /** Whether the message can be a reply to this request. If not, the connection is out of step. */
  accepts(reply: ReplyMessage): boolean {
    return reply.kind === ReplyKind.RESULT && this.hasNumberOf(reply)
  }

  /** Whether the message has the number of this request, if it has any. */
  protected hasNumberOf(reply: ReplyMessage): boolean {
    return !reply.hasOpaque || reply.opaque === this.opaque
  }

  /** How many opaque numbers the request takes. */
  get opaqueCount(): number {
    return 1
  }

  /** Reads a message of the reply before the last one. Its bytes are valid until this returns. */
  collect(_reply: ReplyMessage): void {}

  /** Reads the last message, and settles the call. */
  abstract finish(reply: ReplyMessage): void

  /** The same without an exception: a message that cannot be decoded fails this call alone, when its reply is complete. */
  read(reply: ReplyMessage, isLast: boolean): void {
    try {
      if (!isLast) this.collect(reply)
      else if (this.damage !== undefined) this.fail(this.damage)
      else this.finish(reply)
    } catch (error) {
      if (isLast) this.fail(error as Error)
      else this.damage ??= error as Error
    }
  }

  succeed(result: Result): void {
    if (this.isSettled) return
    this.isSettled = true
    // First, so that an error of the owner leaves no call without its end.
    this.resolve(result)
    this.owner?.settled(this, undefined)
  }

  /** Its reply was read, and nothing refers to it any more. */
  giveBack(): void {
    if (this.spares !== undefined) this.spares.add(this)
  }

  /** Makes a call that was used a new one. It keeps nothing of its program alive. */
  reset(): void {
    this.isSettled = false
    this.key = ''
    this.value = NO_BYTES
    this.clientFlags = 0
    this.expiry = 0
    this.carrier = undefined
    this.owner = undefined
    this.unfollow = undefined
    this.damage = undefined
    this.resolve = unset
    this.reject = unset
  }

  /** The server has replied with an error. */
  failBy(reply: ReplyMessage): void {
    this.fail(errorOf(reply, this.owner?.name))
  }

  fail(error: Error): void {
    if (this.isSettled) return
    this.isSettled = true
    this.reject(error)
    this.owner?.settled(this, error)
  }
}

export interface CallCarrier {
  /** The call has failed by its deadline (`isOverdue`), or was aborted. */
  abandon(call: Call, isOverdue: boolean): void
  /** Reads nothing until `resume`: for a call whose reply is longer than its caller can take at a time. */
  pause?(): void
  resume?(): void
}

/** Where a call waits to be used again. */
export interface CallStock {
  add(call: Call): void
}

export interface CallOwner {
  readonly name: string
  settled(call: Call, error: Error | undefined): void
}

const NO_BYTES = new Uint8Array(0)

let takenResolve: (result: unknown) => void
let takenReject: (error: unknown) => void

function takeResolvers(resolve: (result: never) => void, reject: (error: unknown) => void): void {
  takenResolve = resolve as (result: unknown) => void
  takenReject = reject
}

const unset = (): never => {
  throw new ClientError('BAD_OPTION', 'a call was settled before its promise was taken')
}
