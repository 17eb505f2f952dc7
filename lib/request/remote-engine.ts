import type { Engine } from './engine.js'
import type { Reply } from './reply.js'
import type { Request } from './request.js'

/** A request on its way to a remote engine, apart from the worker's one record. */
export interface RemoteCall {
  /** The reply may be filled in. */
  readonly isDone: boolean
  /** It runs when nothing before it is open, and nothing behind it is begun meanwhile. */
  readonly isAlone: boolean
  /** It may change the item of its key. */
  readonly isChange: boolean
  readonly keyHash: number
}

/** Waits until more requests may be on their way. */
export interface EngineRoomWaiter {
  roomMade(): void
}

/**
 * An engine whose items live on other machines: replies come later. A connection prepares each request, starts it, and
 * finishes it once it is done, in the order of the requests.
 *
 *     request ─ prepare ─▶ call ─ start ─▶ … ─ done ─▶ finish ─▶ request and reply, as after `execute`
 */
export interface RemoteEngine extends Engine {
  /** False: as many requests are on their way as may be. */
  readonly hasRoom: boolean
  waitForRoom(waiter: EngineRoomWaiter): void

  /** Whether `execute` runs the request at once, as long as no request of its connection is open. */
  isLocal(request: Request): boolean

  /** Copies all that is needed of the request. */
  prepare(request: Request, reply: Reply): RemoteCall

  /** The same for a request that was refused already: the reply says why. */
  prepareRefused(request: Request, reply: Reply): RemoteCall

  /** Calls `onDone` later, once. */
  start(call: RemoteCall, onDone: () => void): void

  /** The call will not be finished: its connection is closed. */
  drop(call: RemoteCall): void

  /** Values that have come and could not be sent yet take more memory than they may. */
  readonly isShort: boolean

  /** Restores the request, and fills in its reply. What the reply points to stays until `release`. */
  finish(call: RemoteCall, request: Request, reply: Reply): void

  /** Copies the value of that reply, also of one that is too long for the arena. */
  copyValue(target: Uint8Array): void
}
