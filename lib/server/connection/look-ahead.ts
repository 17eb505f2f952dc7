import type { Protocol } from '../../protocol/protocol.js'
import { isChange } from '../../request/change.js'
import { Command } from '../../request/command.js'
import { READ_LENGTH } from '../../request/limits.js'
import type { Worker } from './worker.js'

/** Whether the next request of the session whose turn it is changes something. */
export function isChangeNext(worker: Worker, protocol: Protocol, start: number, end: number): boolean {
  return isWholeNext(worker, protocol, start, end) && isChange(worker.request)
}

/**
 * Whether it waits while connections are new in every round, because it takes as long as many others. A line of keys does that
 * fills a read. It needs a window to wait in, so it waits only where these are plenty.
 */
export function isPutOff(worker: Worker, protocol: Protocol, start: number, end: number): boolean {
  const { pool, request } = worker
  if (2 * pool.ownTakenCount >= pool.windowCount || !isWholeNext(worker, protocol, start, end)) return false
  return isLengthy(request.command) || (request.command === Command.GET && end - start >= READ_LENGTH)
}

/** Each takes as long as many others. */
export const isLengthy = (command: Command): boolean => command === Command.STATS || command === Command.LIST

/** Decodes the next request. Leaves no trace: that may change the session, and bytes where they lie. */
function isWholeNext(worker: Worker, protocol: Protocol, start: number, end: number): boolean {
  const { arena, request } = worker
  const { session } = request
  const { openVerb } = session
  const asTheyCame = Buffer.from(arena.view(start, end))
  const next = protocol.decodeRequest(arena, start, end, request)
  arena.bytes.set(asTheyCame, start)
  session.openVerb = openVerb
  return next > start
}
