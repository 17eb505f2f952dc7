import type { Context } from '../commands/context/context.js'
import { refuseTooLarge, removesOutdated, storesValue } from '../commands/items/writing/refusal.js'
import { mayExecute } from '../commands/may-execute.js'
import { Counter } from '../metrics/counters.js'
import { isChange } from '../request/change.js'
import { Command } from '../request/command.js'
import { ABOUT_ITEMS, LOGGING_IN } from '../request/command-groups.js'
import type { DeferredValue } from '../request/deferred-value.js'
import type { Engine } from '../request/engine.js'
import {
  KEY_LENGTH_MAX,
  RESTORED_REQUEST_LENGTH_MAX,
  WORKER_FORWARDED_COUNT_MAX,
  WORKER_FORWARDED_LENGTH_MAX,
} from '../request/limits.js'
import type { PartialValue } from '../request/partial-value.js'
import type { EngineRoomWaiter, RemoteEngine } from '../request/remote-engine.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { Trait } from '../request/trait.js'
import { CallObserver } from './call-observer.js'
import { GatewayCall, type GatewayHandler } from './gateway-call.js'
import type { GatewayParts } from './gateway-parts.js'
import { HANDLERS, isForEngine } from './handlers.js'
import { removeOutdated } from './items/change-handlers.js'
import { beginList } from './keys/list-handlers.js'

/**
 * Runs requests for items on another engine. All others are run here, by the local engine; its store only takes the long
 * values that arrive.
 */
export class GatewayEngine implements RemoteEngine {
  readonly parts: GatewayParts
  private readonly context: Context
  private readonly local: Engine
  private readonly requestStart: number
  private readonly waiters: EngineRoomWaiter[] = []
  private openCount = 0
  /** Bytes of values on their way to the engine, and of those that came and are not encoded yet. */
  private sentLength = 0
  private heldLength = 0
  private readonly bytes: Buffer
  private readonly observer: CallObserver

  constructor(local: Engine, parts: GatewayParts, requestStart: number) {
    this.local = local
    this.parts = parts
    this.context = parts.context
    this.bytes = parts.context.arena.bytes
    this.observer = new CallObserver(parts.context)
    this.requestStart = requestStart
  }

  /** Where values are placed, in a region for an engine. */
  static valuesStart(region: number): number {
    return region + RESTORED_REQUEST_LENGTH_MAX
  }

  get hasRoom(): boolean {
    return this.openCount < WORKER_FORWARDED_COUNT_MAX && this.sentLength < WORKER_FORWARDED_LENGTH_MAX
  }

  get isShort(): boolean {
    return this.heldLength > WORKER_FORWARDED_LENGTH_MAX
  }

  waitForRoom(waiter: EngineRoomWaiter): void {
    this.waiters.push(waiter)
  }

  isLocal({ command }: Request): boolean {
    return !isForEngine(command)
  }

  // ─── requests that are run here ────────────────────────────────────────────────────────────────────────────────────

  execute(request: Request, reply: Reply): void {
    if (request.command !== Command.LIST) {
      this.local.execute(request, reply)
      return
    }
    reply.reset()
    if (mayExecute(this.context, request, reply)) beginList(this.parts, request, reply)
  }

  stage(request: Request, reply: Reply): PartialValue | undefined {
    return this.local.stage(request, reply)
  }

  fail(request: Request, reply: Reply): void {
    this.local.fail(request, reply)
  }

  release(): void {
    this.local.release()
    this.parts.values.release()
  }

  refreshClock(): void {
    this.local.refreshClock()
  }

  endBatch(): void {
    this.local.endBatch()
  }

  get isSound(): boolean {
    return this.local.isSound
  }

  readonly mayPin = false

  defer(_request: Request): DeferredValue {
    return this.parts.values.defer()
  }

  /** Nothing is pinned: values are copied. */
  pin(_start: number): void {}
  unpin(_start: number): void {}

  // ─── requests for the engine ───────────────────────────────────────────────────────────────────────────────────────

  prepare(request: Request, reply: Reply): GatewayCall {
    reply.reset()
    // A malformed request is refused in its turn, whatever it asks for: the end of its frame may be unknown.
    if (this.isLocal(request) && request.refusal === Status.OK) return this.localCall(request)
    if (!mayExecute(this.context, request, reply)) return this.prepareRefused(request, reply)
    const call = this.prepareItem(request, reply)
    // Its value and its key have been copied.
    request.staged?.discard()
    return call
  }

  private prepareItem(request: Request, reply: Reply): GatewayCall {
    const value = this.valueCopy(request)
    if (storesValue(request.command) && !this.mayStore(request, reply, value.length)) {
      return this.prepareRefused(request, reply)
    }
    const { handler, isAlone } = HANDLERS[request.command]!
    const call = this.call(request, handler, value, isAlone)
    call.list = request.session.list
    return call
  }

