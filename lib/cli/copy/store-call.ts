import { Call } from '../../client/calls/call.js'
import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'

/** Stores an item, and returns its cas; undefined if the server has another item, or none where there was one. */
export class StoreCall extends Call<bigint | undefined> {
  override wantsCas = true

  override finish(reply: ReplyMessage): void {
    const { status } = reply
    if (status === Status.OK) this.succeed(reply.cas)
    else if (status === Status.NOT_STORED || status === Status.EXISTS || status === Status.NOT_FOUND)
      this.succeed(undefined)
    else this.failBy(reply)
  }
}
