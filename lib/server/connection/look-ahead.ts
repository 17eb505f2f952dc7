import type { Protocol } from '../../protocol/protocol.js'
import { isChange } from '../../request/change.js'
import type { Worker } from './worker.js'

/**
 * Whether the next request of the current session is a change. Leaves no trace: decoding it may change
 * the session, and a key in place.
 */
export function isChangeNext(worker: Worker, protocol: Protocol, start: number, end: number): boolean {
  const { arena, request } = worker
  const { session } = request
  const { openVerb } = session
  const asTheyCame = Buffer.from(arena.view(start, end))
  const next = protocol.decodeRequest(arena, start, end, request)
  arena.bytes.set(asTheyCame, start)
  session.openVerb = openVerb
  return next > start && isChange(request)
}
