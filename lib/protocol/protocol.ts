import type { Arena } from '../arena/arena.js'
import type { Output } from '../arena/output.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'

/** A protocol, for a connection: two functions between bytes of the arena and the records of `request/`. */
export interface Protocol {
  /**
   * Reads the request that begins at `start`. Returns where the next one begins, NEED_MORE if its bytes are incomplete,
   * LONG_LINE if they will not fit into a window, or BROKEN if they are not a request. Of a request longer than
   * READ_LENGTH only the part before the value has to be there: then the result lies behind `end`.
   */
  decodeRequest(arena: Arena, start: number, end: number, request: Request): number

  /**
   * Writes the reply, or nothing if the request wants none. Values longer than `linkFrom` bytes are linked.
   */
  encodeReply(arena: Arena, request: Request, reply: Reply, output: Output, linkFrom: number): void

  /**
   * Lists keys of the requests in a range, each as start and length, until `keys` is full. Returns the number of filled words.
   * The requests may be no requests at all.
   */
  readonly listKeys?: (arena: Arena, start: number, end: number, keys: Int32Array) => number
}

export const NEED_MORE = -1
export const BROKEN = -2
/** A line that is longer than a window, and whose end has not arrived yet. */
export const LONG_LINE = -3
