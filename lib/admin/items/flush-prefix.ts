import { KEY_LENGTH_MAX } from '../../request/limits.js'
import { Status } from '../../request/status.js'
import type { Exchange } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'

/** Flushes the items whose keys begin with a prefix. All items are not flushed by mistake: the prefix must be given. */
export async function flushPrefix({ admin, response, parameters }: Exchange): Promise<void> {
  const prefix = parameters.bytes('prefix') ?? Buffer.alloc(0)
  if (prefix.length === 0 || prefix.length > KEY_LENGTH_MAX)
    throw new HttpError(400, `prefix: give 1 to ${KEY_LENGTH_MAX} bytes`)
  const { status } = await admin.access.execute({ kind: 'flush_prefix', key: prefix })
  if (status === Status.UNAUTHENTICATED) throw new HttpError(403, 'flushing is off (-F)')
  if (status !== Status.OK) throw new HttpError(503, 'it cannot be flushed now: see /v1/stats, journal')
  response.writeHead(204).end()
}
