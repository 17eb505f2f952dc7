import { Counter } from '../../../metrics/counters.js'
import { Command } from '../../../request/command.js'
import { STORING } from '../../../request/command-groups.js'
import type { Reply } from '../../../request/reply.js'
import type { Request } from '../../../request/request.js'
import { Status } from '../../../request/status.js'
import { Trait } from '../../../request/trait.js'
import { MISSING } from '../../../store/item/item.js'
import type { Context } from '../../context/context.js'

/** Refuses a value that does not end where its request says. False if it does. The caller discards what is staged. */
export function refuseDamaged(request: Request, reply: Reply): boolean {
  if ((request.traits & Trait.DAMAGED) === 0) return false
  reply.status = Status.BAD_DATA
  return true
}

export function refuseTooLarge(context: Context, request: Request, reply: Reply): void {
  context.counters.count(Counter.store_too_large)
  reply.status = Status.TOO_LARGE
  removeOutdated(context, request)
}

export function refuseWithoutMemory(context: Context, request: Request, reply: Reply): void {
  context.counters.count(Counter.store_no_memory)
  reply.status = Status.OUT_OF_MEMORY
  removeOutdated(context, request)
}

/** A failed set must not keep the old value. In meta, in every mode. */
export function removesOutdated({ command, traits }: Request): boolean {
  if ((traits & Trait.META) !== 0) return storesValue(command)
  return command === Command.SET && (traits & Trait.KEEP) === 0
}

function removeOutdated(context: Context, request: Request): void {
  if (!removesOutdated(request)) return
  const { keyStart, keyEnd } = request
  const present = context.store.lock(keyStart, keyEnd - keyStart)
  if (present === MISSING) context.store.forget(keyStart, keyEnd - keyStart)
  else context.store.remove(present)
}

/** Whether it is one of the commands that bring the value of an item. */
export const storesValue = (command: Command): boolean => STORING.has(command)
