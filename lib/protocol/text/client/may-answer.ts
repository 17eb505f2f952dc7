import { Command } from '../../../request/command.js'
import { STORING } from '../../../request/command-groups.js'
import { Status } from '../../../request/status.js'
import { ReplyKind, type ReplyMessage } from '../../client/reply-message.js'
import type { RequestMessage } from '../../client/request-message.js'
import { isOutcome, mayAnswerMeta } from '../../meta/client/may-answer.js'

/** Whether the message can be one of the reply to a request that was sent in text; META_GET alone is meta. */
export function mayAnswerText(request: RequestMessage, reply: ReplyMessage): boolean {
  const { command } = request
  if (command === Command.META_GET) return mayAnswerMeta(request, reply)
  if (reply.code !== '') return false
  if (reply.kind !== ReplyKind.RESULT || !isOutcome(reply.status)) return true
  if (reply.status !== Status.OK) return command !== Command.GET && command !== Command.GET_AND_TOUCH
  const letter = SUCCESS_LETTERS[command]!
  return letter === ANY || reply.bytes[reply.start] === letter
}

const letterOf = (word: string): number => word.charCodeAt(0)
const ANY = 0

/** How the line of a success begins. The words of two commands never begin alike. */
const SUCCESS_LETTERS: number[] = Object.values(Command).map(() => ANY)
for (const command of STORING) SUCCESS_LETTERS[command] = letterOf('STORED')
SUCCESS_LETTERS[Command.DELETE] = letterOf('DELETED')
SUCCESS_LETTERS[Command.TOUCH] = letterOf('TOUCHED')
SUCCESS_LETTERS[Command.FLUSH] = letterOf('OK')
SUCCESS_LETTERS[Command.FLUSH_PREFIX] = letterOf('OK')
SUCCESS_LETTERS[Command.VERSION] = letterOf('VERSION')
SUCCESS_LETTERS[Command.NOOP] = letterOf('VERSION')
