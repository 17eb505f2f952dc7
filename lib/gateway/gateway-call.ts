import type { RemoteCall } from '../request/remote-engine.js'
import type { Reply } from '../request/reply.js'
import { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { Trait } from '../request/trait.js'
import type { GatewayParts } from './gateway-parts.js'

/** What a command does with the engine. */
export interface GatewayHandler {
  /** Whether this call changes the item, although its command need not: the order of such calls of a connection must stay. */
  changes?(call: GatewayCall): boolean
  /** Begins it. The call is settled later. */
  begin(parts: GatewayParts, call: GatewayCall): void
  /** Fills in the reply. The reply has been reset, and the request restored. */
  finish(parts: GatewayParts, call: GatewayCall, request: Request, reply: Reply): void
}

/** A request whose reply comes later, with copies of its parts. */
export class GatewayCall implements RemoteCall {
  readonly words = new Request()
  readonly key: Buffer
  readonly value: Buffer
  readonly isAlone: boolean
  readonly isChange: boolean
  readonly keyHash: number
  readonly handler: GatewayHandler
  isDone = false
  /** Why it failed; OK if it did not. */
  status: Status = Status.OK
  /** What the engine has replied. */
  result: unknown = undefined
  /** Bytes of values that it holds. */
  heldLength = 0
  /** Its connection is closed. */
  isDropped = false
  /** The list that its connection is in the middle of. */
  list: Iterator<string> | undefined = undefined
  private readonly flags: Buffer
  private onSettled: ((call: GatewayCall) => void) | undefined = undefined

  constructor(
    bytes: Buffer,
    request: Request,
    handler: GatewayHandler,
    value: Buffer,
    { isAlone = false, isChange = false } = {},
  ) {
    const { keyStart, keyEnd, flagsStart, flagsEnd, traits } = request
    this.words.copyWords(request)
    this.words.valueEnd = value.length
    this.key = Buffer.from(bytes.subarray(keyStart, keyEnd))
    this.flags = (traits & Trait.META) === 0 ? EMPTY : Buffer.from(bytes.subarray(flagsStart, flagsEnd))
    this.value = value
    this.handler = handler
    this.isAlone = isAlone
    this.keyHash = hashOf(this.key)
    this.isChange = isChange || handler.changes?.(this) === true
  }

  /** The flags of the request (meta). */
  get flagsText(): string {
    return this.flags.toString('latin1')
  }

  /** Calls it once it is settled. */
  onceSettled(listener: (call: GatewayCall) => void): void {
    this.onSettled = listener
  }

  /** The engine has replied. */
  replied(result: unknown): void {
    this.result = result
    this.settle(Status.OK)
  }

  failed(status: Status): void {
    this.settle(status)
  }

  settle(status: Status): void {
    this.status = status
    this.isDone = true
    this.onSettled?.(this)
  }

  /** Puts the request back into a record, as if it had just been decoded: its key and flags to `start`, its value behind them. */
  restore(bytes: Buffer, start: number, request: Request, hasValue: boolean): void {
    const { words, key, flags, value } = this
    request.copyWords(words)
    request.refusal = Status.OK
    request.staged = undefined
    bytes.set(key, start)
    request.keyStart = start
    request.keyEnd = start + key.length
    bytes.set(flags, request.keyEnd)
    request.flagsStart = request.keyEnd
    request.flagsEnd = request.flagsStart + flags.length
    request.valueStart = request.flagsEnd
    request.valueEnd = request.valueStart + value.length
    if (hasValue) bytes.set(value, request.valueStart)
  }
}

const EMPTY = Buffer.alloc(0)

/** FNV-1a: keys of one connection are compared by it. */
function hashOf(key: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key[at]!, 0x01000193)
  return hash
}
