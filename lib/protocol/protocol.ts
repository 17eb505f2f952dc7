import type { Arena } from '../arena/arena.js'
import type { Output } from '../arena/output.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'

/** What a connection needs of a protocol: two functions between bytes of the arena and the records of `request/`. */
export interface Protocol {
  /**
   * Reads the request that begins at `start`. Returns where the next one begins, NEED_MORE when its bytes are not all
   * there yet, LONG_LINE when they will not fit into a window, or BROKEN when what is there is no request. Of a request
   * longer than READ_LENGTH only the part before the value has to be there: then the answer lies behind `end`.
   */
  decodeRequest(arena: Arena, start: number, end: number, request: Request): number

  /**
   * Writes the reply, or nothing, where the request asked for nothing. Values longer than `linkFrom` bytes are linked.
   */
  encodeReply(arena: Arena, request: Request, reply: Reply, output: Output, linkFrom: number): void
}

export const NEED_MORE = -1
export const BROKEN = -2
/** A line that is longer than a window, and whose end has not come yet. */
export const LONG_LINE = -3
