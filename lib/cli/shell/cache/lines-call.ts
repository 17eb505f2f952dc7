import { Call } from '../../../client/calls/call.js'
import { ReplyKind, type ReplyMessage } from '../../../protocol/client/reply-message.js'
import { Status } from '../../../request/status.js'

/**
 * A request whose reply is a list of lines, which a pattern describes, and END. Another line ends it too, and is its result;
 * the result of a whole list is undefined.
 */
export class LinesCall extends Call<string | undefined> {
  private readonly pattern: RegExp
  private readonly onLine: (line: string) => void

  constructor(verb: string, rest: string, pattern: RegExp, onLine: (line: string) => void) {
    super()
    this.verb = verb
    this.flags = rest
    this.pattern = pattern
    this.onLine = onLine
  }

  override accepts(): boolean {
    return true
  }

  /** Later versions of memcached send OK before some lists. */
  override isLast(reply: ReplyMessage): boolean {
    if (reply.kind === ReplyKind.LINE) return !this.pattern.test(lineOf(reply))
    return reply.kind === ReplyKind.END || reply.status !== Status.OK
  }

  override collect(reply: ReplyMessage): void {
    if (reply.kind === ReplyKind.LINE) this.onLine(lineOf(reply))
  }

  /** Lines arrive only when `resume` was called. */
  pause(): void {
    this.carrier?.pause?.()
  }

  resume(): void {
    this.carrier?.resume?.()
  }

  override finish(reply: ReplyMessage): void {
    this.succeed(reply.kind === ReplyKind.END ? undefined : lineOf(reply))
  }
}

/** Each byte as a character. */
const lineOf = ({ bytes, textStart, textEnd }: ReplyMessage): string =>
  bytes.toString('latin1', textStart, textEnd)
