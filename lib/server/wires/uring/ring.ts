import type { Message } from './message.js'
import type { RingMemory } from './ring-memory.js'

/** A ring, as its wires see it. */
export interface Ring {
  readonly memory: RingMemory
  /** Sends without the ring, and at once. */
  readonly message: Message
  /** Rises when the memory of replies is used again. */
  readonly sendRound: number
  /** A handle of a wire is being closed, which ends in Node's loop: that is to happen before later requests are answered. */
  isHandleClosing: boolean
  /** Returns the slot of a new wire. */
  enter(user: RingUser): number
  /** The wire has no request under way, and makes no more. */
  leave(slot: number): void
  /**
   * Reads, until a read is told to be the last one, or nothing was received. With `isLikelyEmpty` the kernel waits before it tries.
   * Returns false if the kernel takes no more requests.
   */
  receive(slot: number, isLikelyEmpty: boolean): boolean
  /** Reads to this place of the arena at once, without the ring. Returns 0 at the end, and -1 if nothing has come. */
  receiveNow(fd: number, start: number, length: number): number
  /** Whether the peer has ended its side, or reset. Uses this byte of the arena. */
  hasEnded(fd: number, start: number): boolean
  /**
   * Sends a copy of these bytes of the arena with the next call. Until `sendRound` rises it is unknown whether the kernel takes them,
   * and they are at the place that is returned. -1 if there is no room.
   */
  send(slot: number, start: number, length: number): number
  /** Gives the kernel what waits. Replies that it has not sent are saved before their memory is used again. */
  flush(): void
  /**
   * Cancels the requests of a wire that is to ask again, or whose descriptor is about to be closed: the kernel would keep the socket
   * open for one that it has, and would apply another to the next socket of the same number. A request to read completes all the same.
   */
  cancel(slot: number): void
}

/** A wire, as its ring sees it. */
export interface RingUser {
  readonly fd: number
  /** So many bytes are in the arena at this place, which the kernel may fill again when this returns. The last read ends the request. */
  received(start: number, length: number, isLast: boolean): void
  /** 0 is the end of the stream, less is an error. The request has ended. */
  receivedNothing(result: number): void
  /** So many bytes of the reply that was queued were sent; less than 0 is an error. The rest is where it was. */
  sendFailed(result: number): void
}
