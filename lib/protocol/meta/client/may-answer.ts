import { Command } from '../../../request/command.js'
import { Status } from '../../../request/status.js'
import type { ReplyMessage } from '../../client/reply-message.js'
import type { RequestMessage } from '../../client/request-message.js'

/**
 * Whether the message can be one of the reply to a request that was sent in meta: a code of meta, or the line of an error. What verbs of
 * text are replied to that were sent by their name, only their caller knows.
 */
export function mayAnswerMeta({ command, verb }: RequestMessage, { code, status }: ReplyMessage): boolean {
  if (command === Command.META_GET && verb.length > META_VERB_LENGTH) return true
  if (code === '') return !isOutcome(status)
  if (command === Command.NOOP) return code === 'MN'
  return code !== 'ME' || command === Command.META_GET
}

const META_VERB_LENGTH = 2

/** What becomes of a request that is right. The protocols have words of their own for these, and share the errors. */
export const isOutcome = (status: Status): boolean =>
  status === Status.OK ||
  status === Status.NOT_FOUND ||
  status === Status.EXISTS ||
  status === Status.NOT_STORED
