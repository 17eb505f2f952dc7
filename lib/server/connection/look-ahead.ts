import type { Protocol } from '../../protocol/protocol.js'
import { isChange } from '../../request/change.js'
import { Command } from '../../request/command.js'
import type { Worker } from './worker.js'

/** Whether the next request of the session whose turn it is changes something. */
export function isChangeNext(worker: Worker, protocol: Protocol, start: number, end: number): boolean {
  return isWholeNext(worker, protocol, start, end) && isChange(worker.request)
}

/** Whether it takes as long as many others. */
export function isLengthyNext(worker: Worker, protocol: Protocol, start: number, end: number): boolean {
  return isWholeNext(worker, protocol, start, end) && isLengthy(worker.request.command)
}

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
