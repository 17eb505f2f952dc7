import { Counter } from '../metrics/counters.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { clientFlagsOf, expiryOf, MISSING, valueLengthOf } from '../store/item.js'
import { hasWantedCas, tellCas } from './cas.js'
import { beginCopy, type Copy, TRIES_MAX, writeCopy, writeOriginal } from './copy.js'
import type { LocalEngine } from './local-engine.js'
import { refuseWithoutMemory } from './set.js'

export function append(engine: LocalEngine, request: Request, reply: Reply): void {
  extend(engine, request, reply, true)
}

export function prepend(engine: LocalEngine, request: Request, reply: Reply): void {
  extend(engine, request, reply, false)
}

/** A longer copy takes the item's place. It keeps the item's flags and expiry. */
function extend(engine: LocalEngine, request: Request, reply: Reply, isBehind: boolean): void {
  engine.counters.count(Counter.cmd_set)
  if (engine.prefixes.isEnabled) engine.prefixes.countSet(engine.arena, request)
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const copy = beginExtension(engine, request, reply)
    if (copy === 'changed') continue
    if (copy === undefined) break
    if (isBehind) writeOriginal(engine, copy)
    writeAddition(engine, request, copy)
    if (!isBehind) writeOriginal(engine, copy)
    engine.store.publish(copy.item, copy.original)
    copy.staged?.release()
    tellCas(engine, copy.item, reply)
    break
  }
  // What came in pieces has been copied, or is not wanted.
  request.staged?.discard()
}

/** Undefined when there will be none: then the reply says why. */
function beginExtension(engine: LocalEngine, request: Request, reply: Reply): Copy | 'changed' | undefined {
  const { store, arena } = engine
  const keyLength = request.keyEnd - request.keyStart
  const addedLength = request.valueEnd - request.valueStart
  const original = store.lock(request.keyStart, keyLength)
  if (original === MISSING) {
    reply.status = Status.NOT_STORED
    return undefined
  }
  if (!hasWantedCas(engine, original, request)) {
    reply.status = Status.EXISTS
    return undefined
  }
  const valueLength = valueLengthOf(arena.words, original) + addedLength
  if (engine.isTooLarge(keyLength, valueLength, clientFlagsOf(arena.words, original))) {
    reply.status = engine.isTooLarge(keyLength, addedLength, 0) ? Status.TOO_LARGE : Status.NOT_STORED
    return undefined
  }
  const expiry = expiryOf(arena.words, original)
  const copy = beginCopy(engine, original, request.keyStart, keyLength, valueLength, expiry)
  if (copy !== 'full') return copy
  refuseWithoutMemory(engine, request, reply)
  return undefined
}

function writeAddition(engine: LocalEngine, request: Request, copy: Copy): void {
  const { staged, valueStart } = request
  if (staged === undefined) {
    writeCopy(engine, copy, valueStart, request.valueEnd - valueStart)
  } else {
    engine.store.eachPart(staged.item, { add: (start, length) => writeCopy(engine, copy, start, length) })
  }
}
