import type { DeferredValue } from './deferred-value.js'
import type { PartialValue } from './partial-value.js'
import type { Reply } from './reply.js'
import type { Request } from './request.js'

/** Runs requests: all that a connection knows about commands. */
export interface Engine {
  /**
   * Runs one request and fills in the reply. An item that the reply points to does not move until `release`.
   */
  execute(request: Request, reply: Reply): void

  /** The reply has been encoded. */
  release(): void

  /** False: so much is pinned already that values have to be copied, or deferred. */
  readonly mayPin: boolean
  /** The value of the item that `execute` has found, to be copied later. Call this before `release`. */
  defer(request: Request): DeferredValue
  /** The range of a value that begins here does not change until `unpin`. */
  pin(start: number): void
  unpin(start: number): void

  /**
   * Begins a request whose value is too long to wait for in a window. Undefined if the value is not to
   * be kept: then `reply` already has the reason, and the value's bytes have to be skipped. Otherwise the caller fills in
   * the value, and runs the request with it once it is complete.
   */
  stage(request: Request, reply: Reply): PartialValue | undefined

  /** There was no room left while a staged value arrived: it is discarded, and the reply says so. */
  fail(request: Request, reply: Reply): void

  /** After an exception: false if memory may be inconsistent. */
  readonly isSound: boolean

  /** Call this before a batch of requests. */
  refreshClock(): void

  /** Whether `readAhead` costs less than it saves. */
  readonly readsAhead?: boolean
  /**
   * Reads what the next requests will need: then they do the same, and cost less. Their keys are given by so many words, the start
   * and the length of each, which are not kept.
   */
  readAhead?(keys: Int32Array, filled: number): void

  /** Call this after a batch of requests, when its replies have been sent, or wait to be sent. */
  endBatch(): void
}
