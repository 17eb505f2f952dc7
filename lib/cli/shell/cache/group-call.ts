import { Call } from '../../../client/calls/call.js'
import { ReplyKind, type ReplyMessage } from '../../../protocol/client/reply-message.js'
import { Command } from '../../../request/command.js'
import { Status } from '../../../request/status.js'

export type Statistic = readonly [name: string, value: string]

/** The statistics of a group in their order, or undefined if the server does not know the group. */
export class GroupCall extends Call<Statistic[] | undefined> {
  private readonly statistics: Statistic[] = []

  constructor(group: string) {
    super()
    this.command = Command.STATS
    this.key = group
  }

  override accepts(reply: ReplyMessage): boolean {
    return reply.kind !== ReplyKind.ITEM && reply.kind !== ReplyKind.LINE && this.hasNumberOf(reply)
  }

  override collect({ kind, key, value }: ReplyMessage): void {
    if (kind === ReplyKind.STATISTIC) this.statistics.push([`${key}`, `${value}`])
  }

  override finish(reply: ReplyMessage): void {
    const { status } = reply
    if (status === Status.OK) this.succeed(this.statistics)
    else if (status === Status.NOT_FOUND || status === Status.UNKNOWN_COMMAND) this.succeed(undefined)
    else this.failBy(reply)
  }
}
