import type { CommandName } from './commands.js'
import type { ErrorName } from './outcomes.js'

/**
 * A fault, and when it happens:
 *
 *     { on: 'get', key: /^user:/, times: 1, then: 'timeout' }
 *
 * Conditions that are left out hold for every request. Of several faults whose conditions hold, the first happens.
 */
export interface Fault {
  /** The commands, by name; `connect` is the arrival of a connection. */
  readonly on?: FaultOccasion | readonly FaultOccasion[]
  /** The key, or a pattern that it matches. */
  readonly key?: string | RegExp
  /** The number of the connection. */
  readonly connection?: number
  /** How often it happens at most. */
  readonly times?: number
  /** How many requests with these conditions pass before the first fault. */
  readonly after?: number
  /** How likely it is to happen, above 0 and at most 1. The seed of the server decides. */
  readonly probability?: number
  /** What happens. */
  readonly then: FaultEffect
}

export type FaultOccasion = CommandName | 'connect'

export type FaultEffect =
  /** The command is not run, and this error is its reply. */
  | ErrorName
  /** The command is run. Its reply is never sent, nor any later reply of the connection. */
  | 'timeout'
  /** The command is run, and the connection is closed before its reply. */
  | 'close'
  /** Random bytes are sent instead of the reply, as many as it has. */
  | 'garbage'
  /** The reply has another opaque (binary and meta; the text protocol has none). */
  | 'wrong opaque'
  /** The reply is sent a byte at a time, one every 10 ms. */
  | 'slow'
  /** The item is evicted before the command is run. */
  | 'evict'
  /** All connections are closed, and the items are lost. The command is not run. */
  | 'restart'
  /** The system refuses new connections until the fault is removed (`connect`). */
  | 'refuse'
  /** The connection is reset as soon as it is accepted (`connect`). */
  | 'reset'
  /** The reply is sent so much later: milliseconds, or a text such as `2s`. Later replies of the connection wait behind it. */
  | { readonly delay: number | string }
  /** The connection is closed before or after the reply, or after so many bytes of it. */
  | { readonly close: 'before' | 'after' | number }
  /** So many random bytes are sent instead of the reply. */
  | { readonly garbage: number }
  /** The reply is sent a byte at a time, each after so many milliseconds. */
  | { readonly slow: number | string }
  /** These bytes are the reply. The command is not run. */
  | { readonly reply: string | Uint8Array }
  | { readonly restart: 'with items' | 'without items' }
