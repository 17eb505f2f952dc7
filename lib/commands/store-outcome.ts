import { Command } from '../request/command.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { Outcome, StoreVerb } from '../watch/event.js'
import { wantsCas } from './items/cas.js'

/** How watchers call the commands that store. */
export const STORE_VERBS: Readonly<Partial<Record<Command, StoreVerb>>> = {
  [Command.SET]: StoreVerb.SET,
  [Command.ADD]: StoreVerb.ADD,
  [Command.REPLACE]: StoreVerb.REPLACE,
  [Command.APPEND]: StoreVerb.APPEND,
  [Command.PREPEND]: StoreVerb.PREPEND,
}

/** What watchers hear of a store. Only a request with a cas receives the reason why its value was not stored. */
export function outcomeOf(request: Request, reply: Reply): Outcome {
  switch (reply.status) {
    case Status.OK:
      return Outcome.STORED
    case Status.TOO_LARGE:
      return Outcome.TOO_LARGE
    case Status.OUT_OF_MEMORY:
      return Outcome.NO_MEMORY
    case Status.EXISTS:
      return wantsCas(request) ? Outcome.EXISTS : Outcome.NOT_STORED
    case Status.NOT_FOUND:
      return wantsCas(request) ? Outcome.NOT_FOUND : Outcome.NOT_STORED
    default:
      return Outcome.NOT_STORED
  }
}

/** The seconds that a stored item has, for watchers; 0: it never expires. */
export const ttlOf = (expiry: number, now: number): number =>
  expiry === 0 ? 0 : Math.max(OVER, expiry - now)

/** The time to live of an item that has expired when it is stored. */
const OVER = -1
