import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'
import { ClientError, type ClientErrorCode } from '../client-error.js'

/** The statuses that have a code of their own; the others are SERVER. */
const CODES: { readonly [status in Status]?: ClientErrorCode } = {
  [Status.TOO_LARGE]: 'TOO_LARGE',
  [Status.NOT_A_NUMBER]: 'NOT_A_NUMBER',
  [Status.UNAUTHENTICATED]: 'AUTH',
}

/** Why the server refused a request, in its own words if it has any. */
export function errorOf(reply: ReplyMessage): ClientError {
  const { status } = reply
  const words = reply.text || (reply.hasValue ? `${reply.value}` : '') || statusNames.get(status)
  return new ClientError(CODES[status] ?? 'SERVER', `the server replied: ${words}`)
}

const statusNames = new Map<Status, string>(
  Object.entries(Status).map(([name, status]) => [status, name.toLowerCase().replaceAll('_', ' ')]),
)