  prepareRefused(request: Request, { status, isLast }: Reply): GatewayCall {
    const isOutdated = status === Status.TOO_LARGE || status === Status.OUT_OF_MEMORY
    const handler = isOutdated && removesOutdated(request) ? removeOutdated : REFUSED
    if (request.keyEnd - request.keyStart > KEY_LENGTH_MAX) request.keyEnd = request.keyStart
    const call = this.call(request, handler, NO_VALUE, isLast)
    call.status = status
    return call
  }

  start(call: GatewayCall, onDone: () => void): void {
    const sentLength = call.value.length
    const mayBegin = this.mayBegin(call)
    this.openCount++
    this.sentLength += sentLength
    call.onceSettled(() => {
      this.openCount--
      this.sentLength -= sentLength
      this.hold(call)
      onDone()
      this.makeRoom()
    })
    if (mayBegin) call.handler.begin(this.parts, call)
    else call.failed(Status.TEMPORARY_FAILURE)
  }

  /** A node that does not reply must not take the room that requests for the others need. */
  private mayBegin({ key, isChange, words }: GatewayCall): boolean {
    const isHalfFree =
      this.openCount < WORKER_FORWARDED_COUNT_MAX / 2 && this.sentLength < WORKER_FORWARDED_LENGTH_MAX / 2
    return isHalfFree || !ABOUT_ITEMS.has(words.command) || !this.parts.isHeldUp(key, isChange)
  }

  finish(call: GatewayCall, request: Request, reply: Reply): void {
    this.letGo(call)
    const isLocal = call.handler === LOCAL
    call.restore(this.bytes, this.requestStart, request, isLocal)
    if (isLocal) {
      this.execute(request, reply)
      return
    }
    reply.reset()
    call.handler.finish(this.parts, call, request, reply)
    // Before the login all but a few commands end the connection.
    reply.isLast = call.handler === REFUSED && call.isAlone
    if (this.observer.isNeeded && !reply.isLast) this.observer.tell(request, reply)
  }

  copyValue(target: Uint8Array): void {
    this.parts.values.copy(target)
  }

  drop(call: GatewayCall): void {
    call.isDropped = true
    this.letGo(call)
  }

  private call(request: Request, handler: GatewayHandler, value: Buffer, isAlone: boolean): GatewayCall {
    return new GatewayCall(this.bytes, request, handler, value, { isAlone, isChange: isChange(request) })
  }

  /** In requests without a value, its place is left over from an earlier request: a long value would not fit where it is restored. */
  private localCall(request: Request): GatewayCall {
    const { command, valueStart, valueEnd } = request
    const hasValue = LOGGING_IN.has(command)
    const value = hasValue ? Buffer.from(this.bytes.subarray(valueStart, valueEnd)) : NO_VALUE
    return this.call(request, LOCAL, value, true)
  }

  /** A copy of the request's value. */
  private valueCopy(request: Request): Buffer {
    const { staged, command } = request
    if (!storesValue(command)) return NO_VALUE
    if (staged === undefined) return Buffer.from(this.bytes.subarray(request.valueStart, request.valueEnd))
    const value = Buffer.allocUnsafe(request.valueEnd - request.valueStart)
    let at = 0
    staged.eachPart({
      add: (start, length) => {
        value.set(this.context.arena.view(start, start + length), at)
        at += length
      },
    })
    return value
  }

  private mayStore(request: Request, reply: Reply, valueLength: number): boolean {
    const { command, clientFlags, traits } = request
    const { context } = this
    const isStored = command !== Command.APPEND && command !== Command.PREPEND
    const isTooLarge =
      valueLength > this.parts.valueLengthMax ||
      (isStored && context.isTooLarge(request.keyEnd - request.keyStart, valueLength, clientFlags))
    if (isTooLarge) {
      refuseTooLarge(context, request, reply)
      return false
    }
    if ((traits & Trait.DAMAGED) === 0) return true
    context.counters.count(Counter.cmd_set)
    if (context.prefixes.isEnabled) context.prefixes.countSet(request)
    reply.status = Status.BAD_DATA
    return false
  }

  private hold(call: GatewayCall): void {
    if (call.isDropped) return
    call.heldLength = lengthOf(call.result)
    this.heldLength += call.heldLength
  }

  private letGo(call: GatewayCall): void {
    this.heldLength -= call.heldLength
    call.heldLength = 0
  }

  private makeRoom(): void {
    if (this.waiters.length === 0 || !this.hasRoom) return
    for (const waiter of this.waiters.splice(0)) waiter.roomMade()
  }
}

const NO_VALUE = Buffer.alloc(0)

/** Bytes of an item, or of all that a script has returned. */
function lengthOf(result: unknown): number {
  if (Buffer.isBuffer(result)) return result.length
  return Array.isArray(result) ? result.reduce((sum, part) => sum + lengthOf(part), 0) : 0
}

/** Run here, in its turn. */
const LOCAL: GatewayHandler = {
  begin: (_parts, call) => call.settle(Status.OK),
  finish: () => undefined,
}

/** Known before it began. */
const REFUSED: GatewayHandler = {
  begin: (_parts, call) => call.settle(call.status),
  finish: (_parts, call, _request, reply) => {
    reply.status = call.status
  },
}
