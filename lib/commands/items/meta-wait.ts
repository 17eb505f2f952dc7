import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { casHigh, casLow, MISSING } from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { metaGet } from './meta-get.js'

/**
 * A get that is answered once the item's cas differs from that of the request, or the item is missing; with cas 0 once there is
 * an item. Until then, and until its time is up, the connection is parked: the caller runs the request again.
 */
export function metaWait(context: Context, request: Request, reply: Reply): void {
  const { feed } = context
  if (feed === undefined) {
    reply.status = Status.UNKNOWN_COMMAND
  } else if (hasHappened(context, request)) {
    metaGet(context, request, reply)
  } else if (request.expiry <= 0) {
    reply.status = Status.NOT_STORED
  } else if (!request.session.mayWatch) {
    reply.status = Status.INVALID_ARGUMENTS
  } else if (!feed.mayWait) {
    reply.status = Status.OUT_OF_MEMORY
  } else {
    request.session.isParked = true
    reply.status = Status.CONTINUE
    reply.isLast = true
  }
}

function hasHappened({ store }: Context, request: Request): boolean {
  const item = store.find(request.keyStart, request.keyEnd - request.keyStart)
  const { words } = store
  const isMissingWanted = request.casHigh === 0 && request.casLow === 0
  const hasHappened =
    item === MISSING
      ? !isMissingWanted
      : request.casHigh !== casHigh(words, item) || request.casLow !== casLow(words, item)
  store.release()
  return hasHappened
}
