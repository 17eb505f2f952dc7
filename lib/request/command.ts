/** The commands, for every protocol. */
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
  /** A get that also returns facts about the item, and may change it (meta). */
  META_GET: 20,
  /** Describes an item. */
  DESCRIBE: 21,
  /** A login by name and password (text). */
  LOG_IN: 22,
  /** Begins to list items. */
  LIST: 23,
  /** Continues the list that the session is in the middle of. */
  LIST_NEXT: 24,
  VERBOSITY: 25,
  LIMIT_MEMORY: 26,
  MOVE_CLOCK: 27,
  SHUT_DOWN: 28,
  REFRESH_CERTIFICATES: 29,
  /** From now on the connection receives events, and sends no more requests. */
  WATCH: 30,
  /** A get that waits until the item changes (meta). */
  META_WAIT: 31,
  /** Flushes the items whose keys begin with the request's key. */
  FLUSH_PREFIX: 32,
} as const

export type Command = (typeof Command)[keyof typeof Command]
