import type { DeferredValue } from './deferred-value.js'
import type { PartialValue } from './partial-value.js'
import type { Reply } from './reply.js'
import type { Request } from './request.js'

/** Carries out requests. A connection knows its engine by this alone. */
export interface Engine {
  /**
   * Carries out one request and fills in the reply. An item that the reply points to stays where it is until `release`.
   */
  execute(request: Request, reply: Reply): void

  /** The reply has been encoded. */
  release(): void

  /** False: so much is pinned already that values have to be copied, or deferred. */
  readonly mayPin: boolean
  /** The value of the item that `execute` has found, to be copied later. To be called before `release`. */
  defer(request: Request): DeferredValue
  /** The stretch of a value that begins here stays as it is until `unpin`. */
  pin(start: number): void
  unpin(start: number): void

  /**
   * Begins to carry out a request whose value is too long to wait for in a window. Undefined when the value is not to
   * be kept: then `reply` already says why, and the value's bytes are to be skipped. Else the value is to be filled in,
   * and the request carried out with it once nothing is missing.
   */
  stage(request: Request, reply: Reply): PartialValue | undefined

  /** Room ran out while a staged value arrived: it is discarded, and the reply says so. */
  fail(request: Request, reply: Reply): void

  /** After an exception: false where it may have left memory in disorder. */
  readonly isSound: boolean

  /** To be called before a batch of requests. */
  refreshClock(): void
}
