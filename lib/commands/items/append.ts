import { Counter } from '../../metrics/counters.js'
import { Command } from '../../request/command.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { clientFlagsOf, MISSING, valueLengthOf } from '../../store/item/item.js'
import type { Context } from '../context/context.js'
import { casFlags, giveCas, hasWantedCas, tellCas } from './cas.js'
import { add } from './set.js'
import { beginCopy, type Copy, TRIES_MAX, writeCopy, writeOriginal } from './writing/copy.js'
import { draftCopy } from './writing/drafts.js'
import { refuseDamaged, refuseWithoutMemory } from './writing/refusal.js'

export function append(context: Context, request: Request, reply: Reply): void {
  extend(context, request, reply, true)
}

export function prepend(context: Context, request: Request, reply: Reply): void {
  extend(context, request, reply, false)
}

/** Replaces the item with a longer copy. The copy keeps the item's flags and expiry. */
function extend(context: Context, request: Request, reply: Reply, isBehind: boolean): void {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (mayVivify(request) && isVivified(context, request, reply)) return
    if (refuseDamaged(request, reply)) break
    const copy = beginExtension(context, request, reply)
    if (copy === 'changed') continue
    if (copy !== undefined) finishExtension(context, request, reply, copy, isBehind)
    break
  }
  context.counters.count(Counter.cmd_set)
  if (context.prefixes.isEnabled) context.prefixes.countSet(request)
  // A staged value has been copied, or is not needed.
  request.staged?.discard()
}

const mayVivify = (request: Request): boolean => (request.traits & Trait.VIVIFY) !== 0

/** If there is no item to extend, the addition is stored alone. False if there is an item. */
function isVivified(context: Context, request: Request, reply: Reply): boolean {
  const { store } = context
  const present = store.find(request.keyStart, request.keyEnd - request.keyStart)
  store.release()
  if (present !== MISSING) return false
  request.command = Command.ADD
  add(context, request, reply)
  return true
}

/** Undefined if there is no room: then the reply has the reason. */
function beginExtension(context: Context, request: Request, reply: Reply): Copy | 'changed' | undefined {
  const { store } = context
  const keyLength = request.keyEnd - request.keyStart
  const addedLength = request.valueEnd - request.valueStart
  const original = store.lock(request.keyStart, keyLength)
  if (original === MISSING) {
    if (mayVivify(request)) {
      store.release()
      return 'changed'
    }
    reply.status = Status.NOT_STORED
    return undefined
  }
  if (!hasWantedCas(context, original, request)) {
    reply.status = Status.EXISTS
    return undefined
  }
  const valueLength = valueLengthOf(store.words, original) + addedLength
  if (context.isTooLarge(keyLength, valueLength, clientFlagsOf(store.words, original))) {
    reply.status = context.isTooLarge(keyLength, addedLength, 0) ? Status.TOO_LARGE : Status.NOT_STORED
    return undefined
  }
  const draft = draftCopy(context, request, original)
  draft.valueLength = valueLength
  draft.moreFlags = casFlags(request)
  const copy = beginCopy(context, original)
  if (copy !== 'full') return copy
  refuseWithoutMemory(context, request, reply)
  return undefined
}

function finishExtension(
  context: Context,
  request: Request,
  reply: Reply,
  copy: Copy,
  isBehind: boolean,
): void {
  if (isBehind) writeOriginal(context, copy)
  writeAddition(context, request, copy)
  if (!isBehind) writeOriginal(context, copy)
  giveCas(context, copy.item, request)
  context.store.publish(copy.item, copy.original)
  copy.staged?.release()
  reply.valueLength = valueLengthOf(context.store.words, copy.item)
  tellCas(context, copy.item, reply)
}

function writeAddition(context: Context, request: Request, copy: Copy): void {
  const { staged, valueStart } = request
  if (staged === undefined) {
    writeCopy(context, copy, valueStart, request.valueEnd - valueStart)
  } else {
    staged.eachPart({
      add: (start, length) => writeCopy(context, copy, start, length),
    })
  }
}
