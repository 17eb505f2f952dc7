import { Counter } from '../metrics/counters.js'
import { Command } from '../request/command.js'
import type { PartialValue } from '../request/engine.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { MISSING, valueStartOf } from '../store/item.js'
import { hasWantedCas, tellCas, wantsCas } from './cas.js'
import type { LocalEngine } from './local-engine.js'

export function set(engine: LocalEngine, request: Request, reply: Reply): void {
  storeValue(engine, request, reply)
}

/** Stores only where nothing is. */
export function add(engine: LocalEngine, request: Request, reply: Reply): void {
  storeValue(engine, request, reply)
}

/** Stores only where something is. */
export function replace(engine: LocalEngine, request: Request, reply: Reply): void {
  storeValue(engine, request, reply)
}

/** The three differ in what has to be there, and that is all. */
function storeValue(engine: LocalEngine, request: Request, reply: Reply): void {
  const { arena, store, counters } = engine
  const { keyStart, valueStart, clientFlags, staged } = request
  const keyLength = request.keyEnd - keyStart
  const valueLength = request.valueEnd - valueStart
  if (staged === undefined) {
    if (engine.isTooLarge(keyLength, valueLength, clientFlags)) {
      refuseTooLarge(engine, request, reply)
      return
    }
    if (store.isLong(keyLength, valueLength)) {
      storeLongValue(engine, request, reply)
      return
    }
  }
  counters.count(Counter.cmd_set)
  if (engine.prefixes.isEnabled) engine.prefixes.countSet(arena, request)
  const expiry = engine.absoluteTime(request.expiry)
  if (staged === undefined && !store.makeRoom(keyLength, valueLength, clientFlags, expiry)) {
    refuseWithoutMemory(engine, request, reply)
    return
  }

  const present = store.lock(keyStart, keyLength)
  reply.status = mayStore(engine, request, present)
  if (reply.status !== Status.OK) {
    staged?.discard()
    return
  }
  let item: number
  if (staged !== undefined) {
    item = staged.item
    store.publish(item, present)
    staged.release()
  } else if (present !== MISSING && store.canOverwrite(present, valueLength, clientFlags, expiry)) {
    item = present
    arena.move(valueStartOf(arena.words, item), valueStart, valueLength)
    store.republish(item, clientFlags, expiry)
  } else {
    item = store.create(keyStart, keyLength, valueLength, clientFlags, expiry)
    arena.move(valueStartOf(arena.words, item), valueStart, valueLength)
    store.publish(item, present)
  }
  tellCas(engine, item, reply)
}

function mayStore(engine: LocalEngine, request: Request, present: number): Status {
  if (wantsCas(request)) return mayStoreWithCas(engine, request, present)
  if (request.command === Command.ADD && present !== MISSING) return Status.EXISTS
  return request.command === Command.REPLACE && present === MISSING ? Status.NOT_FOUND : Status.OK
}

/** With a cas, all three ask the same: is the item that was read still there? */
function mayStoreWithCas(engine: LocalEngine, request: Request, present: number): Status {
  const { counters } = engine
  if (present === MISSING) {
    counters.count(Counter.cas_misses)
    return Status.NOT_FOUND
  }
  const isWanted = hasWantedCas(engine, present, request)
  counters.count(isWanted ? Counter.cas_hits : Counter.cas_badval)
  return isWanted ? Status.OK : Status.EXISTS
}

/** A value that is all here, but too long to lie in one stretch. */
function storeLongValue(engine: LocalEngine, request: Request, reply: Reply): void {
  const staged = stage(engine, request, false)
  if (staged === undefined) {
    refuseWithoutMemory(engine, request, reply)
    return
  }
  staged.copyIn(request.valueStart, request.valueEnd - request.valueStart)
  request.staged = staged
  storeValue(engine, request, reply)
}

/** The first half of a request whose value is still arriving: see `Engine.stage`. */
export function stageValue(engine: LocalEngine, request: Request, reply: Reply): PartialValue | undefined {
  if (!STORING.has(request.command)) {
    reply.status = request.command === Command.UNKNOWN ? Status.UNKNOWN_COMMAND : Status.TOO_LARGE
    return undefined
  }
  const keyLength = request.keyEnd - request.keyStart
  const valueLength = request.valueEnd - request.valueStart
  if (engine.isTooLarge(keyLength, valueLength, request.clientFlags)) {
    refuseTooLarge(engine, request, reply)
    return undefined
  }
  const staged = stage(engine, request, true)
  if (staged === undefined) refuseWithoutMemory(engine, request, reply)
  return staged
}

function stage(engine: LocalEngine, request: Request, asItComes: boolean) {
  return engine.store.stage(
    request.keyStart,
    request.keyEnd - request.keyStart,
    request.valueEnd - request.valueStart,
    request.clientFlags,
    engine.absoluteTime(request.expiry),
    asItComes,
  )
}

const STORING: ReadonlySet<Command> = new Set([
  Command.SET,
  Command.ADD,
  Command.REPLACE,
  Command.APPEND,
  Command.PREPEND,
])

function refuseTooLarge(engine: LocalEngine, request: Request, reply: Reply): void {
  engine.counters.count(Counter.store_too_large)
  reply.status = Status.TOO_LARGE
  removeOutdated(engine, request)
}

export function refuseWithoutMemory(engine: LocalEngine, request: Request, reply: Reply): void {
  engine.counters.count(Counter.store_no_memory)
  reply.status = Status.OUT_OF_MEMORY
  removeOutdated(engine, request)
}

/** A set that failed must not leave the value in place that it was to overwrite. */
function removeOutdated(engine: LocalEngine, request: Request): void {
  if (request.command !== Command.SET) return
  const present = engine.store.lock(request.keyStart, request.keyEnd - request.keyStart)
  if (present !== MISSING) engine.store.remove(present)
}
