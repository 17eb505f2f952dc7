import { Counter } from '../metrics/counters.js'
import { Command } from '../request/command.js'
import type { PartialValue } from '../request/partial-value.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { Trait } from '../request/trait.js'
import { expiryOf, Flag, flagsOf, MISSING, setFlag, valueStartOf } from '../store/item.js'
import { casFlags, giveCas, hasWantedCas, namesOlderCas, tellCas, wantsCas } from './cas.js'
import type { Context } from './context.js'

export function set(context: Context, request: Request, reply: Reply): void {
  storeValue(context, request, reply)
}

/** Stores only if there is no item. */
export function add(context: Context, request: Request, reply: Reply): void {
  storeValue(context, request, reply)
}

/** Stores only if there is an item. */
export function replace(context: Context, request: Request, reply: Reply): void {
  storeValue(context, request, reply)
}

/** The three differ only in the condition. */
function storeValue(context: Context, request: Request, reply: Reply): void {
  const { arena, store, counters } = context
  const { keyStart, valueStart, clientFlags, staged } = request
  const keyLength = request.keyEnd - keyStart
  const valueLength = request.valueEnd - valueStart
  if (staged === undefined) {
    if (context.isTooLarge(keyLength, valueLength, clientFlags)) {
      refuseTooLarge(context, request, reply)
      return
    }
    if (store.isLong(keyLength, valueLength)) {
      storeLongValue(context, request, reply)
      return
    }
  }
  counters.count(Counter.cmd_set)
  if (context.prefixes.isEnabled) context.prefixes.countSet(request)
  if (isDamaged(request, reply)) return
  draftFor(context, request)
  const hasRoom = staged === undefined ? store.makeRoom() : store.prepareIndex()
  if (!hasRoom) {
    refuseWithoutMemory(context, request, reply)
    staged?.discard()
    return
  }

  const present = store.lock(keyStart, keyLength)
  reply.status = mayStore(context, request, present)
  if (reply.status !== Status.OK) {
    staged?.discard()
    return
  }
  let item: number
  if (staged !== undefined) {
    item = staged.item
    prepare(context, request, item, present)
    store.publish(item, present)
    staged.release()
  } else if (store.draft.moreFlags === 0 && present !== MISSING && store.canOverwrite(present)) {
    item = present
    arena.move(valueStartOf(arena.words, item), valueStart, valueLength)
    store.overwrite(item)
  } else {
    item = store.create()
    prepare(context, request, item, present)
    arena.move(valueStartOf(arena.words, item), valueStart, valueLength)
    store.publish(item, present)
  }
  reply.valueLength = valueLength
  tellCas(context, item, reply)
}

/** The value does not have the announced length. */
export function isDamaged(request: Request, reply: Reply): boolean {
  if ((request.traits & Trait.DAMAGED) === 0) return false
  request.staged?.discard()
  reply.status = Status.BAD_DATA
  return true
}

/** Describes the item that the request stores. */
function draftFor(context: Context, request: Request): void {
  const { draft } = context.store
  draft.keyStart = request.keyStart
  draft.keyLength = request.keyEnd - request.keyStart
  draft.valueLength = request.valueEnd - request.valueStart
  draft.clientFlags = request.clientFlags
  draft.expiry = context.absoluteTime(request.expiry)
  // A value that may be stale may have to expire with the one before it.
  draft.moreFlags = casFlags(request) | ((request.traits & Trait.INVALIDATE) === 0 ? 0 : Flag.EXPIRY)
}

/** Before the item is published: copies what it inherits from the request, and from the item that it replaces. */
function prepare(context: Context, request: Request, item: number, present: number): void {
  if (request.traits === 0) return
  giveCas(context, item, request)
  if ((request.traits & Trait.INVALIDATE) === 0 || hasWantedCas(context, present, request)) return
  const { words } = context.arena
  setFlag(words, item, Flag.STALE | (flagsOf(words, present) & Flag.TOKEN_SENT))
  context.store.giveExpiry(item, expiryOf(words, present))
}

function mayStore(context: Context, request: Request, present: number): Status {
  if (wantsCas(request)) return mayStoreWithCas(context, request, present)
  if (request.command === Command.ADD && present !== MISSING) return Status.EXISTS
  return request.command === Command.REPLACE && present === MISSING ? Status.NOT_FOUND : Status.OK
}

/** With a cas, all three have the same condition: the item that was read still exists. */
function mayStoreWithCas(context: Context, request: Request, present: number): Status {
  const { counters } = context
  if (present === MISSING) {
    counters.count(Counter.cas_misses)
    return Status.NOT_FOUND
  }
  const isWanted = hasWantedCas(context, present, request) || isStaleButWelcome(context, present, request)
  counters.count(isWanted ? Counter.cas_hits : Counter.cas_badval)
  return isWanted ? Status.OK : Status.EXISTS
}

/** A client that lost the race to renew an item may still set a stale value, which is better than none. */
const isStaleButWelcome = (context: Context, present: number, request: Request): boolean =>
  (request.traits & Trait.INVALIDATE) !== 0 && namesOlderCas(context, present, request)

/** A complete value that is too long for one range. */
function storeLongValue(context: Context, request: Request, reply: Reply): void {
  const staged = stage(context, request, false)
  if (staged === undefined) {
    refuseWithoutMemory(context, request, reply)
    return
  }
  staged.copyIn(request.valueStart, request.valueEnd - request.valueStart)
  request.staged = staged
  storeValue(context, request, reply)
}

/** The first half of a request whose value is still arriving: see `Engine.stage`. */
export function stageValue(context: Context, request: Request, reply: Reply): PartialValue | undefined {
  // The request was refused already, and its value is skipped.
  if (request.command === Command.NOOP) return undefined
  if (!STORING.has(request.command)) {
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

function stage(context: Context, request: Request, asItComes: boolean) {
  draftFor(context, request)
  return context.store.stage(asItComes)
}

const STORING: ReadonlySet<Command> = new Set([
  Command.SET,
  Command.ADD,
  Command.REPLACE,
  Command.APPEND,
  Command.PREPEND,
])

function refuseTooLarge(context: Context, request: Request, reply: Reply): void {
  context.counters.count(Counter.store_too_large)
  reply.status = Status.TOO_LARGE
  removeOutdated(context, request)
}

export function refuseWithoutMemory(context: Context, request: Request, reply: Reply): void {
  context.counters.count(Counter.store_no_memory)
  reply.status = Status.OUT_OF_MEMORY
  removeOutdated(context, request)
}

/** A failed set must not leave the value that it was to overwrite. In meta, in every mode. */
export function removesOutdated({ command, traits }: Request): boolean {
  if ((traits & Trait.META) !== 0) return STORING.has(command)
  return command === Command.SET && (traits & Trait.KEEP) === 0
}

function removeOutdated(context: Context, request: Request): void {
  if (!removesOutdated(request)) return
  const { keyStart, keyEnd } = request
  const present = context.store.lock(keyStart, keyEnd - keyStart)
  if (present === MISSING) context.store.forget(keyStart, keyEnd - keyStart)
  else context.store.remove(present)
}
