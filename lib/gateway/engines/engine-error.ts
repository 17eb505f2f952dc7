/**
 * What is to be done after an error of the engine. All but LOST and UNACKNOWLEDGED are known not to have changed anything.
 */
export const Remedy = {
  /** The slot is on another node, from now on or for this command. */
  MOVED: 0,
  ASK: 1,
  /** The script has to be sent once. */
  LOAD: 2,
  /** The node cannot run it now: later, maybe on another node. */
  LATER: 3,
  /** The connection was lost: the command may have been run, or not. */
  LOST: 4,
  /** The key holds something else than a string. */
  FOREIGN: 5,
  FULL: 6,
  REFUSED: 7,
  /** It was made, and too few replicas have it: it may be lost with its primary. */
  UNACKNOWLEDGED: 8,
} as const
export type Remedy = (typeof Remedy)[keyof typeof Remedy]

/** Errors of the engine begin with a word in capitals. Those of a script may have it further behind (before Redis 7). */
const WORDS: readonly (readonly [pattern: RegExp, remedy: Remedy])[] = [
  [/^MOVED /, Remedy.MOVED],
  [/^ASK /, Remedy.ASK],
  [/^NOSCRIPT/, Remedy.LOAD],
  [/^(TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|BUSY)\b/, Remedy.LATER],
  [/\bREADONLY\b/, Remedy.LATER],
  [/\bWRONGTYPE\b/, Remedy.FOREIGN],
  [/\bOOM\b/, Remedy.FULL],
]

/** Said of commands that were not written to the socket. */
const UNSENT = "Stream isn't writeable"

export class UnacknowledgedError extends Error {
  override readonly name = 'UnacknowledgedError'
}

export function remedyFor(error: Error): Remedy {
  // Only errors that the engine has sent have this name.
  if (error instanceof UnacknowledgedError) return Remedy.UNACKNOWLEDGED
  if (error.name !== 'ReplyError') return error.message.startsWith(UNSENT) ? Remedy.LATER : Remedy.LOST
  return WORDS.find(([pattern]) => pattern.test(error.message))?.[1] ?? Remedy.REFUSED
}

/** The address in `MOVED 3999 127.0.0.1:6381`. If the host is empty or `?`, it is that of the node which said so. */
export function redirectionIn(
  { message }: Error,
  ownHost: string,
): { slot: number; host: string; port: number } {
  const [, slot = '', address = ''] = message.split(' ')
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon)
  return {
    slot: Number(slot),
    host: host === '' || host === '?' ? ownHost : host,
    port: Number(address.slice(colon + 1)),
  }
}
