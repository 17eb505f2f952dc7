import type { Protocol } from '../../protocol/protocol.js'
import { KEYS_AHEAD_MAX } from '../../request/limits.js'
import type { Worker } from './worker.js'

/**
 * Reads what the requests in a range will need. Not a part of `answerRequests`: there it would take the place of other functions
 * that V8 inlines (compiler.ts), and a set would cost 9 % more.
 */
export function readAhead(
  { arena, engine }: Worker,
  protocol: Protocol | undefined,
  start: number,
  end: number,
): void {
  if (protocol?.listKeys === undefined) return
  const filled = protocol.listKeys(arena, start, end, KEYS)
  // Two keys at least.
  if (filled > 2) engine.readAhead?.(KEYS, filled)
}

/** Of the batch that is being answered, by this thread. */
const KEYS = new Int32Array(2 * KEYS_AHEAD_MAX)
