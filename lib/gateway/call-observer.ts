import type { Context } from '../commands/context/context.js'
import { wantsCas } from '../commands/items/cas.js'
import { outcomeOf, STORE_VERBS, ttlOf } from '../commands/store-outcome.js'
import { Command } from '../request/command.js'
import { ABOUT_ITEMS } from '../request/command-groups.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { Trait } from '../request/trait.js'
import { DeleteVerb, Found, StoreVerb } from '../watch/event.js'
import { EventKind } from '../watch/kinds.js'

/** Reports to watchers what commands have done to items, as far as their replies say so. */
export class CallObserver {
  private readonly context: Context

  constructor(context: Context) {
    this.context = context
  }

  /** There are watchers of item events. */
  get isNeeded(): boolean {
    return ((this.context.watchers?.events.wanted ?? 0) & KINDS) !== 0
  }

  tell(request: Request, reply: Reply): void {
    if (reply.status === Status.TEMPORARY_FAILURE || reply.status === Status.BAD_DATA) return
    const verb = STORE_VERBS[request.command]
    if (verb !== undefined) this.tellStore(verb, request, reply)
    else if (ABOUT_ITEMS.has(request.command)) this.tellLookup(request, reply)
  }

  private tellStore(verb: StoreVerb, request: Request, reply: Reply): void {
    const { keyStart, keyEnd, session, expiry, valueStart, valueEnd } = request
    const { store, watchers } = this.context
    const isExtended = verb === StoreVerb.APPEND || verb === StoreVerb.PREPEND
    const isCas = wantsCas(request) && !isExtended
    const size = reply.status === Status.OK ? reply.valueLength : valueEnd - valueStart
    const ttl = isExtended ? 0 : ttlOf(this.context.absoluteTime(expiry), store.clock.now)
    watchers?.events.stored(
      outcomeOf(request, reply),
      isCas ? StoreVerb.CAS : verb,
      keyStart,
      keyEnd - keyStart,
      session.number,
      size,
      ttl,
    )
  }

  private tellLookup(request: Request, reply: Reply): void {
    const { keyStart, keyEnd, session, traits, command } = request
    const events = this.context.watchers?.events
    const isMissing = reply.status === Status.NOT_FOUND || (reply.hasNumber && reply.item.isNew)
    const size = reply.hasItem ? reply.valueLength : 0
    events?.lookedUp(
      isMissing ? Found.NOT_FOUND : Found.FOUND,
      keyStart,
      keyEnd - keyStart,
      session.number,
      size,
    )
    const isDeleted = command === Command.DELETE && reply.status === Status.OK
    if (!isDeleted || (traits & (Trait.INVALIDATE | Trait.EMPTY)) !== 0) return
    const verb = (traits & Trait.META) === 0 ? DeleteVerb.DELETE : DeleteVerb.META
    events?.deleted(verb, keyStart, keyEnd - keyStart, 0)
  }
}

const KINDS = EventKind.FETCHERS | EventKind.MUTATIONS | EventKind.DELETIONS
