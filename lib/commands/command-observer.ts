import { digitCount } from '../arena/decimal.js'
import { Command } from '../request/command.js'
import { ABOUT_ITEMS } from '../request/command-groups.js'
import type { PartialValue } from '../request/partial-value.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { Trait } from '../request/trait.js'
import { Life } from '../store/expiry/expiry.js'
import { expiryOf, MISSING, valueLengthOf } from '../store/item/item.js'
import { DeleteVerb, Found, Outcome, StoreVerb } from '../watch/event.js'
import type { Events } from '../watch/events.js'
import { EventKind } from '../watch/kinds.js'
import { COMMANDS } from './command-table.js'
import type { Context } from './context/context.js'
import { wantsCas } from './items/cas.js'
import { expiryOfNew } from './items/facts.js'
import { refuseWithoutMemory, removesOutdated } from './items/writing/refusal.js'
import { stageValue } from './items/writing/staging.js'
import { outcomeOf, STORE_VERBS, ttlOf } from './store-outcome.js'

/**
 * Reports item events to watchers. While there are watchers, it looks the item up, runs the command, and reports
 * both: so no command knows about watching. Changes by other workers in between are reported by those.
 */
export class CommandObserver {
  private readonly context: Context
  private readonly events: Events
  /** The item before the command. */
  private found: Found = Found.NOT_FOUND
  private size = 0
  private expiry = 0

  constructor(context: Context, events: Events) {
    this.context = context
    this.events = events
  }

  /** There are watchers of item events. */
  get isNeeded(): boolean {
    return (this.events.wanted & KINDS) !== 0
  }

  execute(request: Request, reply: Reply): void {
    this.attend(request, reply, () => COMMANDS[request.command](this.context, request, reply))
  }

  stage(request: Request, reply: Reply): PartialValue | undefined {
    return this.attend(request, reply, () => stageValue(this.context, request, reply))
  }

  /** There is no room left for a value while it arrives. */
  fail(request: Request, reply: Reply): void {
    this.attend(request, reply, () => refuseWithoutMemory(this.context, request, reply))
  }

  /** Runs a command on the item of a request, and reports it afterwards. */
  private attend<T>(request: Request, reply: Reply, act: () => T): T {
    const { command } = request
    if (!ABOUT_ITEMS.has(command)) return act()
    this.look(request)
    const pending = act()
    // A value that is still arriving is reported when it is complete.
    if (pending === undefined) this.tell(command, request, reply)
    return pending
  }

  /** Looks up the request's key without counting a read. */
  private look(request: Request): void {
    const { store } = this.context
    const item = store.peek(request.keyStart, request.keyEnd - request.keyStart)
    this.found = item === MISSING ? Found.NOT_FOUND : FOUND[store.lifeOf(item)]
    const isThere = this.found === Found.FOUND
    this.size = isThere ? valueLengthOf(store.words, item) : 0
    this.expiry = isThere ? expiryOf(store.words, item) : 0
    store.release()
  }

  private tell(command: Command, request: Request, reply: Reply): void {
    if (reply.status === Status.BAD_DATA) return
    const verb = STORE_VERBS[command]
    if (verb !== undefined) {
      this.tellStore(verb, request, reply)
      return
    }
    this.tellLookup(request)
    if (command === Command.DELETE) this.tellDelete(request, reply)
    else if (request.createsCounter && reply.hasNumber && this.found !== Found.FOUND)
      this.tellCounter(request, reply)
  }

  private tellLookup(request: Request): void {
    const { keyStart, keyEnd, session } = request
    this.events.lookedUp(this.found, keyStart, keyEnd - keyStart, session.number, this.size)
  }

  /** A request that is refused before the lookup has a lookup event only if it removes the old item. */
  private tellStore(verb: StoreVerb, request: Request, reply: Reply): void {
    const outcome = outcomeOf(request, reply)
    if (outcome >= Outcome.TOO_LARGE) {
      this.tellStored(request, outcome, verb, 0, 0)
      if (removesOutdated(request)) this.tellLookup(request)
      return
    }
    this.tellLookup(request)
    const isExtended = verb === StoreVerb.APPEND || verb === StoreVerb.PREPEND
    const expiry = isExtended ? this.expiry : this.context.absoluteTime(request.expiry)
    const size = outcome === Outcome.STORED ? reply.valueLength : request.valueEnd - request.valueStart
    const isCas = wantsCas(request) && !isExtended
    this.tellStored(request, outcome, isCas ? StoreVerb.CAS : verb, size, expiry)
  }

  /** A counter is created by an add, which makes one more lookup. */
  private tellCounter(request: Request, reply: Reply): void {
    const isMeta = (request.traits & Trait.META) !== 0
    const expiry = isMeta
      ? this.context.absoluteTime(expiryOfNew(request))
      : this.context.absoluteTime(request.expiry)
    this.tellLookup(request)
    const size = digitCount(reply.numberHigh, reply.numberLow)
    this.tellStored(request, Outcome.STORED, StoreVerb.ADD, size, expiry)
  }

  private tellStored(
    request: Request,
    outcome: Outcome,
    verb: StoreVerb,
    size: number,
    expiry: number,
  ): void {
    const { keyStart, keyEnd, session } = request
    const ttl = ttlOf(expiry, this.context.store.clock.now)
    this.events.stored(outcome, verb, keyStart, keyEnd - keyStart, session.number, size, ttl)
  }

  private tellDelete(request: Request, reply: Reply): void {
    const { keyStart, keyEnd, traits } = request
    if (reply.status !== Status.OK || (traits & (Trait.INVALIDATE | Trait.EMPTY)) !== 0) return
    const verb = (traits & Trait.META) === 0 ? DeleteVerb.DELETE : DeleteVerb.META
    this.events.deleted(verb, keyStart, keyEnd - keyStart, this.size)
  }
}

const KINDS = EventKind.FETCHERS | EventKind.MUTATIONS | EventKind.DELETIONS

const FOUND: Readonly<Record<Life, Found>> = {
  [Life.LIVE]: Found.FOUND,
  [Life.EXPIRED]: Found.EXPIRED,
  [Life.FLUSHED]: Found.FLUSHED,
}
