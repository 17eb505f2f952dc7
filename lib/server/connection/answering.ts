import type { Protocol } from '../../protocol/protocol.js'

/** What becomes of a request that is not answered in the loop: it waited for its value, or was refused. */
export interface Answering {
  /** Executes the request in the worker's record, and appends the reply. */
  answer(protocol: Protocol): void
  /** Appends the reply in the worker's record: the request was refused. */
  putReply(protocol: Protocol): void
}
