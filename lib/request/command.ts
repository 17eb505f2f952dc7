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
} as const

export type Command = (typeof Command)[keyof typeof Command]

/** Whether a command changes what is stored: then it may have to wait for a disk. */
export const CHANGES: Readonly<Record<Command, boolean>> = {
  [Command.GET]: false,
  [Command.TOUCH]: true,
  [Command.GET_AND_TOUCH]: true,
  [Command.SET]: true,
  [Command.ADD]: true,
  [Command.REPLACE]: true,
  [Command.APPEND]: true,
  [Command.PREPEND]: true,
  [Command.DELETE]: true,
  [Command.INCREMENT]: true,
  [Command.DECREMENT]: true,
  [Command.FLUSH]: true,
  [Command.NOOP]: false,
  [Command.VERSION]: false,
  [Command.STATS]: false,
  [Command.QUIT]: false,
  [Command.SASL_MECHANISMS]: false,
  [Command.SASL_START]: false,
  [Command.SASL_STEP]: false,
  [Command.UNKNOWN]: false,
}
