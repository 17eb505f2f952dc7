import { ReplyKind, type ReplyMessage } from '../../protocol/reply-message.js'
import { Call } from './call.js'

/** The statistics of a server, as it names them. */
export class StatisticsCall extends Call<Map<string, string>> {
  private readonly statistics = new Map<string, string>()

  override accepts(reply: ReplyMessage): boolean {
    return reply.kind !== ReplyKind.ITEM && reply.kind !== ReplyKind.LINE && this.hasNumberOf(reply)
  }

  override collect(reply: ReplyMessage): void {
    if (reply.kind === ReplyKind.STATISTIC) this.statistics.set(`${reply.key}`, `${reply.value}`)
  }

  override finish(reply: ReplyMessage): void {
    // `stats reset` has one line only.
    if (reply.status === 0) this.succeed(this.statistics)
    else this.failBy(reply)
  }
}
