import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { kindsOf } from '../watch/kinds.js'
import type { Context } from './context/context.js'

/** The connection will receive what other clients do. The words are the request's key. */
export function watch(context: Context, request: Request, reply: Reply): void {
  const { watchers } = context
  if (watchers === undefined || !context.options.watchEnabled) {
    reply.status = Status.UNAUTHENTICATED
    return
  }
  const words = context.arena.bytes.toString('latin1', request.keyStart, request.keyEnd)
  const kinds = kindsOf(words === '' ? [] : words.split(' '))
  if (kinds === 0 || !request.session.mayWatch) {
    reply.status = Status.INVALID_ARGUMENTS
  } else if (!watchers.admit()) {
    reply.status = Status.OUT_OF_MEMORY
  } else {
    request.session.watches = kinds
    reply.isLast = true
  }
}
