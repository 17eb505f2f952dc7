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

  /** False: so much is pinned already that values have to be copied. */
  readonly mayPin: boolean
  /** The stretch of a value that begins here stays as it is until `unpin`. */
  pin(start: number): void
  unpin(start: number): void

  /**
   * Begins to carry out a request whose value is too long to wait for in a window. Undefined when the value is not to be
   * kept: then `reply` already says why, and the value's bytes are to be skipped. Else the value is to be filled in, and
   * the request carried out with it once nothing is missing.
   */
  stage(request: Request, reply: Reply): PartialValue | undefined

  /** Room ran out while a staged value arrived: it is discarded, and the reply says so. */
  fail(request: Request, reply: Reply): void

  /** To be called before a batch of requests. */
  refreshClock(): void
}

/** A value that arrives in pieces. */
export interface PartialValue {
  /** The item that will hold it. */
  readonly item: number
  /** Where in the arena the next bytes belong, and how many may be put there; none when no room is left. */
  readonly place: number
  readonly room: number
  /** How many bytes are still to come. */
  readonly missing: number
  /** So many bytes have been put at `place`. */
  add(length: number): void
  /** Copies bytes from elsewhere to where they belong. False when room ran out. */
  copyIn(start: number, length: number): boolean
  /** The item has been published. */
  release(): void
  /** The item will not be published. */
  discard(): void
}
