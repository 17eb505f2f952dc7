import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'
import { Call } from './call.js'

/** A request that succeeds or fails, such as a flush. */
export class DoneCall extends Call<void> {
  /** A NOOP is replied to with an end. */
  override accepts(reply: ReplyMessage): boolean {
    return reply.kind === ReplyKind.END ? this.hasNumberOf(reply) : super.accepts(reply)
  }

  override finish(reply: ReplyMessage): void {
    if (reply.status === Status.OK) this.succeed(undefined)
    else this.failBy(reply)
  }
}

/** A request with a text for reply: the version. */
export class TextCall extends Call<string> {
  override finish(reply: ReplyMessage): void {
    if (reply.status !== Status.OK) this.failBy(reply)
    else this.succeed(reply.hasValue ? `${reply.value}` : reply.text)
  }
}
