import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'
import { Call } from './call.js'
import { errorOf } from './error-of.js'

export interface PlainReply {
  readonly status: Status
  readonly text: string
  readonly value: Buffer
  /** What a program is told if the status is a failure. */
  readonly error: Error | undefined
}

/** A request of the client itself, whose reply it reads as it is: a login, a probe. */
export class ReplyCall extends Call<PlainReply> {
  override accepts(reply: ReplyMessage): boolean {
    return reply.kind === ReplyKind.END ? this.hasNumberOf(reply) : super.accepts(reply)
  }

  override finish(reply: ReplyMessage): void {
    const { status, text } = reply
    const error = status === Status.OK ? undefined : errorOf(reply)
    this.succeed({ status, text, value: Buffer.from(reply.value), error })
  }
}
