import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'
import { ClientError, type ClientErrorCode } from '../client-error.js'

/** The statuses that have a code of their own; the others are SERVER. */
const CODES: { readonly [status in Status]?: ClientErrorCode } = {
  [Status.TOO_LARGE]: 'TOO_LARGE',
  [Status.NOT_A_NUMBER]: 'NOT_A_NUMBER',
  [Status.UNAUTHENTICATED]: 'AUTH',
}

/** Why the server, if it has a name here, refused a request: in its own words if it has any. */
export function errorOf(reply: ReplyMessage, server?: string): ClientError {
  const { status } = reply
  const words = reply.text || (reply.hasValue ? `${reply.value}` : '') || statusNames.get(status)
  const place = server === undefined ? '' : `${server}: `
  return new ClientError(CODES[status] ?? 'SERVER', `${place}the server replied: ${words}`)
}

const statusNames = new Map<Status, string>(
  Object.entries(Status).map(([name, status]) => [status, name.toLowerCase().replaceAll('_', ' ')]),
)
