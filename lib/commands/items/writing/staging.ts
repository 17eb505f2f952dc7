import { Command } from '../../../request/command.js'
import type { PartialValue } from '../../../request/partial-value.js'
import type { Reply } from '../../../request/reply.js'
import type { Request } from '../../../request/request.js'
import { Status } from '../../../request/status.js'
import type { Context } from '../../context/context.js'
import { draftStored } from './drafts.js'
import { refuseTooLarge, refuseWithoutMemory, storesValue } from './refusal.js'

/** The first half of a request whose value is still arriving: see `Engine.stage`. */
export function stageValue(context: Context, request: Request, reply: Reply): PartialValue | undefined {
  // The decoder has the reply already, and the value is skipped.
  if (request.command === Command.NOOP) return undefined
  if (!storesValue(request.command)) {
    reply.status = request.command === Command.UNKNOWN ? Status.UNKNOWN_COMMAND : Status.TOO_LARGE
    return undefined
  }
  const keyLength = request.keyEnd - request.keyStart
  const valueLength = request.valueEnd - request.valueStart
  if (context.isTooLarge(keyLength, valueLength, request.clientFlags)) {
    refuseTooLarge(context, request, reply)
    return undefined
  }
  const staged = stage(context, request, true)
  if (staged === undefined) refuseWithoutMemory(context, request, reply)
  return staged
}

/** Takes memory for a value that is not in one range; undefined if there is none. */
export function stage(context: Context, request: Request, asItComes: boolean) {
  draftStored(context, request)
  return context.store.stage(asItComes)
}
