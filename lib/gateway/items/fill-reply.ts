import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import { Status } from '../../request/status.js'
import type { GatewayCall } from '../gateway-call.js'
import type { GatewayParts } from '../gateway-parts.js'
import { accessTimeOf, casHighOf, casLowOf, clientFlagsOf, Mark, marksOf, valueIn } from './item-format.js'

/** Puts the cas of an item, or of a header, into the reply, unless the server keeps none. */
export function tellCas({ context }: GatewayParts, item: Buffer, reply: Reply): void {
  if (context.options.casEnabled) setCas(reply, casHighOf(item), casLowOf(item))
}

/** The same for the eight bytes that scripts return. */
export function tellNewCas({ context }: GatewayParts, cas: Buffer, reply: Reply): void {
  if (context.options.casEnabled) setCas(reply, cas.readInt32BE(0), cas.readInt32BE(4))
}

function setCas(reply: Reply, high: number, low: number): void {
  reply.casHigh = high
  reply.casLow = low
}

export function giveItem(parts: GatewayParts, item: Buffer, reply: Reply): void {
  reply.hasItem = true
  reply.clientFlags = clientFlagsOf(item)
  parts.values.place(valueIn(item), reply)
  tellCas(parts, item, reply)
}

/** The state of an item before the request, from its header and the milliseconds that it had left. */
export function tellFacts({ context }: GatewayParts, item: Buffer, leftMs: number, reply: Reply): void {
  const facts = reply.item
  const marks = marksOf(item)
  facts.now = context.store.clock.now
  facts.expiry = leftMs < 0 ? 0 : facts.now + Math.ceil(leftMs / 1000)
  facts.accessTime = accessTimeOf(item)
  facts.wasFetched = (marks & Mark.FETCHED) !== 0
  facts.isStale = (marks & Mark.STALE) !== 0
  facts.wasWon = (marks & Mark.TOKEN_SENT) !== 0
  facts.isWon = false
  facts.isNew = false
  facts.isKnown = false
}

/** A script returns a status as a number, and other results as bytes or lists. */
export const isStatus = (result: unknown): result is Status => typeof result === 'number'

/** True if the engine could not run it; then the reply says so. */
export function hasFailed({ context }: GatewayParts, { status }: GatewayCall, reply: Reply): boolean {
  reply.status = status
  if (status === Status.OUT_OF_MEMORY) context.counters.count(Counter.store_no_memory)
  return status !== Status.OK
}
