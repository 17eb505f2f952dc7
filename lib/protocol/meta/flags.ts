import { Trait } from '../../request/trait.js'

/** The argument of a flag. */
export const Argument = {
  NONE: 0,
  /** An expiry: signed, 32 bits. */
  SECONDS: 1,
  /** Unsigned, 64 bits. */
  NUMBER: 2,
  /** One letter. */
  MODE: 3,
  /** Any text, returned or ignored. */
  ANYTHING: 4,
} as const
export type Argument = (typeof Argument)[keyof typeof Argument]

export interface Flag {
  readonly letter: string
  readonly argument: Argument
  /** What the request asks for with it. */
  readonly trait: number
  readonly meaning: string
}

function row(letter: string, argument: Argument, trait: number, meaning: string): Flag {
  return { letter, argument, trait, meaning }
}

/** Every flag; each command decides which of them it uses. */
export const FLAGS: readonly Flag[] = [
  row('b', Argument.NONE, Trait.BASE64_KEY, 'the key is in base64, here and in the reply'),
  row('c', Argument.NONE, 0, 'return the cas'),
  row('f', Argument.NONE, 0, 'return the client flags'),
  row('h', Argument.NONE, 0, 'return whether it was read before'),
  row('k', Argument.NONE, 0, 'return the key'),
  row('l', Argument.NONE, 0, 'return the seconds since the last read'),
  row('q', Argument.NONE, 0, 'do not send the expected reply'),
  row('s', Argument.NONE, 0, "return the value's length"),
  row('t', Argument.NONE, 0, 'return the remaining time to live'),
  row('u', Argument.NONE, Trait.UNSEEN, 'do not count as a read'),
  row('v', Argument.NONE, Trait.VALUE, 'give the value'),
  row('x', Argument.NONE, Trait.EMPTY, 'leave the item without its value'),
  row('C', Argument.NUMBER, Trait.NAMES_CAS, 'the cas that it must have'),
  row('D', Argument.NUMBER, 0, 'by how much to count'),
  row('E', Argument.NUMBER, Trait.OWN_CAS, 'the new cas of the item'),
  row('F', Argument.NUMBER, 0, 'its client flags'),
  row('I', Argument.NONE, Trait.INVALIDATE, 'mark it as stale, or let a stale value in'),
  row('J', Argument.NUMBER, 0, 'where to count from'),
  row('M', Argument.MODE, 0, 'how to store, or which way to count'),
  row('N', Argument.SECONDS, Trait.VIVIFY, 'create a missing item, with this time to live'),
  row('O', Argument.ANYTHING, 0, 'to be sent back'),
  row(
    'R',
    Argument.SECONDS,
    Trait.RECACHE,
    'if the item expires within this time, the first client that gets it is to renew it',
  ),
  row('T', Argument.SECONDS, Trait.TOUCH, 'the new time to live'),
  // For proxies; a server ignores them.
  row('L', Argument.ANYTHING, 0, 'ignored'),
  row('P', Argument.ANYTHING, 0, 'ignored'),
]

/** The row of a letter, or -1, for each of the 128 characters. */
export const FLAG_ROWS = new Int8Array(128).fill(-1)
for (const [index, { letter }] of FLAGS.entries()) FLAG_ROWS[letter.charCodeAt(0)] = index

export const OPAQUE_LENGTH_MAX = 32
/** A line has room for this many words after the verb. */
export const WORD_COUNT_MAX = 19
