/** What a request asks for, whichever protocol it came in. */
export const Command = {
  GET: 0,
  TOUCH: 1,
  GET_AND_TOUCH: 2,
  SET: 3,
  ADD: 4,
  REPLACE: 5,
  APPEND: 6,
  PREPEND: 7,
  DELETE: 8,
  INCREMENT: 9,
  DECREMENT: 10,
  FLUSH: 11,
  NOOP: 12,
  VERSION: 13,
  STATS: 14,
  QUIT: 15,
  SASL_MECHANISMS: 16,
  SASL_START: 17,
  SASL_STEP: 18,
  UNKNOWN: 19,
  /** A get that also asks about the item, and may change it (meta). */
  META_GET: 20,
  /** What there is to say about an item. */
  DESCRIBE: 21,
  /** A login by name and password (text). */
  LOG_IN: 22,
  /** Begins to list items. */
  LIST: 23,
  /** Goes on with the list that the session is in the middle of. */
  LIST_NEXT: 24,
  VERBOSITY: 25,
  LIMIT_MEMORY: 26,
  MOVE_CLOCK: 27,
  SHUT_DOWN: 28,
  REFRESH_CERTIFICATES: 29,
  /** From now on the connection hears of what others do, and asks for nothing more. */
  WATCH: 30,
} as const

export type Command = (typeof Command)[keyof typeof Command]
