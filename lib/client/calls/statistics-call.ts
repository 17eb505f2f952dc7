import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { Call } from './call.js'

/** The statistics of a server, as it names them. */
export class StatisticsCall extends Call<Map<string, string>> {
  private readonly statistics = new Map<string, string>()

  override accepts(reply: ReplyMessage): boolean {
    if (reply.kind === ReplyKind.LINE) return LISTED.test(textOf(reply))
    return reply.kind !== ReplyKind.ITEM && this.hasNumberOf(reply)
  }

  override collect(reply: ReplyMessage): void {
    if (reply.kind === ReplyKind.STATISTIC) {
      this.statistics.set(`${reply.key}`, `${reply.value}`)
      return
    }
    const [, name, words] = LISTED.exec(textOf(reply)) ?? []
    if (name !== undefined) this.statistics.set(name, words!)
  }

  override finish(reply: ReplyMessage): void {
    // `stats reset` has one line only.
    if (reply.status === 0) this.succeed(this.statistics)
    else this.failBy(reply)
  }
}

/** Lines of `stats cachedump` and of `stats detail dump`, which have these words in place of STAT. */
const LISTED = /^(?:ITEM|PREFIX) (\S*) (.*)$/

const textOf = ({ bytes, textStart, textEnd }: ReplyMessage): string =>
  bytes.toString('utf8', textStart, textEnd)
